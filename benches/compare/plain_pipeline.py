"""What one would write in an afternoon: mailbox + email + a reply parser + json.

    pip install email-reply-parser
    python3 plain_pipeline.py inbox.mbox out.jsonl AGENT-ADDRESS-OR-DOMAIN...

Reads every message once, joins threads by References and In-Reply-To, takes from each message its first plain text
(or the HTML with its tags cut out), lets email-reply-parser take the quotations off, and writes one example for each
conversation that ends with an answer. No copies, charsets that lie, lost headers, footers, ledger or redaction.
"""

import email.policy
import email.utils
import json
import mailbox
import re
import sys
from email import message_from_binary_file

from email_reply_parser import EmailReplyParser

TAG = re.compile(r"<(style|script).*?</\1>|<[^>]*>", re.I | re.S)
ID = re.compile(r"<[^<>\s]+>")


def text_of(message):
    plain = html = None
    for part in message.walk():
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and not part.get_filename():
            payload = part.get_payload(decode=True) or b""
            try:
                text = payload.decode(part.get_content_charset() or "utf-8", "replace")
            except LookupError:
                text = payload.decode("utf-8", "replace")
            if kind == "text/plain":
                plain = plain or text
            else:
                html = html or text
    return plain if plain is not None else TAG.sub(" ", html or "")


def main():
    source, target, *agents = sys.argv[1:]
    parent, node = {}, {}
    factory = lambda file: message_from_binary_file(file, policy=email.policy.compat32)
    box = mailbox.mbox(source, factory=factory, create=False)
    for number, message in enumerate(box):
        ids = ID.findall(str(message.get("References", ""))) + ID.findall(str(message.get("In-Reply-To", "")))
        own = (message.get("Message-ID") or f"<{number}@none>").strip()
        address = email.utils.parseaddr(str(message.get("From", "")))[1].lower()
        try:
            date = email.utils.mktime_tz(email.utils.parsedate_tz(message["Date"]))
        except (TypeError, ValueError, OverflowError):
            date = 0
        node[own] = {
            "role": "assistant" if any(address.endswith(a) for a in agents) else "user",
            "date": date,
            "text": EmailReplyParser.parse_reply(text_of(message)),
        }
        if ids:
            parent[own] = ids[-1]

    def root(i):
        seen = set()
        while i in parent and i not in seen:
            seen.add(i)
            i = parent[i]
        return i

    threads = {}
    for own in node:
        threads.setdefault(root(own), []).append(node[own])
    written = 0
    with open(target, "w", encoding="utf-8") as out:
        for thread in threads.values():
            thread.sort(key=lambda n: n["date"])
            turns = []
            for n in thread:
                if turns and turns[-1]["role"] == n["role"]:
                    turns[-1]["content"] += "\n\n" + n["text"]
                elif turns or n["role"] == "user":
                    turns.append({"role": n["role"], "content": n["text"]})
            while turns and turns[-1]["role"] == "user":
                turns.pop()
            if turns:
                out.write(json.dumps({"messages": turns}, ensure_ascii=False) + "\n")
                written += 1
    print(f"{len(node)} messages, {written} examples")


if __name__ == "__main__":
    main()
