#!/usr/bin/env python3
"""Delete a part of a mailbox's messages and see which come back from the quoted history of the others.

Usage: recovered.py BINARY MBOX [TRUTH.jsonl] [--delete SHARE] [--seed N] [--show N] [--agent A ...] [--keep DIR]

TRUTH.jsonl is what `threadfold generate` writes beside its mailbox. Without it the truth is a first run over
the whole mailbox: the turns of all examples in which every turn is one message.

A seeded share (a third) of the messages that are somebody's turn is deleted, all copies of each, and
`BINARY export --no-redact --split 0` reads what is left. Then

- a deleted message is EXPECTED if one message that is left holds its words in one piece (bodies decoded, HTML
  tags and quote marks away, words compared), if messages that are left or expected make an example of its
  thread, and if it stands in that example: between the first customer's and the last agent's message;
- it is BACK if a turn marked as recovered is made up, word for word, of it and of other messages of its thread,
  in their order. Closing words with a name count as said or not, as in score_truth.py;
- its ROLE is right if that turn has its role;
- it is DAMAGED if a turn holds its words but others too that nobody of the thread wrote there, and LOST else;
- a message stands TWICE if its words (six or more) stand more often in its example than its author wrote them;
- ORDER is right if the messages of an example stand in it in their true order.

Also counted: recovered turns that hold no deleted message whole: a part of one (PART: it was trimmed by whoever
quotes it; most of the turn's runs of four words are the message's), or something else (OTHER: a message that the
truth does not know, or words that are nobody's there).
"""

import argparse
import bisect
import collections
import email
import email.policy
import html
import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from score_truth import norm  # noqa: E402

WORD = re.compile(r"\w")
CJK = re.compile("([\u2e80-\ua000\uac00-\ud7af])")
NOT_WORD = re.compile(r"[\W_]+")
TAG = re.compile(r"<(?:script|style).*?</(?:script|style)>|<[^>]*>", re.S | re.I)


def words(text):
    """The words of a text as one string, each with a blank around it."""
    text = CJK.sub(r" \1 ", norm(text).lower())
    return " " + " ".join(NOT_WORD.sub(" ", text).split()) + " "


def body(raw):
    """All text of a raw message, plain and HTML, as words."""
    if raw.startswith(b"From "):
        raw = raw[raw.find(b"\n") + 1 :]
    raw = re.sub(rb"(?m)^>(>*From )", rb"\1", raw)
    try:
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
    except Exception:
        return []
    found = []
    for part in message.walk():
        kind = part.get_content_type()
        if kind not in ("text/plain", "text/html"):
            continue
        data = part.get_payload(decode=True) or b""
        try:
            text = data.decode(part.get_content_charset() or "utf-8", "replace")
        except LookupError:
            text = data.decode("latin-1")
        if kind == "text/html":
            text = html.unescape(TAG.sub(" ", text.replace("\r", "")))
        elif "flowed" in str(part.get_param("format", "")).lower():
            joint = "" if str(part.get_param("delsp", "")).lower() == "yes" else " "
            text = re.sub(r" \r?\n(?:>+ ?)?", joint, text)
        found.append(words(text))
    return found


def export(binary, mbox, out, agents, more=()):
    command = [binary, "export", str(mbox), "-o", str(out), "--no-redact", "--split", "0", "--quiet", *more]
    for agent in agents:
        command += ["--agent", agent]
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: {ran.stderr}")
    return [json.loads(line) for line in open(out / "examples.jsonl", encoding="utf-8")]


def offset(locator):
    return int(re.search(r":(\d+)\+\d+$", locator)[1])


class Message:
    def __init__(self, thread, role, ways, offsets):
        self.thread, self.role, self.offsets = thread, role, offsets
        self.ways = sorted({norm(w) for w in ways if norm(w)}, key=len, reverse=True)
        self.core = words(min(self.ways, key=len)) if self.ways else " "


