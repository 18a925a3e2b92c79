#!/usr/bin/env python3
"""Compare what threadfold reads in messages with Python's `email`, mail-parser and mailparse.

Usage: differential.py OPINIONS PATH… [--mutate N] [--seed S] [--sample SHARE] [--list KIND] [--limit SHARE] [--json]

OPINIONS is the program of that name in benches/yardstick (`cargo build -p threadfold-yardstick --bin opinions`),
each PATH an archive that threadfold reads: an mbox, a folder of .eml files, a Maildir. With --mutate, N damaged
copies of each message are compared too (bytes, lines, labels, boundaries, line ends; seeded).

Compared are subject, Message-ID, date and the decoded text. Python's text is put together here by the rules that
threadfold states (the plain form if every text has one, attachments left out, format=flowed unwrapped), over
Python's parse: what differs is decoding and structure. A message counts as one that Python decodes *without defects*
if `email` registers none, every charset is known to Python and decodes strictly, and base64 and quoted-printable
are well formed.

Kinds of difference in the text (the first that fits):
  utf8      the bytes are valid UTF-8 under another label; threadfold believes the bytes
  superset  a charset label that the web reads as its superset (latin-1 as windows-1252, gb2312 as gbk …)
  enriched, uuencode  text/enriched, or a uuencoded file inside the text: Python hands both out undecoded, so
            these are counted apart and are no part of the share
  stub      a plain part that only says "this is HTML" stands beside an HTML part
  space     white space only
  fewer     threadfold has words that Python has not; `more` the other way round; `other` both

Exit status: 1 if the share of equal texts among those Python decodes without defects is below --limit (per cent).
Standard library only.
"""
import argparse
import base64
import binascii
import collections
import email
import email.header
import email.utils
import json
import pathlib
import random
import re
import subprocess
import sys
import unicodedata

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f]")


def clean(text):
    text = re.sub(r"\r+\n", "\n", text).replace("\r", "\n")
    return CONTROL.sub("", text.replace("\x85", "\n"))


def unflow(text, delsp):
    out, open_depth = [], None
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        body = line[depth:]
        body = body[1:] if body.startswith(" ") else body
        signature = body == "-- "
        flows = body.endswith(" ") and not signature and body.strip()
        piece = body[:-1] if flows and delsp else body
        if open_depth == depth and not signature and out:
            out[-1] += piece
        else:
            out.append(">" * depth + (" " if depth and body else "") + piece)
        open_depth = depth if flows else None
    return "\n".join(out)


class Reading:
    """What Python makes of a message, and what was wrong with it."""

    def __init__(self, raw):
        self.defects = set()
        self.notes = set()
        self.seen_text = False
        self.message = email.message_from_bytes(raw)
        for part in self.message.walk():
            self.defects.update(type(d).__name__ for d in part.defects)
        self.subject = self.header("Subject")
        self.message_id = str(self.message.get("Message-ID") or "").strip()
        self.date = None
        try:
            date = email.utils.parsedate_tz(str(self.message.get("Date") or ""))
            self.date = email.utils.mktime_tz(date) if date else None
        except (ValueError, OverflowError, TypeError, IndexError):
            pass
        self.plain, self.html = self.forms(self.message, True)
        strip = lambda text: None if text is None else text.rstrip("\n")
        self.plain, self.html = strip(self.plain), strip(self.html)

    def header(self, name):
        value = self.message.get(name)
        if value is None:
            return ""
        try:
            return " ".join(clean(str(email.header.make_header(email.header.decode_header(value)))).split())
        except (LookupError, UnicodeError, ValueError, email.errors.HeaderParseError, AssertionError):
            return None

    def forms(self, part, top=False):
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            children = [self.forms(child) for child in part.get_payload()]
            if part.get_content_subtype() == "alternative":
                plain = html = None
                for p, h in children:
                    html = h if h is not None else html
                    if p is not None and plain is not None:
                        plain = plain if plain.split() == p.split() else join_texts(plain, p)
                    elif p is not None:
                        plain = p
                return plain, html
            return join([f for f in children if f != (None, None)])
        if part.is_multipart():
            return None, None
        return self.leaf(part, top)

    def leaf(self, part, top):
        kind = part.get_content_type()
        if kind not in ("text/plain", "text/html", "text/enriched", "text/richtext"):
            if kind == "text/calendar":
                self.notes.add("calendar")
            return None, None
        before, self.seen_text = self.seen_text, True
        name = part.get_filename()
        attached = (part.get_content_disposition() or "") == "attachment"
        if not top and (attached or name is not None):
            if not re.fullmatch(r"att\d+\.(txt|html?)", (name or "").lower()) and (attached or before):
                return None, None
        text = self.decode(part)
        if text is None:
            return None, None
        if kind in ("text/enriched", "text/richtext"):
            self.notes.add("enriched")
        if re.search(r"(?m)^begin [0-7]{3,4} ", text):
            self.notes.add("uuencode")
        if kind == "text/plain" and str(part.get_param("format") or "").lower() == "flowed":
            text = unflow(text, str(part.get_param("delsp") or "").lower() == "yes")
        if kind == "text/html" or re.match(r"(?i)\s*(<!doctype html|<html>)", text):
            shown = re.sub(r"(?is)<(style|script|title)\b.*?</\1[^>]*>|<!--.*?-->|<[^>]*>|&nbsp;|&#160;", "", text)
            return None, text if not blank(shown) else None
        return (None if blank(text) else text), None

    def decode(self, part):
        encoding = str(part.get("Content-Transfer-Encoding") or "7bit").strip().lower()
        coded = part.get_payload()
        if not isinstance(coded, str):
            return None
        if encoding == "base64":
            try:
                base64.b64decode("".join(coded.split()), validate=True)
            except (binascii.Error, ValueError):
                self.defects.add("base64")
        elif encoding == "quoted-printable":
            if re.search(r"=(?![0-9A-Fa-f]{2}|[ \t]*\r?\n|[ \t]*\Z)", coded):
                self.defects.add("quoted-printable")
        elif encoding not in ("7bit", "8bit", "binary"):
            self.defects.add("encoding " + encoding)
        raw = part.get_payload(decode=True)
        self.defects.update(type(d).__name__ for d in part.defects)
        label = part.get_content_charset()
        try:
            valid = raw.decode("utf-8")
        except UnicodeDecodeError:
            valid = None
        try:
            text = raw.decode(label or "utf-8")
        except (LookupError, UnicodeError):
            self.defects.add("charset")
            return clean(raw.decode("latin-1"))
        if not raw.isascii():
            if valid is not None and valid != text:
                self.notes.add("utf8")
            elif re.search(r"8859-1\b|latin-?1|ascii|gb2312|ks_?c|euc-kr|big5|shift|sjis|8859-9|tis-620|8859-11", label or ""):
                self.notes.add("superset")
        return clean(text)


