"""Together's own check of files before they are uploaded."""

import json
import pathlib
import subprocess
import sys

from common import check, rows, version

folder = pathlib.Path(sys.argv[1])


def together(path):
    command = pathlib.Path(sys.executable).with_name("together")
    ran = subprocess.run([command, "files", "check", path], capture_output=True, text=True, env={"TOGETHER_API_KEY": "none", "PATH": "/usr/bin:/bin", "HOME": "/tmp"})
    text = ran.stdout[ran.stdout.index("{"):]
    report = json.loads(text[: text.rindex("}") + 1])
    if not report["is_check_passed"]:
        raise AssertionError(report)
    return f"{report.get('num_samples')} samples"


for place in ("export", "hard", "weighted"):
    for name in ("messages", "prompt_completion", "text", "dpo_openai"):
        path = folder / place / f"train.{name}.jsonl"
        if path.exists() and rows(path):
            check(version("together") + " files check", f"{place}/{path.name}", lambda: together(path))