def truth_of_file(path):
    """{thread: its messages in order}, of messages that are somebody's turn."""
    lines, offsets, threads = {}, collections.defaultdict(list), collections.defaultdict(list)
    for line in map(json.loads, open(path, encoding="utf-8")):
        if line["kind"] != "message":
            continue
        offsets[line["message_id"]].append(line["offset"])
        if line["fate"] == "used" or line["reason"] in ("after_last_answer", "unanswered", "no_customer"):
            if line["text"] is not None:
                lines.setdefault(line["message_id"], line)
    for m, line in lines.items():
        ways = [line["text"], line.get("without_sign_off"), line.get("with_name")]
        threads[line["thread"]].append(Message(line["thread"], line["role"], [w for w in ways if w], offsets[m]))
    return threads


def truth_of_run(examples):
    threads = collections.defaultdict(list)
    for e in examples:
        at = [offset(l) for l in e["locators"]]
        if len(at) != len(e["turns"]) or any(t["recovered"] for t in e["turns"]):
            continue
        for t, o in zip(e["turns"], at):
            threads[e["id"]].append(Message(e["id"], t["role"], [t["text"]], [o]))
    return threads


def common(text, other):
    """The share of the text's runs of four words that the other has too."""
    runs = [set(zip(w, w[1:], w[2:], w[3:])) or {tuple(w)} for w in (words(text).split(), words(other).split())]
    return len(runs[0] & runs[1]) / len(runs[0])


