#!/usr/bin/env python3
"""Compare an export with the truth that the mailbox generator wrote beside its mailbox.

Usage: score_truth.py TRUTH.jsonl EXPORT_DIR [--show N] [--min-exact SHARE] [--sign-off either|keep|drop]

Reads EXPORT_DIR/examples.jsonl and EXPORT_DIR/ledger.jsonl. Examples are matched by the messages of their
turns; texts are compared after NFC and with runs of whitespace as one space.

Whether closing words with a bare name ("Kind regards, Tom") belong to the author's words or to the signature
is a matter of taste. `--sign-off keep` wants them, `drop` wants them gone, `either` (the default) takes both;
a name below the closing words that no delimiter sets off may stay in all but `drop`.

Exit status: 0; with --min-exact, 1 when the share of exactly right examples is below it; 2 for a usage error.
"""

import argparse
import collections
import itertools
import json
import os
import re
import sys
import unicodedata

INVISIBLE = re.compile("[\u200b-\u200f\ufeff\u2060\u202a-\u202e\u00ad]")
SPACE = re.compile(r"\s+")


def norm(text):
    text = INVISIBLE.sub("", unicodedata.normalize("NFC", text or ""))
    return SPACE.sub(" ", text).strip()


def read_lines(path):
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except ValueError as error:
                    sys.exit(f"{path}:{number}: {error}")


class Truth:
    def __init__(self, path):
        self.messages = {}  # Message-ID -> its first line
        self.by_offset = {}
        self.fates = collections.defaultdict(list)
        self.examples = {}  # thread -> example
        for line in read_lines(path):
            if line["kind"] == "message":
                self.messages.setdefault(line["message_id"], line)
                self.by_offset[line["offset"]] = line
                self.fates[line["message_id"]].append((line["fate"], line["reason"]))
            elif line["kind"] == "example":
                self.examples[line["thread"]] = line

    def wanted(self, turn, sign_off):
        """All texts of a turn that count as exactly right."""
        per_message = []
        for message_id in turn["message_ids"]:
            message = self.messages[message_id]
            full = message["text"]
            core = message.get("without_sign_off", full)
            named = message.get("with_name", full)
            choices = {"keep": [full, named], "drop": [core], "either": [full, core, named]}[sign_off]
            per_message.append(choices)
        return {norm("\n\n".join(texts)) for texts in itertools.product(*per_message)}

    def describe(self, turn):
        """Style and form of the turn's messages, for the tables."""
        found = [self.messages[m] for m in turn["message_ids"]]
        styles = [f["style"] + ("" if f["quotes"] else " (no quote)") for f in found]
        shape = found[-1]["form"].split("/")[0] if found[-1]["form"] else "?"
        return styles[-1] if len(set(styles)) == 1 else "several messages", shape, found[-1]["language"]


def judge(got, wanted):
    """None when right, else what kind of difference it is."""
    text = norm(got)
    if text in wanted:
        return None
    for want in wanted:
        if want in text:
            return "too long (leaked)"
    for want in wanted:
        if text in want:
            return "too short (lost)"
    longest = max(wanted, key=len)
    want_words, got_words = collections.Counter(longest.split()), collections.Counter(text.split())
    lost = sum((want_words - got_words).values())
    leaked = sum((got_words - want_words).values())
    if leaked > 2 * lost:
        return "too long (leaked)"
    if lost > 2 * leaked:
        return "too short (lost)"
    return "other"


def message_ids(turn):
    ids = turn.get("message_ids") or turn.get("message_id") or []
    return [ids] if isinstance(ids, str) else list(ids)


