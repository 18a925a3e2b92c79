#!/usr/bin/env python3
"""Count exported turns that still show what their author did not newly write.

Usage: check_turns.py FOLDER_OR_EXAMPLES.JSONL [--show N] [--kind KIND] [--role ROLE] [--limit SHARE] [--json]

Reads the `examples.jsonl` of an export (made with --no-redact, or names and addresses are hidden from the
checks too) and looks at every turn once, however many examples repeat it. A turn is an offender if a line of it
  quote        begins with a quote mark (`>`, `> >`, `|>`; an mbox's `>From ` is none),
  attribution  says when somebody wrote something ("On <date>, <name> wrote:", in 25 languages, wrapped or not),
  headers      begins a group of header lines (From, Sent, To, Subject, in 20 languages),
  delimiter    is a signature's `-- `,
  separator    announces the original or a forwarded message.
Honest and not counted: Python's prompt `>>> `, a `>` that closes a `<` opened above, `--` as one of several lines
of dashes or with more below it than a signature has, the headers of a patch below its `From <hash>` line.

This is an independent check: it shares no code and no lists with the extractor, looks for less than that does,
and does not know all that is honest (code that its author indented, a log). Its count is an upper bound for
left-overs of these five kinds; words lost it cannot see. Standard library only.

Exit status: 0, or 1 if the share of offenders exceeds --limit (in per cent).
"""
import argparse
import collections
import json
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
QUOTE = re.compile(r"^\s{0,3}\|?>(?!From )")
PROMPT = re.compile(r"^\s*>>> ?\S")
PATCH = re.compile(r"^From [0-9a-f]{20,} ")
# Lines that a signature has at the most.
LONGEST = 12
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


def offences(text):
    """Yields (kind, line number, line) for what stands in a turn and should not."""
    lines = text.split("\n")
    dashes = sum(line.rstrip("\r") in ("-- ", "--") for line in lines)
    for n, line in enumerate(lines):
        if QUOTE.match(line) and not PROMPT.match(line) and not closes(lines, n):
            yield "quote", n, line
        if line.rstrip("\r") in ("-- ", "--") and dashes == 1 and sum(bool(x.strip()) for x in lines[n + 1 :]) <= LONGEST:
            yield "delimiter", n, line
        if SEPARATOR.match(line):
            yield "separator", n, line
        bare = line.strip(" \t*_->")
        # Attributions end in a verb, or a colon behind name and verb; few lines do.
        if bare.endswith((":", "：")) or ENDS.search(bare):
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
            if len(seen) >= 3 and "from" in seen and not (n and PATCH.match(lines[n - 1])):
                yield "headers", n, line


def closes(lines, n):
    """Whether a line's `>` closes an address or link that a line above opened, as where a program wrapped it."""
    above = " ".join(lines[max(0, n - 2) : n])
    return above.rfind("<") > above.rfind(">") and not lines[n].startswith("> ")


def is_dated_first(line):
    """A date stands near the line's start, as in "On Tue, 5 Mar 2024, Ann wrote:"."""
    found = DATED.search(line)
    return bool(found) and found.start() <= 24


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("path", help="an export's folder, or its examples.jsonl")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="list the first N offenders")
    parser.add_argument("--kind", help="list offenders of this kind only")
    parser.add_argument("--role", help="look at turns of this role only")
    parser.add_argument("--limit", type=float, default=100.0, metavar="SHARE", help="per cent allowed")
    parser.add_argument("--json", action="store_true", help="print counts as JSON")
    a = parser.parse_args()
    path = os.path.join(a.path, "examples.jsonl") if os.path.isdir(a.path) else a.path
    seen, bad, kinds, shown = set(), 0, collections.Counter(), []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            for turn in json.loads(line)["turns"]:
                key = (turn.get("message_id"), turn["role"], turn["text"])
                if key in seen or a.role and turn["role"] != a.role:
                    continue
                seen.add(key)
                found = list(offences(turn["text"]))
                if not found:
                    continue
                bad += 1
                kinds.update({kind for kind, _, _ in found})
                if a.kind is None or any(kind == a.kind for kind, _, _ in found):
                    shown.append((turn, found))
    share = 100.0 * bad / max(1, len(seen))
    if a.json:
        print(json.dumps({"turns": len(seen), "offenders": bad, "share": round(share, 3), "kinds": dict(sorted(kinds.items()))}))
    else:
        print(f"{len(seen)} turns, {bad} offenders: {share:.3f} %")
        for kind, count in sorted(kinds.items()):
            print(f"  {kind:12s} {count}")
    for turn, found in shown[: a.show]:
        print(f"\n{turn.get('message_id')} {turn['role']} {turn.get('date')}" + (" recovered" if turn.get("recovered") else ""))
        for kind, n, line in found[:6]:
            print(f"  {kind} line {n + 1}: {line[:160]}")
    return 1 if share > a.limit else 0


if __name__ == "__main__":
    sys.exit(main())