def made_of(text, messages):
    """The messages (as places in the list) whose texts, in order, make up the text; None if none do."""
    best = {0: ()}
    for at, m in enumerate(messages):
        for start, so_far in list(best.items()):
            for way in m.ways:
                if text.startswith(way, start):
                    end = start + len(way)
                    if end == len(text):
                        return (*so_far, at)
                    if text[end] == " ":
                        best.setdefault(end + 1, (*so_far, at))
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("mbox")
    parser.add_argument("truth", nargs="?")
    parser.add_argument("--delete", type=float, default=1 / 3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--agent", action="append", default=[])
    parser.add_argument("--keep", help="write the mailbox that is left and its export into this folder")
    a = parser.parse_args()
    folder = Path(a.keep or tempfile.mkdtemp())
    folder.mkdir(exist_ok=True)
    raw = Path(a.mbox).read_bytes()

    if a.truth:
        threads = truth_of_file(a.truth)
    else:
        threads = truth_of_run(export(a.binary, a.mbox, folder / "whole", a.agent, ["--force"]))
        if not a.agent:
            report = json.load(open(folder / "whole" / "report.json", encoding="utf-8"))
            a.agent = [line["address"] for line in report["agents"]]
    everything = [m for ms in threads.values() for m in ms]
    chance = random.Random(a.seed)
    deleted = {id(m) for m in everything if chance.random() < a.delete}
    cut = sorted(o for m in everything if id(m) in deleted for o in m.offsets)

    # Where messages begin: a separator line below a blank one.
    starts = [m.start() for m in re.finditer(rb"(?:\A|(?<=\n\n))From [^\n]*\d{4}(?: [+-]\d{4})?\r?\n", raw)]
    ends = dict(zip(starts, starts[1:] + [len(raw)]))
    missing = [o for o in cut if o not in ends]
    if missing:
        print(f"{len(missing)} of {len(cut)} offsets are no separator lines and stay")
    gone = set(cut)
    left, old_at, new_at, size = [], [], [], 0
    for start in starts:
        if start not in gone:
            old_at.append(start)
            new_at.append(size)
            left.append(raw[start : ends[start]])
            size += len(left[-1])
    (folder / "left.mbox").write_bytes(b"".join(left))
    place = {old: new for old, new in zip(old_at, new_at)}
    of_new = {}
    for m in everything:
        if id(m) not in deleted:
            for o in m.offsets:
                if o in place:
                    of_new[place[o]] = m
    examples = export(a.binary, folder / "left.mbox", folder / "export", a.agent, ["--force"])

    by_thread = collections.defaultdict(list)
    for e in examples:
        votes = collections.Counter()
        for l in e["locators"]:
            at = new_at[bisect.bisect_right(new_at, offset(l)) - 1]
            if at in of_new:
                votes[of_new[at].thread] += 1
        if votes:
            by_thread[votes.most_common(1)[0][0]].append(e)

    count = collections.Counter()
    shown = collections.Counter()

    def show(kind, m, *more):
        shown[kind] += 1
        if shown[kind] <= a.show:
            print(f"--- {kind}: {m.role}\n{m.ways[0][:600]}")
            for text in more:
                print("  ..", text)

    for thread, messages in threads.items():
        mine = [m for m in messages if id(m) in deleted]
        count["deleted"] += len(mine)
        if not mine:
            continue
        bodies = []
        for m in messages:
            for o in m.offsets:
                if id(m) not in deleted and o in ends:
                    bodies += body(raw[o : ends[o]])
        quoted = {id(m) for m in mine if m.core.strip() and any(m.core in b for b in bodies)}
        count["quoted"] += len(quoted)
        there = [m for m in messages if id(m) not in deleted or id(m) in quoted]
        first = next((i for i, m in enumerate(there) if m.role == "customer"), None)
        last = max((i for i, m in enumerate(there) if m.role == "agent"), default=-1)
        wanted = [] if first is None or last < first else there[first : last + 1]
        expected = [m for m in wanted if id(m) in quoted]
        back, damaged = {}, {}
        for e in by_thread.get(thread, []):
            order = []
            told = words("\n".join(t["text"] for t in e["turns"]))
            for t in e["turns"]:
                made = made_of(norm(t["text"]), messages)
                order += made or ()
                if not t["recovered"]:
                    continue
                count["recovered turns"] += 1
                for at in made or ():
                    back.setdefault(id(messages[at]), t)
                holds = [m for m in mine if m.core.strip() and m.core in words(t["text"])]
                for m in holds:
                    damaged.setdefault(id(m), t)
                if not holds and not any(id(messages[at]) in deleted for at in made or ()):
                    whose = max(mine, key=lambda m: common(t["text"], m.ways[0]), default=None)
                    kind = "part" if whose and common(t["text"], whose.ways[0]) >= 0.5 else "other"
                    count[kind] += 1
                    show(kind, whose or messages[0], t["role"], t["author"], norm(t["text"])[:900])
            count["examples"] += 1
            count["in order"] += order == sorted(order)
            if order != sorted(order):
                show("order", messages[0], str(order), str([id(m) in deleted for m in messages]))
            for m in messages:
                said = sum(other.core.count(m.core) for other in messages)
                if len(m.core.split()) >= 6 and told.count(m.core) > said:
                    count["twice"] += 1
                    show("twice", m, *[t["role"] + ": " + norm(t["text"])[:300] for t in e["turns"]])
        for m in expected:
            count["expected"] += 1
            if id(m) in back:
                count["back"] += 1
                count["role right"] += back[id(m)]["role"] == m.role
                if back[id(m)]["role"] != m.role:
                    show("role", m, back[id(m)]["author"])
            elif id(m) in damaged:
                count["damaged"] += 1
                show("damaged", m, norm(damaged[id(m)]["text"])[:900])
            else:
                count["lost"] += 1
                e = by_thread.get(thread, [])
                show("lost", m, f"thread {thread}, {len(e)} examples", *[t["role"] + (" r" if t["recovered"] else "") + ": " + norm(t["text"])[:160] for x in e for t in x["turns"]])
    expected = max(1, count["expected"])
    print(f"{len(everything)} messages of {len(threads)} threads, {count['deleted']} deleted, {count['quoted']} of them still quoted whole, {count['expected']} expected in an example")
    print(f"back word for word {count['back']} ({100 * count['back'] / expected:.2f} %), damaged {count['damaged']}, lost {count['lost']}")
    print(f"role right {count['role right']} of {count['back']} ({100 * count['role right'] / max(1, count['back']):.2f} %)")
    print(f"recovered turns {count['recovered turns']}, part of a message {count['part']}, other {count['other']}, messages twice {count['twice']}, examples in order {count['in order']} of {count['examples']}")


if __name__ == "__main__":
    main()
