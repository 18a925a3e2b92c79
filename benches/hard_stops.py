#!/usr/bin/env python3
"""Ends exports the hard way and looks at what is left.

    benches/hard_stops.py BINARY [--kills 200] [--messages 20000] [--seed 1] [--only PART]

kills    SIGKILL at random moments of an export, with and without an old folder to replace, some with several
         exports into one folder at once: the output is the old folder or the whole new one, byte for byte; what
         the next run finds lying about it takes away; nothing of a run that lives is touched.
signals  SIGINT and SIGTERM: nothing is left behind.
disks    a file system that fills up (a tmpfs, where it may be mounted), a read-only one, a full temporary folder,
         /dev/full and a closed pipe behind stdout.
changes  the mailbox is cut short, written over, added to, or removed while it is read.
surface  what a run does to its surroundings: no verb opens a connection (by strace, or at least in a network
         namespace of its own), temporary files have no name, and no escape in mail reaches
         a terminal (a pseudo-terminal, all verbs that print mail).

The exit status is 1 if anything was not as it should be.
"""

import argparse, filecmp, hashlib, os, random, shutil, signal, subprocess, sys, tempfile, time

FAILED = []


def check(holds, what):
    if not holds:
        FAILED.append(what)
        print(f"  WRONG: {what}", flush=True)
    return holds


def contents(folder):
    """Every file with its hash; none if there is no such folder."""
    if not os.path.isdir(folder):
        return None
    found = {}
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, folder)] = hashlib.sha256(f.read()).hexdigest()
    return found


class Lab:
    def __init__(self, binary, folder, messages, seed):
        self.binary, self.folder = os.path.abspath(binary), folder
        self.random = random.Random(seed)
        self.mbox = os.path.join(folder, "in.mbox")
        self.run("generate", "-o", self.mbox, "--messages", str(messages), "--seed", "4")
        os.remove(self.mbox + ".truth.jsonl")
        self.out = os.path.join(folder, "work", "out")
        os.mkdir(os.path.dirname(self.out))

    def start(self, *words, **more):
        more = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE} | more
        return subprocess.Popen([self.binary, *words], **more)

    def run(self, *words, **more):
        child = self.start(*words, **more)
        said = child.communicate()[1]
        return child.returncode, (said or b"").decode("utf-8", "replace").strip()

    def export(self, *more, out=None, mbox=None):
        return ["export", mbox or self.mbox, "-o", out or self.out, "--quiet", *more]

    def leftovers(self):
        return sorted(n for n in os.listdir(os.path.dirname(self.out)) if n != "out")


