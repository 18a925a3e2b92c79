"""openai==0.28.1 tools fine_tunes.prepare_data: what it still finds in our legacy file."""

import pathlib
import re
import subprocess
import sys

from common import check, rows, version

# Findings that are none, by how they begin, and why.
KNOWN = {
    "Your file contains": "the number of examples, with its advice to have a few hundred",
    "Based on your data it seems like you're trying to fine-tune a model for": "its guess at the kind of task",
    "For conditional generation": "advice on prompts and stops in general",
    "All prompts end with suffix": "that is the separator, as it should be",
    "All completions end with suffix": "that is the stop text, as it should be",
    "There are": "it takes 10,000 characters for 2,048 tokens; long conversations are meant to be long",
    "All prompts start with prefix": "the marker or the greeting that all prompts share is text",
    "More than a third of your": "capitals that people wrote",
}


def prepare(path):
    folder = path.parent
    before = set(folder.iterdir())
    openai = pathlib.Path(sys.executable).with_name("openai")
    ran = subprocess.run([openai, "tools", "fine_tunes.prepare_data", "-f", path, "-q"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    for made in set(folder.iterdir()) - before:
        made.unlink()
    if ran.returncode != 0 or "ERROR" in ran.stdout:
        raise AssertionError(ran.stdout[-300:] + ran.stderr[-300:])
    analysis = ran.stdout.split("Based on the analysis we will perform")[0]
    findings = [line[2:] for line in analysis.splitlines() if line.startswith("- ")]
    unknown = [f for f in findings if not any(f.startswith(known) for known in KNOWN)]
    actions = re.findall(r"^- \[(?:Necessary|Recommended)\] (.*?)(?: \[Y/n\].*)?$", ran.stdout, re.M)
    # It would take the system text from every prompt, and calls 10,000 characters 2,048 tokens.
    long_only = [a for a in actions if not re.match(r"Remove \d+ long examples|Remove prefix `\[System\]", a)]
    if unknown or long_only:
        raise AssertionError(f"findings {unknown}, actions {long_only}")
    named = [known for known in KNOWN if any(f.startswith(known) for f in findings)]
    return f"{len(rows(path))} rows; known: {'; '.join(named)}" + (f"; {actions}" if actions else "")


folder = pathlib.Path(sys.argv[1])
for name in ("export", "plain", "hard"):
    path = folder / name / "train.prompt_completion.jsonl"
    check(version("openai") + " prepare_data", f"{name}/{path.name}", lambda: prepare(path))
