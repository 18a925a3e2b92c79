#!/usr/bin/env python3
"""Count exported turns that still show what their author did not newly write.

Usage: check_turns.py FOLDER_OR_EXAMPLES.JSONL [--archive MBOX] [--show N] [--kind KIND] [--role ROLE] [--json]
                      [--limit SHARE] [--repeats]

Reads the `examples.jsonl` of an export (made with --no-redact, or names and addresses are hidden from the checks
too) and looks at every turn once, however many examples repeat it. A turn is *marked* if a line of it
  quote        begins with a quote mark (`>`, `|>`, initials and `>`), however far indented,
  attribution  says that somebody wrote something (a verb of 25 languages and a colon at the end of a short line, or
               the verb in a line, wrapped over up to four, that holds a date or an address),
  headers      begins a group of header lines (From and one of Sent, To, Subject, in 20 languages),
  separator    announces the original or a forwarded message,
  delimiter    is a signature's `-- ` (listed, but not counted: it is no sign of history).
No mark is excused for its looks: a console's prompt, a comparison in code, a tag closed on a line of its own, a
patch's header lines all make a marked turn. Only `>From ` is none, which mailboxes write for `From `, nor is a mark
with nothing behind it.

Whether a mark is *left over* is a question of fact, and with --archive the archive answers it:
  - a quote mark is left over if another message of the conversation holds the words behind it unmarked: then that is
    who wrote them. What nobody else of the conversation wrote is a console, code or a citation of the author's.
    Lines behind `% `, a quote mark for some, count under the same condition, as *other*;
  - header lines are left over unless they name the author himself, as those of a patch he attached do;
  - an attribution or a separator is always left over.
The marked share is an upper bound for left-overs of these kinds; the share of left-overs can miss those whose
original the archive lacks, so the marked turns are to be read. --repeats looks for left-overs without any mark:
turns with a run of 15 words that another message of the conversation had before they begin, or that stands in them
twice (neighbouring messages of one side make one turn). People do repeat each other (titles, commands, output), so
that list is for reading, and no limit applies to it.

This is an independent check: it shares no code and no lists with the extractor. Words lost it cannot see.
Standard library only. Exit status: 0, or 1 if the share of left-overs (without --archive: of marked turns) exceeds
--limit (in per cent).
"""
import argparse
import collections
import datetime
import email
import email.policy
import email.utils
import html
import json
import mmap
import os
import re
import sys