def kills(lab, count):
    new_options, old_options = ["--no-redact"], ["--no-redact", "--split", "0", "--format", "messages"]
    started = time.time()
    check(lab.run(*lab.export(*new_options))[0] == 0, "the export by itself")
    length = time.time() - started
    new = contents(lab.out)
    shutil.rmtree(lab.out)
    check(lab.run(*lab.export(*old_options))[0] == 0, "the old export by itself")
    old = contents(lab.out)
    keep = lab.out + ".keep"
    os.rename(lab.out, keep)
    survived = before = after = left = together = 0
    for n in range(count):
        shutil.rmtree(lab.out, ignore_errors=True)
        over = n % 2 == 0
        if over:
            shutil.copytree(keep, lab.out)
        # The last moments are when folders change places: every third kill falls near the end.
        moment = lab.random.uniform(0.8, 1.1) * length if n % 3 == 0 else lab.random.uniform(0, 1.05) * length
        words = lab.export(*new_options, *(["--force"] if over else []))
        runs = [lab.start(*words) for _ in range(2 if n % 10 == 0 else 1)]
        together += len(runs) > 1
        time.sleep(moment)
        for run in runs:
            run.kill()
        for run in runs:
            run.communicate()
        have = contents(lab.out)
        whole = have == new or have == (old if over else None)
        survived += check(whole, f"kill {n}, after {moment:.3f} s: the output is neither the old nor the new one")
        before, after = before + (have != new), after + (have == new)
        found = [x for x in lab.leftovers() if x != "out.keep"]
        left += bool(found)
        # The next run: needs no tidying, and takes away what was left.
        if n % 5 == 0:
            status, said = lab.run(*lab.export(*new_options, "--force"))
            check(status == 0 and contents(lab.out) == new, f"kill {n}: the next run: {status} {said}")
            found = [x for x in lab.leftovers() if x != "out.keep"]
            check(not found, f"kill {n}: the next run leaves {found}")
    # One that lives is never touched by the others.
    lab.run(*lab.export(*new_options, "--force"))
    shutil.rmtree(lab.out)
    first = lab.start(*lab.export(*new_options))
    while first.poll() is None and lab.leftovers() == ["out.keep"]:
        time.sleep(0.001)
    first.send_signal(signal.SIGSTOP)
    mine = [x for x in lab.leftovers() if x != "out.keep"]
    check(len(mine) == 1, f"a run that stands still has one folder: {mine}")
    status, said = lab.run(*lab.export(*new_options))
    check(status == 0, f"a run beside one that stands still: {status} {said}")
    check([x for x in lab.leftovers() if x != "out.keep"] == mine, "a living run's folder was touched")
    first.send_signal(signal.SIGCONT)
    status, said = first.wait(), first.communicate()[1].decode()
    check(status == 2 and "exists already" in said, f"the slower of two runs: {status} {said}")
    check(contents(lab.out) == new and lab.leftovers() == ["out.keep"], "after both")
    shutil.rmtree(keep)
    shutil.rmtree(lab.out)
    print(f"kills: {survived} of {count} survived ({before} with the folder as it was, {after} with the whole new one, "
          f"{left} left something for the next run, {together} with two runs at once); an export takes {length:.1f} s")


def signals(lab):
    ended = 0
    for n in range(10):
        run = lab.start(*lab.export("--no-redact"))
        time.sleep(lab.random.uniform(0.05, 0.6))
        run.send_signal(signal.SIGINT if n % 2 else signal.SIGTERM)
        said = run.communicate()[1].decode()
        if run.returncode == 0:
            shutil.rmtree(lab.out)
            continue
        ended += check(run.returncode == 1 and "stopped" in said, f"signal: {run.returncode} {said}")
        check(not os.path.exists(lab.out) and not lab.leftovers(), f"signal left {lab.leftovers()}")
    # While an archive is unpacked, too: zeros unpack for long.
    packed = os.path.join(lab.folder, "zeros.mbox.gz")
    subprocess.run(f"(cat {lab.mbox}; head -c 6G /dev/zero) | gzip -1 > {packed}", shell=True, check=True)
    run = lab.start(*lab.export("--no-redact", "--max-expansion-ratio", "100000", mbox=packed))
    time.sleep(1)
    run.send_signal(signal.SIGINT)
    started = time.time()
    said = run.communicate()[1].decode()
    waited = time.time() - started
    check(run.returncode == 1 and "stopped" in said and waited < 3 and not lab.leftovers(),
          f"a signal while unpacking: {run.returncode} {said} after {waited:.1f} s, {lab.leftovers()}")
    os.remove(packed)
    print(f"signals: {ended} of 10 came in time, nothing left; unpacking ended {waited:.2f} s after its signal")


