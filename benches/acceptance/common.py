"""What the checks share."""

import importlib.metadata
import json
import traceback


def version(package):
    try:
        return f"{package} {importlib.metadata.version(package)}"
    except importlib.metadata.PackageNotFoundError:
        return package


def result(consumer, file, verdict, detail=""):
    detail = " ".join(str(detail).split())[:300]
    print("\t".join(["RESULT", consumer, str(file), verdict, detail]), flush=True)


def check(consumer, file, function):
    """Runs a check: it fails by raising; what it returns is the detail. Not installed is skipped."""
    try:
        result(consumer, file, "passed", function() or "")
    except ImportError as error:
        result(consumer, file, "skipped", error)
    except Exception as error:  # every failure is a row of the table
        place = traceback.extract_tb(error.__traceback__)[-1]
        result(consumer, file, "failed", f"{type(error).__name__}: {error} ({place.filename.rsplit('/', 1)[-1]}:{place.lineno})")


def rows(path):
    # Not splitlines: it cuts at U+2028.
    with open(path, encoding="utf-8", newline="\n") as file:
        return [json.loads(line) for line in file]