def match_examples(truth, examples):
    """Pairs (wanted, got): each wanted example with the exported one that shares most of its messages."""
    thread_of = {}
    for thread, example in truth.examples.items():
        for turn in example["turns"]:
            for message_id in turn["message_ids"]:
                thread_of[message_id] = thread
    candidates = collections.defaultdict(list)
    extra = []
    for example in examples:
        if example.get("variant_of"):
            continue
        votes = collections.Counter()
        for turn in example["turns"]:
            for message_id in message_ids(turn):
                if message_id in thread_of:
                    votes[thread_of[message_id]] += 1
        if votes:
            thread, count = min(votes.items(), key=lambda v: (-v[1], v[0]))
            candidates[thread].append((count, example))
        else:
            extra.append(example)
    pairs = []
    for thread, wanted in truth.examples.items():
        found = sorted(candidates.get(thread, []), key=lambda c: -c[0])
        pairs.append((wanted, found[0][1] if found else None))
        extra.extend(example for _, example in found[1:])
    return pairs, extra


def table(title, rows, heads):
    if not rows:
        return
    print(f"\n{title}")
    width = max(len(str(r[0])) for r in rows)
    print(" " * width, *(f"{h:>18}" for h in heads))
    for name, *cells in rows:
        print(f"{name:<{width}}", *(f"{c:>18}" for c in cells))


def share(part, whole):
    return f"{100 * part / whole:.2f} %" if whole else "-"


def show(shown, limit, kind, what, want, got):
    if shown[0] < limit:
        shown[0] += 1
        print(f"\n--- {kind}: {what}\nWANT {want!r}\nGOT  {got!r}")


def score_examples(truth, examples, options):
    pairs, extra = match_examples(truth, examples)
    shown = [0]
    exact = strict_keep = strict_drop = 0
    turns = turns_right = 0
    wrong = collections.Counter()
    by_style = collections.defaultdict(collections.Counter)
    by_shape = collections.defaultdict(collections.Counter)
    by_language = collections.defaultdict(collections.Counter)
    for wanted, got in pairs:
        turns += len(wanted["turns"])
        names = [truth.describe(t) for t in wanted["turns"]]
        for style, shape, language in names:
            by_style[style]["turns"] += 1
            by_shape[shape]["turns"] += 1
            by_language[language]["turns"] += 1

        def miss(kind, at):
            for counter, name in zip((by_style, by_shape, by_language), names[at]):
                counter[name][kind] += 1

        if got is None:
            wrong["missing example"] += 1
            for at in range(len(names)):
                miss("example", at)
            show(shown, options.show, "missing example", wanted["thread"], [t["message_ids"] for t in wanted["turns"]], None)
            continue
        theirs = got["turns"]
        if [t["role"] for t in theirs] != [t["role"] for t in wanted["turns"]]:
            wrong["wrong turn count"] += 1
            for at in range(len(names)):
                miss("example", at)
            show(
                shown,
                options.show,
                "wrong turn count",
                f"{wanted['thread']}, {len(wanted['turns'])} wanted, {len(theirs)} got",
                [(t["role"], t["message_ids"]) for t in wanted["turns"]],
                [(t["role"], message_ids(t)) for t in theirs],
            )
            continue
        kinds = set()
        keep = drop = True
        for at, (want, have) in enumerate(zip(wanted["turns"], theirs)):
            kind = judge(have["text"], truth.wanted(want, options.sign_off))
            keep = keep and norm(have["text"]) in truth.wanted(want, "keep")
            drop = drop and norm(have["text"]) in truth.wanted(want, "drop")
            if kind is None:
                turns_right += 1
            else:
                kinds.add(kind)
                miss(kind, at)
                forms = [truth.messages[m]["form"] for m in want["message_ids"]]
                show(shown, options.show, kind, f"{wanted['thread']} {names[at]} {forms} {want['message_ids']}", want["text"], have["text"])
        exact += not kinds
        strict_keep += keep
        strict_drop += drop
        for kind in kinds:
            wrong[kind] += 1
    for example in extra:
        wrong["extra example"] += 1
        first = example["turns"][0]["text"] if example["turns"] else ""
        show(shown, options.show, "extra example", [message_ids(t) for t in example["turns"]], None, first[:300])

    # An export with examples that nobody expects is not exactly right either.
    whole = len(pairs) + len(extra)
    print(f"examples wanted {len(pairs)}, got {len(examples)}")
    print(f"examples exactly right {exact} of {whole}: {share(exact, whole)}")
    print(f"turns exactly right    {turns_right} of {turns}: {share(turns_right, turns)}")
    print(f"examples that keep all closing words {share(strict_keep, whole)}, that drop all {share(strict_drop, whole)}")
    table("What the other examples got wrong (an example may have several)", [(k, n, share(n, whole)) for k, n in wrong.most_common()], ["examples", "share"])
    kinds = ["example", "too long (leaked)", "too short (lost)", "other"]
    for title, counter in (("client style", by_style), ("form", by_shape), ("language", by_language)):
        rows = []
        for name, c in sorted(counter.items(), key=lambda i: (-sum(i[1][k] for k in kinds), str(i[0]))):
            bad = sum(c[k] for k in kinds)
            rows.append((name, c["turns"], *(c[k] for k in kinds), share(c["turns"] - bad, c["turns"])))
        table(f"Turns by {title}", rows, ["turns", *kinds, "right"])
    return exact / whole if whole else 1.0


