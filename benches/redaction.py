#!/usr/bin/env python3
"""Export a generated mailbox with planted personal data, and look for every planted value in every output file.

Usage: redaction.py BINARY [--messages N] [--seed N] [--show N] [--keep-folder DIR]

Figures: values planted in messages that were used; how many of them stand nowhere in the output (covered);
how often the shop's own facts (telephone, web pages) stand in answers with and without redaction (damaged).
A value is found in any letter case, with any white space, and a number in any grouping.

Exit status: 0; 1 when a planted value was found, or more than one business fact in a hundred is gone.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import time

SPACE = re.compile(r"\s+")


def norm(text):
    return SPACE.sub(" ", text).casefold()


def digits(text):
    return re.sub(r"(?<=\d)[\s().+/-]+(?=\d)", "", text)


def texts(folder):
    """Every file as it is, and JSON lines also as a reader of JSON sees them."""
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            text = file.read()
        yield name, text
        if name.endswith(".jsonl"):
            yield name, "\n".join(strings(text))


def strings(text):
    for line in text.splitlines():
        stack = [json.loads(line)]
        while stack:
            value = stack.pop()
            if isinstance(value, str):
                yield value
            elif isinstance(value, list):
                stack.extend(value)
            elif isinstance(value, dict):
                stack.extend(value.values())


def answers(folder):
    with open(os.path.join(folder, "examples.jsonl"), encoding="utf-8") as file:
        for line in file:
            for turn in json.loads(line)["turns"]:
                if turn["role"] == "agent":
                    yield turn["text"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--show", type=int, default=0, help="print so many values that were found")
    parser.add_argument("--keep-folder", help="work in this folder and leave it")
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = a.keep_folder or temporary
        os.makedirs(folder, exist_ok=True)
        binary = os.path.abspath(a.binary)
        run = lambda *args: subprocess.run([binary, *args], cwd=folder, check=True, stderr=subprocess.DEVNULL)
        run("generate", "-o", "box.mbox", "--messages", str(a.messages), "--seed", str(a.seed), "--personal", "0.5", "--force")
        run("export", "box.mbox", "-o", "plain", "--no-redact", "--force")
        start = time.perf_counter()
        run("export", "box.mbox", "-o", "redacted", "--force")
        took = time.perf_counter() - start

        planted = collections.Counter()
        with open(os.path.join(folder, "box.mbox.truth.jsonl"), encoding="utf-8") as file:
            for line in map(json.loads, file):
                if line.get("planted") and line["fate"] == "used":
                    planted.update((p["type"], p["value"]) for p in line["planted"])
        outputs = [(name, norm(text), digits(text)) for name, text in texts(os.path.join(folder, "redacted"))]
        found, by_type = collections.Counter(), collections.Counter()
        for (kind, value), _ in sorted(planted.items()):
            by_type[kind] += 1
            number = re.sub(r"\D", "", value)
            grouped = len(number) >= 9 and not re.search(r"[^\W\d_]{3}", value)
            for name, text, runs in outputs:
                if norm(value) in text or grouped and number in runs:
                    found[kind] += 1
                    if a.show > 0:
                        a.show -= 1
                        print(f"found {kind} {value!r} in {name}")
                    break
        for kind in sorted(by_type):
            print(f"{kind:12} planted {by_type[kind]:6}  found {found[kind]:4}")
        total, left = sum(by_type.values()), sum(found.values())
        print(f"covered {1 - left / max(1, total):.4f} ({left} of {total} values found)")

        facts = collections.Counter()
        pattern = re.compile(r"\+1 \(555\) 555-01\d\d|https://[a-z.-]+/service/[a-z]+")
        for text in answers(os.path.join(folder, "plain")):
            facts["plain"] += len(pattern.findall(text))
        for text in answers(os.path.join(folder, "redacted")):
            facts["redacted"] += len(pattern.findall(text))
        damaged = 1 - facts["redacted"] / max(1, facts["plain"])
        size = os.path.getsize(os.path.join(folder, "box.mbox")) / 1e6
        print(f"business facts {facts['plain']}, damaged {damaged:.4f}; {size / took:.1f} MB/s of mailbox, all steps")
        sys.exit(int(left > 0 or damaged > 0.01))


if __name__ == "__main__":
    main()
