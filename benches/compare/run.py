"""Ours and others' programs on the same mailbox, in turn, in one run.

    cargo build --release -p threadfold-cli -p threadfold-yardstick
    cargo build --release --ignore-rust-version --manifest-path benches/yardstick1/Cargo.toml
    python3 benches/compare/run.py                                  # generates its mailboxes below --work
    python3 benches/compare/run.py inbox.mbox --agent shop.example.com --rounds 5
    python3 benches/compare/run.py inbox.mbox --slow                # Python and the indexers too, on an excerpt

Every program is a whole process on a cached file, on one thread; what is compared is its CPU time (user and system).
Rounds are interleaved: each program runs once in every round, so that a noisy minute hits all of them. The table gives
medians, and ratios to the `memmem` scan and to the full decode by mail-parser 1.

The slow ones (a plain Python pipeline; notmuch, mu and mblaze's mthread for threading, where they are installed) read
an excerpt of the mailbox, and are compared with ours on that same excerpt.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(command, env=None):
    """CPU seconds, wall seconds and peak resident KB of a process; None if it failed."""
    start = time.monotonic()
    with open(os.devnull, "w") as null:
        child = subprocess.Popen(command, stdout=null, stderr=subprocess.PIPE, env=env)
        error = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        print(f"  failed: {' '.join(map(str, command))}\n  {error.decode(errors='replace')[-300:]}", file=sys.stderr)
        return None
    return usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss


def measure(programs, rounds, work):
    """Interleaved rounds; for each program the median CPU, wall and peak."""
    found = {name: [] for name in programs}
    for _ in range(rounds):
        for name, (command, env) in programs.items():
            shutil.rmtree(work / "out", ignore_errors=True)
            figures = run(command, env)
            if figures:
                found[name].append(figures)
    shutil.rmtree(work / "out", ignore_errors=True)
    return {n: [statistics.median(f[i] for f in all) for i in range(3)] for n, all in found.items() if all}


def table(title, size, medians, bases):
    print(f"\n{title}\n")
    heads = [f"x {b}" for b in bases if b in medians]
    print(f"| program | CPU s | MB/s | {' | '.join(heads)} | wall s | peak MB |")
    print("|---" * (5 + len(heads)) + "|")
    for name, (cpu, wall, peak) in medians.items():
        ratios = [f"{cpu / medians[b][0]:.2f}" for b in bases if b in medians]
        print(f"| {name} | {cpu:.2f} | {size / 1e6 / cpu:.0f} | {' | '.join(ratios)} | {wall:.2f} | {peak // 1024} |")


def fast(box, a, work):
    """What reads the whole mailbox."""
    agents = [x for agent in a.agent for x in ("--agent", agent)]
    ours = [a.bin, "export", box, "-o", work / "out", "--threads", "1", *agents]
    return {
        "memmem": ([a.yardstick, "memmem", box], None),
        "threadfold inspect": ([a.bin, "inspect", box, "--threads", "1", *agents], None),
        "threadfold export": ([*ours, "--no-redact", "--no-report"], None),
        "threadfold export, report.html": ([*ours, "--no-redact"], None),
        **({"threadfold export, redacted": (ours, None)} if a.redact else {}),
        "mail-parser 1": ([a.yardstick1, "decode", box], None),
        "mail-parser 0.11": ([a.yardstick, "mail-parser", box], None),
        "mailparse": ([a.yardstick, "mailparse", box], None),
    }


def excerpt(box, size, work):
    """The mailbox's beginning, cut at a separator, and the same as a Maildir."""
    with open(box, "rb") as file:
        data = file.read(size)
    end = data.rfind(b"\n\nFrom ") + 2
    short = work / "excerpt.mbox"
    short.write_bytes(data[: end if end > 2 else len(data)])
    maildir = work / "Maildir"
    shutil.rmtree(maildir, ignore_errors=True)
    for sub in ("cur", "new", "tmp"):
        (maildir / sub).mkdir(parents=True)
    for n, message in enumerate(short.read_bytes().split(b"\n\nFrom ")):
        (maildir / "cur" / f"{n}.x:2,S").write_bytes(message.split(b"\n", 1)[-1] + b"\n")
    return short, maildir


