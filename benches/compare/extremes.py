"""Mailboxes of extreme shape, written as fast as Python can, to see that cost and memory stay in proportion.

    python3 benches/compare/extremes.py large  big.mbox --messages 3000000 --bytes 10000000000
    python3 benches/compare/extremes.py tiny   tiny.mbox --messages 10000000
    python3 benches/compare/extremes.py thread thread.mbox --messages 100000
    python3 benches/compare/extremes.py single single.mbox --bytes 1000000000
    threadfold export big.mbox -o OUT --no-redact --threads 1 --agent shop.example.com

`large` and `tiny` hold a question and its answer in turn; `thread` one conversation of two; `single` one message of
that size and its answer. Everybody in them is made up.
"""

import argparse
import random
import time

BEGINNINGS = "I would like to know when|Could you please tell me why|We have been told that|It is a pity that|You can see that"
THINGS = "the kettle|my parcel|the blue lid|your invoice|the order of last week|that handle|our delivery|the new address"
ENDS = "is not here yet|has arrived and is fine|was sent to the wrong house|will be on its way by friday|cannot be found"


def sentences(rng, count):
    """Ready-made lines of prose."""
    lines = []
    for _ in range(count):
        lines.append(" ".join(rng.choice(part.split("|")) for part in (BEGINNINGS, THINGS, ENDS)) + ".\n")
    return lines


def message(number, agent, customer, parent, subject, body):
    stamp = time.gmtime(1_500_000_000 + number * 7)
    shop, person = "Shop <help@shop.example.com>", f"Person {customer} <p{customer}@example.org>"
    sender, to = (shop, person) if agent else (person, shop)
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", stamp)
    answers = f"In-Reply-To: <{parent}@example.net>\n" if parent is not None else ""
    return (
        f"From x@example.net {time.strftime('%a %b %d %H:%M:%S %Y', stamp)}\nFrom: {sender}\nTo: {to}\n"
        f"Subject: {'Re: ' if answers else ''}{subject}\nDate: {date}\nMessage-ID: <{number}@example.net>\n{answers}"
        f"\n{body}\n\n"
    )


def prose(lines, rng, size):
    if size < 70:
        return rng.choice(lines).rstrip()
    start = rng.randrange(len(lines))
    count = max(1, size // 65)
    text = "".join(lines[(start + i) % len(lines)] for i in range(min(count, len(lines))))
    return (text * (size // max(1, len(text)) + 1))[:size].rstrip()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("shape", choices=["large", "tiny", "thread", "single"])
    p.add_argument("out")
    p.add_argument("--messages", type=int, default=100_000)
    p.add_argument("--bytes", type=int, default=0, help="of the mailbox (large) or the message (single)")
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    rng = random.Random(a.seed)
    lines = sentences(rng, 4000)
    with open(a.out, "w", encoding="ascii", buffering=1 << 22) as out:
        if a.shape == "single":
            out.write(message(0, False, 0, None, "One long mail", prose(lines, rng, a.bytes)))
            out.write(message(1, True, 0, 0, "One long mail", "Too long for us."))
            return
        size = {"tiny": 0, "thread": 300}.get(a.shape) or max(0, a.bytes // a.messages - 330)
        size = 0 if a.shape == "tiny" else size
        for n in range(a.messages):
            agent = n % 2 == 1
            if a.shape == "thread":
                customer, parent, subject = 0, n - 1 if n else None, "A long talk"
            else:
                customer, parent, subject = n // 2 % 100_000, n - 1 if agent else None, f"Question {n // 2}"
            out.write(message(n, agent, customer, parent, subject, prose(lines, rng, size)))


if __name__ == "__main__":
    main()