def disks(lab):
    tried = 0
    small = os.path.join(lab.folder, "small")
    os.mkdir(small)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={os.path.getsize(lab.mbox) // 16}", "tmpfs", small], capture_output=True).returncode == 0
    if mounted:
        try:
            for options in (["--no-redact"], []):
                status, said = lab.run(*lab.export(*options, out=os.path.join(small, "out")))
                tried += check(status == 1 and "No space left" in said and len(said.splitlines()) == 1,
                               f"full output: {status} {said}")
                check(os.listdir(small) == [], f"full output leaves {os.listdir(small)}")
            # An old folder is still there after a run that found no room.
            tiny = os.path.join(lab.folder, "tiny.mbox")
            lab.run("generate", "-o", tiny, "--messages", "100", "--seed", "1")
            out = os.path.join(small, "out")
            check(lab.run(*lab.export("--no-redact", out=out, mbox=tiny))[0] == 0, "a small export fits")
            old = contents(out)
            status, _ = lab.run(*lab.export("--no-redact", "--force", out=out))
            tried += check(status == 1 and contents(out) == old and os.listdir(small) == ["out"], "full, with an old folder")
            shutil.rmtree(out)
            # The temporary folder: unpacked mail, and what redaction keeps.
            packed = os.path.join(lab.folder, "in.mbox.gz")
            with open(packed, "wb") as f:
                subprocess.run(["gzip", "-1", "-c", lab.mbox], stdout=f, check=True)
            here = os.environ | {"TMPDIR": small}
            for words, what in ((lab.export("--no-redact", mbox=packed), "unpacking"), (lab.export(), "redaction")):
                # What redaction keeps is a small part of the mail.
                room = os.path.getsize(lab.mbox) // (16 if what == "unpacking" else 128)
                subprocess.run(["mount", "-o", f"remount,size={room}", small], check=True)
                status, said = lab.run(*words, env=here)
                tried += check(status == 1 and "No space left" in said and small in said, f"full {what}: {status} {said}")
                check(not os.path.exists(lab.out) and not lab.leftovers(), f"full {what}: leaves {lab.leftovers()}")
            subprocess.run(["mount", "-o", "remount,ro", small], check=True)
            status, said = lab.run(*lab.export("--no-redact", out=os.path.join(small, "out")))
            tried += check(status == 1 and "Read-only" in said, f"read-only: {status} {said}")
        finally:
            subprocess.run(["umount", small], check=True)
    else:
        print("disks: no tmpfs may be mounted here, those parts are left out")
    for words in (["threads", lab.mbox], ["threads", lab.mbox, "--json"], ["inspect", lab.mbox, "--json"]):
        with open("/dev/full", "wb") as full:
            status, said = lab.run(*words, stdout=full)
        tried += check(status == 1 and "No space left" in said, f"{words[0]} to a full disk: {status} {said}")
        child = lab.start(*words, stdout=subprocess.PIPE)
        child.stdout.close()
        said = child.communicate()[1].decode()
        tried += check(child.returncode == 0 and "error" not in said, f"{words[0]} to a closed pipe: {child.returncode} {said}")
    print(f"disks: {tried} as they should be")


def maps(pid, path):
    """Whether a process has mapped a file."""
    try:
        with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as f:
            return any(line.rstrip().endswith(path) for line in f)
    except OSError:
        return False


def changes(lab):
    """What is done to the mailbox once the run has begun to read it."""
    size = os.path.getsize(lab.mbox)
    copy = os.path.join(lab.folder, "copy.mbox")

    def cut(at):
        def change():
            os.truncate(copy, int(size * at))
        return change

    def rewrite():
        with open(copy, "r+b") as f:
            f.seek(size // 2)
            f.write(b"x" * 1000)

    def add():
        with open(copy, "ab") as f:
            f.write(b"From x@example.com Mon Mar  4 10:00:00 2024\nFrom: late@example.com\n\nLate.\n\n")

    def replace():
        with open(copy + ".new", "wb") as f:
            f.write(b"From x@example.com Mon Mar  4 10:00:00 2024\nFrom: new@example.com\n\nNew.\n\n")
        os.rename(copy + ".new", copy)

    started = time.time()
    lab.run(*lab.export("--no-redact"))
    length = time.time() - started
    whole = contents(lab.out)
    shutil.rmtree(lab.out)
    tried = late = 0
    cases = [(cut(0), 1, "cut short"), (cut(0.1), 1, "cut short"), (cut(0.5), 1, "cut short"), (cut(0.99), 1, "cut short"),
             (rewrite, 1, "written to"), (add, 1, "grew by"), (replace, 0, None), (lambda: os.remove(copy), 0, None)]
    for change, expected, words in cases * 5:
        if os.path.exists(copy):
            os.remove(copy)
        shutil.copyfile(lab.mbox, copy)
        # The time of the file must lie back, as that of a mailbox does.
        os.utime(copy, (1, 1))
        run = lab.start(*lab.export("--no-redact", mbox=copy))
        while run.poll() is None and not maps(run.pid, copy):
            time.sleep(0.001)
        time.sleep(lab.random.uniform(0, 0.6) * length)
        if run.poll() is not None:
            late += 1
            shutil.rmtree(lab.out)
            continue
        change()
        said = run.communicate()[1].decode()
        fine = run.returncode == expected
        if words == "grew by":
            # All that was there is in the dataset, and the ledger has the rest as one line.
            with open(os.path.join(lab.out, "ledger.jsonl"), encoding="utf-8") as f:
                fine &= "grew by" in f.read().splitlines()[-1]
        elif words:
            # A file that is looked at while it is being cut has its new size and its old time.
            fine &= (words in said or words == "cut short" and "written to" in said) and not os.path.exists(lab.out)
        else:
            have = contents(lab.out)
            fine &= have is not None and have["train.messages.jsonl"] == whole["train.messages.jsonl"]
        tried += check(fine and not lab.leftovers(), f"{words}: exit {run.returncode}, {said!r}, {lab.leftovers()}")
        shutil.rmtree(lab.out, ignore_errors=True)
    print(f"changes: {tried} as they should be ({late} came too late)")


HOSTILE = ("From x@example.com Mon Jan  1 10:00:00 2024\nFrom: \x1b]0;owned\x07Ada \x1b[2J<ada@example.com>\n"
           "To: shop@example.org\nSubject: \x1b[5mHours\u009b2J\u202e=?utf-8?q?=1B=5B31m=C2=9B2J=E2=80=AE=0Ax=0Dy=7F?=\n"
           "Message-ID: <1\x1b[0m@example.com>\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nWhen?\x1b[2J \u009b2J \u202e\n\n"
           "From s@example.org Mon Jan  1 11:00:00 2024\nFrom: Shop <shop@example.org>\nTo: ada@example.com\n"
           "Subject: Re: Hours\nMessage-ID: <2@example.org>\nIn-Reply-To: <1\x1b[0m@example.com>\n"
           "Date: Mon, 1 Jan 2024 11:00:00 +0000\n\nNine\x1b[2J to \u009b2J five.\u202e\n\n")


def on_a_terminal(words, folder):
    """What a command writes to stdout and stderr when both are a terminal."""
    import pty
    ours, theirs = pty.openpty()
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, cwd=folder)
    os.close(theirs)
    said = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:
            break
        if not more:
            break
        said += more
    os.close(ours)
    child.wait()
    return said.decode("utf-8", "replace")


def surface(lab):
    folder = os.path.join(lab.folder, "surface")
    os.mkdir(folder)
    box = os.path.join(folder, "box\x1b[31m.mbox")
    with open(box, "w", encoding="utf-8", newline="") as f:
        f.write(HOSTILE)
    out = os.path.join(folder, "out")
    words = ["export", box, "-o", out, "--no-redact", "--agent", "shop@example.org", "--policy", "references"]
    check(lab.run(*words)[0] == 0, "the hostile mailbox")
    examples = os.path.join(out, "examples.jsonl")
    bad = dict.fromkeys(i for i in list(range(32)) + list(range(127, 160)) + list(range(0x202A, 0x202F)) if i not in (9, 10, 13))
    printed = 0
    for words in (["threads", box], ["threads", box, "--json"], ["inspect", box], ["inspect", box, "--json"],
                  ["convert", examples, "--to", "csv", "-o", "-"], ["convert", examples, "--to", "canonical", "-o", "-"],
                  ["validate", examples], ["validate", examples, "--json"], ["export", box, "-o", out], ["audit", out, box],
                  ["insights", out, "-o", os.path.join(folder, "insights")], ["vary", examples]):
        said = on_a_terminal([lab.binary, *words], folder)
        # Progress bars are ours: they move the cursor and colour nothing that is not ours.
        plain = said.replace("\x1b[2K", "").replace("\x1b[1A", "").replace("\x1b[0m", "").replace("\x1b[?25l", "").replace("\x1b[?25h", "")
        harm = [hex(ord(c)) for c in plain if ord(c) in bad]
        printed += check(said != "" and not harm, f"{words[:2]} on a terminal writes {harm} in {plain!r}"[:400])

    # Connections, and temporary files.
    small, packed = os.path.join(folder, "small.mbox"), os.path.join(folder, "small.mbox.gz")
    lab.run("generate", "-o", small, "--messages", "300", "--seed", "1")
    with open(packed, "wb") as f:
        subprocess.run(["gzip", "-c", small], stdout=f, check=True)
    data = os.path.join(folder, "data")
    tmp = os.path.join(folder, "tmp")
    os.mkdir(tmp)
    quiet = 0
    verbs = [["export", packed, "-o", data], ["audit", data, packed], ["inspect", small], ["threads", small],
             ["convert", os.path.join(data, "dataset.csv"), "--to", "messages", "-o", os.path.join(folder, "m.jsonl")],
             ["validate", os.path.join(data, "train.messages.jsonl"), "--for", "openai"], ["recipe", "--for", "axolotl", data],
             ["insights", data, "-o", os.path.join(folder, "i2")], ["vary", os.path.join(data, "examples.jsonl")],
             ["generate", "-o", os.path.join(folder, "g.mbox"), "--messages", "10"], ["reply"], ["redact"]]
    strace = shutil.which("strace")
    opened = []
    for words in verbs:
        log = os.path.join(folder, "strace.log")
        trace = ["strace", "-f", "-o", log, "-e", "trace=%network,openat,open"] if strace else ["unshare", "-rn"]
        child = subprocess.run(trace + [lab.binary, *words], stdin=subprocess.DEVNULL, capture_output=True,
                               env=os.environ | {"TMPDIR": tmp})
        fine = child.returncode in (0, 1)
        if strace:
            with open(log, encoding="utf-8", errors="replace") as f:
                lines = f.read().splitlines()
            calls = [x for x in lines if any(c in x for c in ("socket(", "connect(", "sendto(", "bind("))]
            # Parts of one process may speak to each other.
            calls = [x for x in calls if "AF_UNIX" not in x]
            fine &= check(not calls, f"{words[0]} speaks to the network: {calls[:2]}")
            opened += [x for x in lines if tmp in x]
        quiet += check(fine, f"{words[0]}: exit {child.returncode}: {child.stderr[-300:]}")
        check(os.listdir(tmp) == [], f"{words[0]} leaves {os.listdir(tmp)}")
    # Without a name nobody else can open it, whatever its mode.
    named = [x for x in opened if "O_TMPFILE" not in x]
    if strace:
        check(opened and not named, f"temporary files that others could open: {named[:3]} of {len(opened)}")
    how = "seen by strace" if strace else "in a namespace without network"
    print(f"surface: {printed} verbs harmless on a terminal; {quiet} without connections ({how}); "
          f"{len(opened)} temporary files, none with a name")


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("binary")
    args.add_argument("--kills", type=int, default=200)
    args.add_argument("--messages", type=int, default=20_000)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--only", default="")
    a = args.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(a.binary, folder, a.messages, a.seed)
        parts = {"kills": lambda: kills(lab, a.kills), "signals": lambda: signals(lab), "disks": lambda: disks(lab),
                 "changes": lambda: changes(lab), "surface": lambda: surface(lab)}
        for name, part in parts.items():
            if a.only in name:
                part()
    print(f"{len(FAILED)} wrong")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
