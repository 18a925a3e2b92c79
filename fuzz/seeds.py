#!/usr/bin/env python3
"""Makes the seed corpora under corpus/ from the bundled mailbox: plain files, one input each.

Usage: seeds.py [FOLDER]     (default: corpus, beside this script)
"""

import csv
import email
import email.policy
import io
import json
import mailbox
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parent / "fixtures"
LONGEST = 6000


def conversations():
    """Texts of the used messages, thread by thread."""
    threads = {}
    for line in (FIXTURES / "shop.expected.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row.get("kind") == "message" and row.get("fate") == "used":
            threads.setdefault(row["thread"], []).append((row["role"], row["text"], row.get("signature") or ""))
    return list(threads.values())


def dataset_rows():
    """(name's number as the target reads it, file) in several formats."""
    pairs = []
    for turns in conversations():
        roles = [role for role, _, _ in turns]
        if "customer" in roles and "agent" in roles:
            pairs.append((turns[roles.index("customer")][1], turns[roles.index("agent")][1]))
    dump = lambda value: json.dumps(value, ensure_ascii=False) + "\n"
    for n in range(0, len(pairs), 3):
        some = pairs[n : n + 3]
        chat = [[{"role": "user", "content": q}, {"role": "assistant", "content": a}] for q, a in some]
        yield 0, "".join(dump({"messages": m}) for m in chat)
        yield 0, "".join(dump({"prompt": q + "\n\n###\n\n", "completion": f" {a} END"}) for q, a in some)
        yield 0, "".join(dump({"prompt": m[:1], "completion": m[1:]}) for m in chat)
        yield 0, "".join(dump({"instruction": q, "input": "", "output": a}) for q, a in some)
        yield 0, "".join(
            dump({"conversations": [{"from": "human", "value": q}, {"from": "gpt", "value": a}]}) for q, a in some
        )
        yield 0, "".join(
            dump({"contents": [{"role": "user", "parts": [{"text": q}]}, {"role": "model", "parts": [{"text": a}]}]})
            for q, a in some
        )
        yield 1, json.dumps([{"messages": m} for m in chat], ensure_ascii=False, indent=1)
        for number, delimiter in ((2, ","), (2, ";"), (3, "\t")):
            out = io.StringIO()
            rows = csv.writer(out, delimiter=delimiter)
            rows.writerow(["prompt", "completion"])
            rows.writerows(some)
            yield number, out.getvalue()
        yield 4, "\n".join(a for _, a in some)


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "corpus"
    counts = {}

    def seed(target, data):
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogateescape")
        folder = root / target
        folder.mkdir(parents=True, exist_ok=True)
        counts[target] = counts.get(target, 0) + 1
        (folder / f"seed-{counts[target]:04}").write_bytes(data[:LONGEST])

    whole = (FIXTURES / "shop.mbox").read_bytes()
    mails = re.split(rb"(?m)^(?=From \S+ \S+ +\S+ +\d)", whole)[1:]
    for n in range(0, len(mails), 4):
        seed("split", b"".join(mail[:1500] + b"\n\n" for mail in mails[n : n + 3]))
    seed("split", b"\x01\x01\x01\x01\n" + mails[0][:500] + b"\x01\x01\x01\x01\n" * 2 + mails[1][:500] + b"\x01\x01\x01\x01\n")
    seed("split", b"%d\n%s<?xml version=\"1.0\"?>\n<plist></plist>\n" % (len(mails[2]), mails[2]))
    for mail in mails:
        message = mail.split(b"\n", 1)[1]
        if len(message) > LONGEST:
            continue
        head, _, body = message.partition(b"\n\n")
        seed("head", head + b"\n\n" + body[:100])
        seed("body", message)
    forms = {"text/plain": [], "text/html": []}
    for message in mailbox.mbox(FIXTURES / "shop.mbox", factory=lambda f: email.message_from_binary_file(f)):
        plain = html = None
        for part in message.walk():
            if part.get_content_type() not in forms:
                continue
            raw = part.get_payload(decode=True) or b""
            try:
                text = raw.decode(part.get_content_charset() or "utf-8", "replace")
            except LookupError:
                continue
            if part.get_content_type() == "text/plain":
                plain = plain or text
            else:
                html = html or text
        if html:
            seed("html", html)
            seed("reply", "2" + html)
        if plain:
            seed("reply", "\0" + plain)
        if plain and html:
            seed("reply", "\3" + plain + "\n%%\n" + html)
    for turns in conversations():
        texts = [text for _, text, _ in turns]
        seed("redact", "z" + "\n%%\n".join(texts[:4]))
        seed("redact", "\x18" + "\n%%\n".join(f"{text}\n\n{signature}" for _, text, signature in turns[:3]))
        if len(texts) > 1:
            seed("reply", "\0" + f"{texts[-1]}\n\n{texts[0]}\n%%\n%%\n{texts[0]}")
    for number, file in dataset_rows():
        seed("dataset", chr(number) + file)
    for target in sorted(counts):
        print(f"{target}: {counts[target]} seeds")


if __name__ == "__main__":
    main()