def slow(short, maildir, a, work):
    """What would take too long on all of it."""
    agents = [x for agent in a.agent for x in ("--agent", agent)]
    names = [agent.lstrip("@") for agent in a.agent] or ["@"]
    plain = ROOT / "benches/compare/plain_pipeline.py"
    programs = {
        "threadfold export": (
            [a.bin, "export", short, "-o", work / "out", "--no-redact", "--no-report", "--threads", "1", *agents], None),
        "threadfold threads": ([a.bin, "threads", short, "--threads", "1"], None),
        "plain Python pipeline": ([a.python, plain, short, work / "plain.jsonl", *names], None),
    }
    if shutil.which("notmuch"):
        config = work / "notmuch.conf"
        config.write_text(f"[database]\npath={maildir}\n[new]\ntags=\n[search]\n[user]\nname=x\n")
        env = {**os.environ, "NOTMUCH_CONFIG": str(config)}
        again = f"rm -rf {maildir}/.notmuch; notmuch new && notmuch search --format=json '*'"
        programs["notmuch new + search (indexes all words too)"] = (["sh", "-c", again], env)
    if shutil.which("mu"):
        home = work / "mu"
        again = (f"rm -rf {home}; mu init --quiet --muhome={home} --maildir={maildir}; "
                 f"mu index --quiet --muhome={home} && mu find --muhome={home} --threads ''")
        programs["mu index + find --threads (indexes all words too)"] = (["sh", "-c", again], None)
    if shutil.which("mthread"):
        programs["mblaze mlist | mthread"] = (["sh", "-c", f"mlist {maildir} | mthread"], None)
    return programs


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("mailbox", nargs="*", type=Path, help="mbox files; without any, two are generated")
    p.add_argument("--agent", action="append", default=[], help="as for threadfold; for all the mailboxes")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--work", type=Path, default=Path("compare-work"), help="generated mailboxes and output")
    p.add_argument("--text-bytes", type=int, default=520_000_000)
    p.add_argument("--attachment-bytes", type=int, default=2_050_000_000)
    p.add_argument("--redact", action="store_true", help="measure the export with redaction too")
    p.add_argument("--slow", action="store_true", help="compare with the slow ones too")
    p.add_argument("--excerpt", type=int, default=30_000_000, help="bytes of mail that the slow ones read")
    p.add_argument("--python", default=sys.executable, help="a Python that has email-reply-parser")
    p.add_argument("--bin", type=Path, default=ROOT / "target/release/threadfold")
    p.add_argument("--yardstick", type=Path, default=ROOT / "target/release/threadfold-yardstick")
    p.add_argument("--yardstick1", type=Path,
                   default=ROOT / "benches/yardstick1/target/release/threadfold-yardstick1")
    a = p.parse_args()
    for program in ("bin", "yardstick", "yardstick1"):
        path = getattr(a, program).resolve()
        if not path.exists():
            sys.exit(f"{path} is not there: build it first, or say where it is with --{program}")
        setattr(a, program, path)
    a.work.mkdir(parents=True, exist_ok=True)
    boxes = a.mailbox
    if not boxes:
        for profile, size in (("text", a.text_bytes), ("attachments", a.attachment_bytes)):
            box = a.work / f"{profile}.mbox"
            if not box.exists():
                command = [a.bin, "generate", "-o", box, "--profile", profile, "--bytes", str(size), "--seed", "1"]
                subprocess.run(command, check=True)
            boxes.append(box)
    for box in boxes:
        size = box.stat().st_size
        with open(box, "rb") as file:  # into the page cache
            while file.read(1 << 24):
                pass
        medians = measure(fast(box, a, a.work), a.rounds, a.work)
        title = f"{box.name}: {size / 1e6:.0f} MB, medians of {a.rounds} rounds"
        table(title, size, medians, ("memmem", "mail-parser 1"))
        if a.slow:
            short, maildir = excerpt(box, a.excerpt, a.work)
            medians = measure(slow(short, maildir, a, a.work), a.rounds, a.work)
            size = short.stat().st_size
            title = f"{box.name}, the first {size / 1e6:.0f} MB, medians of {a.rounds} rounds"
            table(title, size, medians, ("threadfold export", "threadfold threads"))
            shutil.rmtree(maildir)


if __name__ == "__main__":
    main()
