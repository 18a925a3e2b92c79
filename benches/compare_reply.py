#!/usr/bin/env python3
"""Reply extraction beside its peers, on the same bodies in one run: processor time, one thread.

    python3 -m pip install mail-parser-reply quotequail
    python3 benches/compare_reply.py

Peers: the crate email_reply_parser (in benches/reply-peers, apart from the workspace), mail-parser-reply for plain
bodies and quotequail for HTML, both from PyPI. A peer that is not installed is left out and named.
"""

import json
import pathlib
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def measure(read, bodies):
    """MB/s and milliseconds a body; no more than a minute in all."""
    start, size, count = time.process_time(), 0, 0
    for body in bodies:
        read(body)
        size += len(body.encode())
        count += 1
        if time.process_time() - start > 60:
            break
    took = time.process_time() - start
    return f"{size / 1e6 / took:.3f} MB/s, {took * 1e3 / count:.2f} ms a body ({count} bodies)"


def plain_peer():
    from mailparser_reply import EmailReplyParser

    parser = EmailReplyParser(languages=["en"])
    return lambda body: parser.parse_reply(text=body)


def html_peer():
    import quotequail

    return quotequail.quote_html


def main():
    with tempfile.TemporaryDirectory() as folder:
        print("| | |\n|---|---|")
        for line in run(
            "cargo", "run", "--release", "--quiet", "-p", "threadfold-reply", "--example", "reply_speed", "--",
            "--write", folder,
        ).splitlines():
            print(f"| threadfold-reply | {line} |", flush=True)
        bodies = {
            form: [json.loads(line)["body"] for line in open(pathlib.Path(folder, f"{form}.jsonl"))]
            for form in ("plain", "html")
        }
        crate = run(
            "cargo", "run", "--release", "--quiet", "--manifest-path", "benches/reply-peers/Cargo.toml", "--",
            f"{folder}/plain.jsonl",
        )
        print(f"| email_reply_parser (crate), plain | {crate} |", flush=True)
        for name, form, peer in [
            ("mail-parser-reply (PyPI)", "plain", plain_peer),
            ("quotequail (PyPI)", "html", html_peer),
        ]:
            try:
                read = peer()
            except ImportError:
                print(f"| {name}, {form} | not installed |")
                continue
            print(f"| {name}, {form} | {measure(read, bodies[form])} |", flush=True)


if __name__ == "__main__":
    main()