def score_ledger(truth, ledger):
    """Fate against fate. Copies share a Message-ID: which of them counts as the copy does not matter."""
    theirs = collections.defaultdict(list)
    unknown = 0
    for entry in ledger:
        message_id = entry.get("message_id")
        if message_id not in truth.fates:
            at = re.search(r":(\d+)\+\d+$", entry.get("locator", ""))
            line = truth.by_offset.get(int(at.group(1))) if at else None
            if line is None:
                unknown += 1
                continue
            message_id = line["message_id"]
        theirs[message_id].append((entry["fate"], entry.get("reason")))
    confusion = collections.Counter()
    for message_id, wanted in truth.fates.items():
        got = theirs.get(message_id, [])
        both = collections.Counter(wanted) & collections.Counter(got)
        for fate, n in both.items():
            confusion[fate, fate] += n
        rest_wanted = sorted((collections.Counter(wanted) - both).elements(), key=str)
        rest_got = sorted((collections.Counter(got) - both).elements(), key=str)
        for want, have in itertools.zip_longest(rest_wanted, rest_got, fillvalue=("no line", None)):
            confusion[want, have] += 1

    def name(fate):
        return fate[0] if fate[1] is None else fate[1]

    total = sum(confusion.values())
    right = sum(n for (want, have), n in confusion.items() if want == have)
    print(f"\nfates right {right} of {total}: {share(right, total)}; ledger lines of unknown messages {unknown}")
    rows = []
    for want in sorted({w for w, _ in confusion}, key=str):
        have = {h: n for (w, h), n in confusion.items() if w == want}
        wrong = ", ".join(f"{name(h)} {n}" for h, n in sorted(have.items(), key=lambda i: (-i[1], str(i[0]))) if h != want)
        rows.append((name(want), sum(have.values()), have.get(want, 0), wrong))
    width = max(len(r[0]) for r in rows) if rows else 0
    print(f"{'truth':<{width}} {'messages':>10} {'right':>10}  instead")
    for row in rows:
        print(f"{row[0]:<{width}} {row[1]:>10} {row[2]:>10}  {row[3]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth")
    parser.add_argument("export")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N differences")
    parser.add_argument("--min-exact", type=float, metavar="SHARE", help="exit 1 when fewer examples are exactly right")
    parser.add_argument("--sign-off", choices=["either", "keep", "drop"], default="either")
    options = parser.parse_args()
    truth = Truth(options.truth)
    exact = score_examples(truth, list(read_lines(os.path.join(options.export, "examples.jsonl"))), options)
    ledger = os.path.join(options.export, "ledger.jsonl")
    if os.path.exists(ledger):
        score_ledger(truth, read_lines(ledger))
    else:
        print("\nno ledger.jsonl: fates not compared")
    if options.min_exact is not None and exact < options.min_exact:
        print(f"\nbelow the wanted {options.min_exact}")
        sys.exit(1)


if __name__ == "__main__":
    main()