# Words after which an attribution line ends, or near enough.
VERBS = (
    "wrote|writes|has written|a écrit|écrit|escribió|escribio|ha escrito|escreveu|ha scritto|scrive|schrieb|"
    "geschrieben|schreef|geschreven|skrev|kirjoitti|napisał|napisała|napisał\\(a\\)|pisze|napsal|napsala|"
    "napsal\\(a\\)|napísal|napísala|írta|scris|написал|написала|пишет|писал|написав|написала|пише|έγραψε|yazdı|"
    "şunu yazdı|كتب|כתב|写道|寫道|书写|書きました|のメッセージ|작성|viết|escrigué|kirjutas|rakstīja|rašė|je napisao|je napisal|написа"
)
ENDS = re.compile(r"(?:%s)[^\w]{0,6}$" % VERBS, re.I)
ENDS_COLON = re.compile(r"(?:%s)\s?[:：][^\w]{0,3}$" % VERBS, re.I)
WITHIN = re.compile(r"(?:schrieb|schreef|skrev|écrit|escribió|ha scritto|kirjoitti|napisał|wrote|geschrieben)\b", re.I)
MONTHS = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mai|okt|dez|fév|fev|avr|juin|juil|aoû|déc|ene|abr|ago|dic|gen|"
    "mag|giu|lug|set|ott|mrt|mei|maj|sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru|led|úno|bře|dub|kvě|янв|фев|мар|апр|мая|"
    "июн|июл|авг|сен|окт|ноя|дек"
)
DATED = re.compile(
    r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{1,2}:\d{2}\b|\b\d{1,2}\.? (?:%s)|\b(?:%s)\w*\.? \d{1,2}\b|年"
    % (MONTHS, MONTHS),
    re.I,
)
ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+\.[\w.-]+|\[mailto:")
QUOTE = re.compile(r"^\s*(?:\||[A-Za-z]{1,3}(?=> ))?>(?!From )")
LABELS = {
    "from": "From|Von|De|Da|Van|Fra|Från|Od|Nadawca|Feladó|От|Від|Από|Kimden|Lähettäjä|发件人|寄件者|差出人|보낸 사람|De la|Expéditeur|Remitente",
    "sent": "Sent|Date|Gesendet|Datum|Envoyé|Enviado|Enviada|Enviado el|Enviado em|Enviada em|Inviato|Data|Fecha|Verzonden|Sendt|Dato|Skickat|"
    "Wysłano|Odesláno|Odoslané|Elküldve|Отправлено|Дата|Надіслано|Στάλθηκε|Ημερομηνία|Gönderildi|Tarih|Lähetetty|发送时间|日期|送信日時|日時|보낸 날짜|Trimis",
    "to": "To|An|À|A|Para|Aan|Til|Till|Do|Komu|Adresat|Címzett|Кому|Προς|Kime|Vastaanottaja|收件人|收件者|宛先|받는 사람|Către|Destinataire",
    "subject": "Subject|Betreff|Objet|Asunto|Assunto|Oggetto|Onderwerp|Emne|Ämne|Temat|Předmět|Predmet|Tárgy|Тема|Θέμα|Konu|Aihe|主题|主旨|件名|제목|Subiect",
}
HEADER = {field: re.compile(r"^[\s*_>|]*(?:%s)\s?[*_]*\s?[:：]" % words) for field, words in LABELS.items()}
ANY_HEADER = re.compile(r"^[\s*_>|]*(?:%s)\s?[*_]*\s?[:：]" % "|".join(LABELS.values()))
SEPARATOR = re.compile(
    r"^[\s*_>]*[-_=]{2,}\s?(?:original message|ursprüngliche nachricht|originalnachricht|message d.origine|message original|"
    r"mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht|oprindelig meddelelse|"
    r"ursprungligt meddelande|oryginalna wiadomość|původní zpráva|eredeti üzenet|исходное сообщение|"
    r"forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado|mensagem encaminhada|"
    r"messaggio inoltrato|doorgestuurd bericht|原始邮件|転送)"
    r"|^\s*begin forwarded message\s?:",
    re.I,
)
# Another character that is a quote mark for some.
OTHER = re.compile(r"^ ?(?:% )+(?=\S)")


def marks(text):
    """Yields (kind, line number, line) for every mark; `other` is one only if the archive says so."""
    lines = text.split("\n")
    for n, line in enumerate(lines):
        found = QUOTE.match(line)
        if found and line[found.end() :].strip(" >|"):
            yield "quote", n, line
        elif OTHER.match(line):
            yield "other", n, line
        if line.rstrip("\r") in ("-- ", "--"):
            yield "delimiter", n, line
        if SEPARATOR.match(line):
            yield "separator", n, line
        bare = line.strip(" \t*_->")
        if ENDS_COLON.search(bare) and len(bare.split()) <= 10:
            yield "attribution", n, line
        # Others end in a verb, or a colon behind name and verb.
        elif bare.endswith((":", "：")) or ENDS.search(bare):
            for height in (1, 2, 3, 4):
                if n + 1 < height:
                    break
                above = [part.strip() for part in lines[n + 1 - height : n + 1]]
                joined = " ".join(part for part in above if part)
                if len(joined) > 400:
                    break
                verb = ENDS.search(bare) or WITHIN.search(joined) and ADDRESS.search(joined)
                if verb and DATED.search(joined) and (ADDRESS.search(joined) or is_dated_first(joined)):
                    yield "attribution", n, joined
                    break
        if HEADER["from"].match(line) or HEADER["sent"].match(line) or HEADER["subject"].match(line):
            seen = set()
            for other in lines[n : n + 7]:
                if other.strip() and not ANY_HEADER.match(other) and not other.startswith((" ", "\t")):
                    break
                seen.update(field for field, label in HEADER.items() if label.match(other))
            if len(seen) >= 2 and "from" in seen:
                yield "headers", n, line


def is_dated_first(line):
    """A date stands near the line's start, as in "On Tue, 5 Mar 2024, Ann wrote:"."""
    found = DATED.search(line)
    return bool(found) and found.start() <= 24


class Message:
    """What one message of the archive says, marked and unmarked."""

    def __init__(self, raw):
        message = email.message_from_bytes(raw.split(b"\n", 1)[1], policy=email.policy.compat32)
        self.answers = re.findall(r"<[^>\s]+>", f"{message.get('References', '')} {message.get('In-Reply-To', '')}")
        sender = str(message.get("From", ""))
        try:
            date = email.utils.parsedate_to_datetime(str(message.get("Date", "")))
            self.date = date.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M") if date.tzinfo else None
        except ValueError:
            self.date = None
        found = ADDRESS.search(sender)
        self.address = found[0].lower() if found else None
        self.name = words(sender.split("<")[0])
        plain, marked = [], []
        for part in message.walk():
            kind = part.get_content_type()
            if kind not in ("text/plain", "text/html") or part.get_filename():
                continue
            try:
                data = part.get_payload(decode=True) or b""
                text = data.decode(part.get_content_charset() or "utf-8", "replace")
            except (LookupError, ValueError):
                text = data.decode("latin-1")
            if kind == "text/html":
                # What is quoted in HTML stands in block quotes; the plain form tells it better.
                if plain or marked:
                    continue
                text = re.sub(r"(?is)<(style|script)\b.*?</\1>|<blockquote.*</blockquote>", " ", text)
                text = html.unescape(re.sub(r"(?i)<br[^>]*>|</(?:p|div|tr|li)>", "\n", text))
                text = re.sub(r"<[^>]*>", " ", text)
            for line in text.split("\n"):
                (marked if QUOTE.match(line) or OTHER.match(line) else plain).append(line)
        self.plain = sealed("\n".join(plain))
        self.marked = sealed("\n".join(marked))


class Archive:
    """The messages of an mbox, by where they stand and by their ids."""

    def __init__(self, path):
        self.file = open(path, "rb")
        self.bytes = mmap.mmap(self.file.fileno(), 0, access=mmap.ACCESS_READ)
        starts = [0] if self.bytes[:5] == b"From " else []
        starts += [found.start() + 1 for found in re.finditer(rb"\nFrom ", self.bytes)]
        self.ends = dict(zip(starts, starts[1:] + [len(self.bytes)]))
        self.ids = {}
        for start in starts:
            found = re.search(rb"(?im)^message-id:\s*(<[^>\s]+>)", self.bytes[start : start + 16384])
            if found:
                self.ids.setdefault(found[1].decode("ascii", "replace"), start)
        self.read = {}

    def at(self, start):
        if start not in self.read:
            end = self.ends.get(start)
            self.read[start] = Message(self.bytes[start:end]) if end else None
        return self.read[start]

    def conversation(self, example):
        """The messages an example was made from, and those others they answer, directly or further up."""
        queue = [int(found[1]) for found in (re.search(r":(\d+)\+\d+$", locator) for locator in example["locators"]) if found]
        queue += [self.ids[turn["message_id"]] for turn in example["turns"] if turn.get("message_id") in self.ids]
        seen = dict.fromkeys(queue)
        for start in queue:
            message = self.at(start)
            for other in message.answers if message and len(seen) < 400 else []:
                if other in self.ids and self.ids[other] not in seen:
                    seen[self.ids[other]] = None
                    queue.append(self.ids[other])
        return [message for message in map(self.at, seen) if message]


def words(text):
    return re.findall(r"\w+", text.lower())


def sealed(text):
    return " " + " ".join(words(text)) + " "


def is_left_over(kind, line, conversation):
    """Whether somebody else of the conversation wrote what stands behind a mark, as far as its kind asks for that."""
    if kind in ("attribution", "separator"):
        return True
    if kind == "headers":
        said = words(line)[1:]
        mine = [message for message in conversation if sealed(line) in message.plain]
        return not any(message.name and message.name[0] in said or message.address and message.address in line.lower() for message in mine)
    # Programs break lines anew: the first eight words are enough, fewer than three prove nothing.
    wanted = words(line)[:8]
    wanted = " " + " ".join(wanted) + " " if len(wanted) >= 3 else None
    return bool(wanted) and any(wanted in message.plain for message in conversation) and any(wanted in message.marked for message in conversation)


def repeated(turn, conversation):
    """A run of 15 words that was written before the turn begins, or stands in it twice."""
    tokens = words(turn["text"])
    whole = sealed(turn["text"])
    for at in range(0, len(tokens) - 14, 5):
        run = " " + " ".join(tokens[at : at + 15]) + " "
        first = min((message.date for message in conversation if run in message.plain and message.date), default=None)
        if first and turn.get("date") and first < turn["date"][:16] or whole.count(run) > 1 and not any(message.plain.count(run) > 1 for message in conversation):
            return run.strip()
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("path", help="an export's folder, or its examples.jsonl")
    parser.add_argument("--archive", metavar="MBOX", help="the mailbox the export was made from")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="list the first N marked turns")
    parser.add_argument("--kind", help="list turns with marks of this kind only")
    parser.add_argument("--role", help="look at turns of this role only")
    parser.add_argument("--limit", type=float, default=100.0, metavar="SHARE", help="per cent allowed")
    parser.add_argument("--repeats", action="store_true", help="also list turns that repeat another message's words")
    parser.add_argument("--json", action="store_true", help="print counts as JSON")
    a = parser.parse_args()
    path = os.path.join(a.path, "examples.jsonl") if os.path.isdir(a.path) else a.path
    archive = Archive(a.archive) if a.archive else None
    seen, shown = set(), []
    marked, left, repeats, kinds = 0, 0, 0, collections.Counter()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            example = json.loads(line)
            conversation = None
            for turn in example["turns"]:
                key = (turn.get("message_id"), turn["role"], turn["text"])
                if key in seen or a.role and turn["role"] != a.role:
                    continue
                seen.add(key)
                found = list(marks(turn["text"]))
                if archive and conversation is None and (found or a.repeats):
                    conversation = archive.conversation(example)
                if archive:
                    over = [mark for mark in found if mark[0] != "delimiter" and is_left_over(mark[0], mark[2], conversation)]
                    found = [mark for mark in found if mark[0] != "other" or mark in over]
                else:
                    over = []
                    found = [mark for mark in found if mark[0] != "other"]
                kinds.update({kind for kind, _, _ in found})
                marked += any(kind != "delimiter" for kind, _, _ in found)
                left += bool(over)
                again = repeated(turn, conversation) if a.repeats and archive and not over else None
                repeats += bool(again)
                if found and (a.kind is None or any(kind == a.kind for kind, _, _ in found)) or again and a.kind in (None, "repeat"):
                    shown.append((turn, found, over, again))
    share = 100.0 * marked / max(1, len(seen))
    left_share = 100.0 * left / max(1, len(seen))
    if a.json:
        counts = {"turns": len(seen), "marked": marked, "marked_share": round(share, 3), "kinds": dict(sorted(kinds.items()))}
        if archive:
            counts.update({"left_over": left, "left_over_share": round(left_share, 3)})
        print(json.dumps(counts))
    else:
        print(f"{len(seen)} turns, {marked} marked: {share:.3f} %" + (f"; {left} left over: {left_share:.3f} %" if archive else ""))
        if a.repeats:
            print(f"{repeats} repeat a run of another message's words without a mark")
        for kind, count in sorted(kinds.items()):
            print(f"  {kind:12s} {count}")
    for turn, found, over, again in shown[: a.show]:
        print(f"\n{turn.get('message_id')} {turn['role']} {turn.get('date')}" + (" recovered" if turn.get("recovered") else ""))
        for mark in found[:6]:
            print(f"  {mark[0]}{' (left over)' if mark in over else ''} line {mark[1] + 1}: {mark[2][:160]}")
        if again:
            print(f"  repeats: {again}")
    return 1 if (left_share if archive else share) > a.limit else 0


if __name__ == "__main__":
    sys.exit(main())