def blank(text):
    return all(c.isspace() or c in "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufffc\xad" for c in text)


def join_texts(first, second):
    return first + ("" if first.endswith("\n") else "\n") + second


def as_html(text):
    escaped = text.rstrip("\n").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "<div>" + escaped.replace("\n", "<br>\n") + "</div>\n"


def join(forms):
    if len(forms) <= 1:
        return forms[0] if forms else (None, None)
    html = None
    if any(h is not None for _, h in forms):
        html = "".join(h + "\n" if h is not None else as_html(p) for p, h in forms)
    plain = None
    if all(p is not None for p, _ in forms):
        plain = forms[0][0]
        for p, _ in forms[1:]:
            plain = join_texts(plain, p)
    return plain, html


def squashed(text):
    return "".join(unicodedata.normalize("NFC", text or "").split())


def words(text):
    return collections.Counter(re.findall(r"\w+", text or ""))


def kind_of(ours, theirs):
    """None if the texts are the same, else the kind of the difference."""
    if ours["plain"] == theirs.plain and (ours["plain"] is not None or ours["html"] == theirs.html):
        return None
    for note in ("enriched", "uuencode"):
        if note in theirs.notes:
            return note
    plain_only = ours["plain"] is None and ours["html"] is not None and theirs.plain is not None
    if plain_only and ours["html"] == theirs.html:
        return "stub"
    mine = ours["plain"] if ours["plain"] is not None else ours["html"]
    other = theirs.plain if ours["plain"] is not None or theirs.html is None else theirs.html
    if squashed(mine) == squashed(other):
        return "space"
    for note in ("utf8", "superset"):
        if note in theirs.notes:
            return note
    more, fewer = words(mine) - words(other), words(other) - words(mine)
    return "other" if more and fewer else "fewer" if more else "more" if fewer else "order"


def peer_differs(ours, theirs):
    if theirs is None:
        return "nothing"
    if ours["plain"] is not None and squashed(ours["plain"]) == squashed("".join(theirs["plain"])):
        return None
    if ours["html"] is not None and squashed(ours["html"]) == squashed("".join(theirs["html"])):
        return None
    if ours["plain"] is None and ours["html"] is None and not "".join(theirs["plain"] + theirs["html"]).strip():
        return None
    return "text"


