#!/usr/bin/env python3
"""Gives the files that threadfold writes to the programs that are meant to read them. See README.md."""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import venv

HERE = pathlib.Path(__file__).resolve().parent

ENVIRONMENTS = {
    "legacy": (["openai[datalib]==0.28.1", "pandas<2", "numpy<2"], "legacy_check.py"),
    # By itself: with mistral-common's pydantic, pip would choose a version of 2024.
    "together": (["together<2"], "together_check.py"),
    "cheap": (
        ["mistral-common==1.4.4", "jsonschema", "pydantic", "google-genai", "datasets"],
        "cheap_check.py",
    ),
    "torch": (["torch", "trl", "transformers", "datasets", "accelerate"], "trl_check.py"),
    "mlx": (["mlx[cpu]", "mlx-lm"], "mlx_check.py"),
}

FORMATS = [
    "messages", "prompt_completion", "trl", "axolotl", "mlx", "alpaca", "sharegpt", "gemini",
    "bedrock_nova", "bedrock_llama", "bedrock_claude", "dpo", "dpo_openai", "rag", "text",
]

# Texts that hurt: (question, answer) pairs, the last answer being the completion.
HARD = [
    [("Two\u2028lines\u2029and a\u0085third", "Three.\u2028Really.")],
    [('She said "no" \\ and \'yes\' \t tab', "Quotes: \" ' ` \\n is not a line end")],
    [("\U0001f44d\U0001f3fd family \U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f600")],
    [("\u05e9\u05dc\u05d5\u05dd, \u05d0\u05d9\u05e4\u05d4 \u05d4\u05d4\u05d6\u05de\u05e0\u05d4 \u05e9\u05dc\u05d9?", "\u05d1\u05d3\u05e8\u05da. \u200fABC 123")],
    [("Operating System: Windows\nUser: kim\n[EOS] <image>", "Assistant: no. Bot: yes.\nHuman: maybe")],
    [("[Customer]\nnot a marker", "[Agent]\nnor this\n\n###\n\nnor that END")],
    [("First?", "One."), ("And second?", "Two."), ("Third then?", "Three: \u5b8c\u4e86\u3002")],
    [("How do I reset it?", "Switch it off and on."), ("That didn't work.", "Hold the button for ten seconds.")],
    [("=1+1", "+49 is the prefix\n\n\n- a list\n- of two")],
    [("<|endoftext|> <s> [INST] {{x}} {% y %}", "</s><|im_end|> is text here")],
]


def canonical(pairs, number):
    turns = []
    for question, answer in pairs:
        for role, text in (("customer", question), ("agent", answer)):
            turns.append({"role": role, "author": "", "date": None, "message_id": None, "recovered": False, "text": text})
    return {
        "id": f"{number:032x}", "thread": f"{number:032x}", "turns": turns, "language": None, "tokens": 0,
        "variant_of": None, "locators": [], "flags": [],
    }


def make_files(binary, folder):
    """An export of generated mail, and a folder of hard texts; both with every format."""
    def run(*words):
        subprocess.run([binary, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    formats = [word for name in FORMATS for word in ("--format", name)]
    run("generate", "-o", folder / "box.mbox", "--messages", "3000", "--seed", "7")
    run("export", folder / "box.mbox", "-o", folder / "export", "--examples", "every", "--system", "Be kind.", *formats)
    run("export", folder / "box.mbox", "-o", folder / "weighted", "--last-reply-only", "--examples", "every", "--format", "messages")
    run("export", folder / "box.mbox", "-o", folder / "plain", "--format", "prompt_completion")
    hard = folder / "hard"
    hard.mkdir()
    with open(hard / "examples.jsonl", "w", encoding="utf-8") as out:
        for number in range(40):
            # Each is a row of its own; a complaint must stay one, so only both ends get a number.
            pairs = list(HARD[number % len(HARD)])
            pairs[0] = (f"{pairs[0][0]} ({number})", pairs[0][1])
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {number}")
            out.write(json.dumps(canonical(pairs, number + 1), ensure_ascii=False) + "\n")
    for name in FORMATS:
        target = hard / ("mlx" if name == "mlx" else ".") / ("train.jsonl" if name == "mlx" else f"train.{name}.jsonl")
        target.parent.mkdir(exist_ok=True)
        run("convert", hard / "examples.jsonl", "--to", name, "-o", target)
    shutil.copy(hard / "mlx/train.jsonl", hard / "mlx/valid.jsonl")


def environment(name, cache):
    """The Python of an environment, or why there is none."""
    packages, _ = ENVIRONMENTS[name]
    folder = cache / name
    python = folder / "bin/python"
    done = folder / "installed"
    if done.exists() and done.read_text() == "\n".join(packages):
        return python, None
    try:
        venv.create(folder, with_pip=True)
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        made = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        return None, str(error)
    if made.returncode != 0:
        return None, (made.stderr.strip().splitlines() or ["pip failed"])[-1]
    done.write_text("\n".join(packages))
    return python, None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path.home() / ".cache/threadfold-acceptance")
    parser.add_argument("--only", default=",".join(ENVIRONMENTS))
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        make_files(args.binary.resolve(), folder)
        for name in args.only.split(","):
            python, why = environment(name, args.cache)
            if python is None:
                rows.append((name, "-", "skipped", why))
                continue
            script = HERE / ENVIRONMENTS[name][1]
            ran = subprocess.run([python, script, folder], capture_output=True, text=True)
            lines = [line for line in ran.stdout.splitlines() if line.startswith("RESULT\t")]
            rows.extend(tuple(line.split("\t")[1:5]) for line in lines)
            if ran.returncode != 0:
                last = (ran.stderr.strip().splitlines() or ["no message"])[-1]
                rows.append((name, script.name, "failed", last))
            elif not lines:
                rows.append((name, script.name, "failed", "said nothing"))
    widths = [max(len(row[i]) for row in rows + [("consumer", "file", "verdict", "")]) for i in range(3)]
    for row in [("consumer", "file", "verdict", "detail"), *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)) + "  " + row[3])
    bad = sum(row[2] == "failed" for row in rows)
    skipped = sum(row[2] == "skipped" for row in rows)
    print(f"\n{sum(row[2] == 'passed' for row in rows)} passed, {bad} failed, {skipped} skipped")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