def mutated(raw, rng):
    """A damaged copy."""
    data = bytearray(raw)
    for _ in range(rng.choice((1, 1, 2, 4))):
        lines = bytes(data).split(b"\n")
        at = rng.randrange(len(lines))
        how = rng.randrange(14)
        if how == 0 and data:
            data[rng.randrange(len(data))] = rng.randrange(256)
            continue
        if how == 1 and data:
            del data[rng.randrange(len(data)) :]
            continue
        if how == 2:
            data = bytearray(re.sub(rb"\r?\n", b"\r\n", bytes(data)))
            continue
        if how == 3:
            position = rng.randrange(len(data) + 1)
            data[position:position] = rng.choice((b"\0", b"\r", b"\n", b"=", b"\xe9", b"\xc3\xa9", b"--", b"\x1b$B"))
            continue
        if how == 4:
            lines.pop(at)
        elif how == 5:
            lines.insert(at, lines[rng.randrange(len(lines))])
        elif how == 6 and b"" in lines:
            lines.remove(b"")
        elif how == 7:
            lines.insert(at, b"")
        elif how in (8, 9):
            label = rng.choice((b"us-ascii", b"utf-8", b"iso-8859-1", b"gb2312", b"x-unknown", b"iso-2022-jp", b"utf-7"))
            lines = [re.sub(rb"(?i)charset=\"?[\w-]+\"?", b"charset=" + label, line) for line in lines]
        elif how == 10:
            word = rng.choice((b"7bit", b"base64", b"quoted-printable", b"binary", b"x-uuencode"))
            lines = [re.sub(rb"(?i)^(content-transfer-encoding:).*", rb"\1 " + word, line) for line in lines]
        elif how == 11:
            delimiters = [i for i, line in enumerate(lines) if line.startswith(b"--") and len(line) > 6]
            if delimiters:
                lines.pop(rng.choice(delimiters))
        elif how == 12:
            fields = [i for i, line in enumerate(lines) if re.match(rb"[A-Za-z-]+:", line)]
            if fields:
                i = rng.choice(fields)
                lines[i] = lines[i].replace(b": ", b":\n ", 1)
        else:
            other = rng.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        data = bytearray(b"\n".join(lines))
    return bytes(data)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1])
    parser.add_argument("opinions")
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--mutate", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=float, default=1.0)
    parser.add_argument("--list")
    parser.add_argument("--limit", type=float, default=0.0)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    failed = False
    for path in args.paths:
        failed |= compare(args, path, rng)
    sys.exit(1 if failed else 0)


def compare(args, path, rng):
    listing = subprocess.run([args.opinions, "split", path], stdout=subprocess.PIPE, check=True).stdout
    asked = []
    for line in listing.splitlines():
        row = json.loads(line)
        if rng.random() >= args.sample:
            continue
        raw = base64.b64decode(row["raw"])
        if not args.mutate:
            asked.append((row["id"], raw))
        asked += [(f"{row['id']}#{n}", mutated(raw, rng)) for n in range(args.mutate)]
    lines = "".join(json.dumps({"id": i, "raw": base64.b64encode(raw).decode()}) + "\n" for i, raw in asked)
    said = subprocess.run([args.opinions, "read"], input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout
    said = said.decode().rstrip("\n").split("\n")
    count = collections.Counter()
    kinds = {name: collections.Counter() for name in ("clean", "undecoded", "defects", "fields", "mail-parser", "mailparse")}
    assert len(said) == len(asked), "one answer each"
    for (name, raw), line in zip(asked, said):
        row = json.loads(line)
        ours = row["lean"]
        count["messages"] += 1
        if ours is None:
            count["panics"] += 1
            print(f"PANIC {name}", file=sys.stderr)
            continue
        try:
            theirs = Reading(raw)
        except Exception as e:  # noqa: BLE001: Python's parser does not keep its promise never to raise
            count["python raised " + type(e).__name__] += 1
            continue
        kind = kind_of(ours, theirs)
        group = "defects" if theirs.defects else "undecoded" if kind in ("enriched", "uuencode") else "clean"
        count[group] += 1
        kinds[group][kind or "same"] += 1
        for peer, key in (("mail-parser", "mail_parser"), ("mailparse", "mailparse")):
            differs = peer_differs(ours, row[key])
            backed = " (Python reads as we do)" if differs and kind is None else ""
            kinds[peer][(differs or "same") + backed] += 1
            if differs and args.list == peer:
                print(f"--- {name}: {differs}{backed}")
                print(f"  ours:  {(ours['plain'] if ours['plain'] is not None else ours['html'])!r:.300}")
                print(f"  theirs: {row[key] and (row[key]['plain'], row[key]['html'])!r:.300}")
        for field in ("subject", "message_id", "date"):
            mine, other = ours[field], getattr(theirs, field)
            if field != "date":
                mine, other = squashed(mine), squashed(other)
            differs = None if mine == other else "raised" if getattr(theirs, field) is None else "differs"
            kinds["fields"][f"{field} {differs or 'same'}"] += 1
            if differs and args.list == field:
                print(f"{name}: {field}: {mine!r} | {other!r}")
        if kind and args.list in (kind, group, "all"):
            print(f"--- {name}: {kind} {sorted(theirs.defects)} {sorted(theirs.notes)} {ours['defects']}")
            print(f"  ours:   {(ours['plain'] if ours['plain'] is not None else ours['html'])!r:.600}")
            print(f"  python: {(theirs.plain if theirs.plain is not None else theirs.html)!r:.600}")
    share = 100.0 * kinds["clean"]["same"] / max(1, count["clean"])
    label = pathlib.Path(path).name
    if args.json:
        print(json.dumps({"path": label, **count, "share": round(share, 2), **{k: dict(v) for k, v in kinds.items()}}))
    else:
        print(f"{label}: {dict(count)}; equal where Python sees no defect: {share:.2f} %")
        for name, table in kinds.items():
            print(f"  {name}: {dict(table.most_common())}")
    return share < args.limit


if __name__ == "__main__":
    main()
