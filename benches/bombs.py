#!/usr/bin/env python3
"""Mail made to hurt: what `export` and `inspect` make of it, in time and memory.

    benches/bombs.py BINARY [--only WORD] [--scale F] [--json FILE] [--keep DIR]

Every bomb is made twice, at half and at full size, put into a mailbox where the shop answers it (so that its
body is read), and exported with redaction on. For each the table says how large it is, the CPU seconds, the
peak memory, how many times longer the whole took than the half, and what became of it.

The bounds, which the exit status goes by:
  time    at most 3 s + 0.5 s a MB of mail (unpacked), and at most 3.2 times that of half the size
          (linear is 2; the measurement is of whole processes and starts counting at half a second)
  memory  at most 150 MB + 90 times the text of the largest message that is not too large (8 MiB) + 1,000 bytes a
          message and 4,000 a member of an archive, beyond the mapped file
  end     exit status 0 or 1, a ledger line for each message
"""

import argparse, json, os, re, resource, shutil, subprocess, sys, tempfile

from bombs_made import BOMBS, MB


def run(binary, words, folder):
    """CPU seconds, peak memory in bytes, exit status, stderr. A minute's CPU and 8 GB are the end."""
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
        resource.setrlimit(resource.RLIMIT_AS, (24 << 30, 24 << 30))
    with open(os.path.join(folder, "stderr"), "w+b") as err:
        child = subprocess.Popen([binary] + words, stdout=subprocess.DEVNULL, stderr=err, preexec_fn=limit)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        err.seek(0)
        said = err.read().decode("utf-8", "replace")
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, child.returncode, said


def fates(out):
    """Fates and reasons of the ledger, counted."""
    counts = {}
    with open(os.path.join(out, "ledger.jsonl"), encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            what = entry.get("reason") or entry["fate"]
            counts[what] = counts.get(what, 0) + 1
    return counts


def one(binary, make, n, folder):
    name = getattr(make, "container", "bomb.mbox")
    path, out = os.path.join(folder, name), os.path.join(folder, "out")
    shutil.rmtree(out, ignore_errors=True)
    data = make(n)
    with open(path, "wb") as f:
        f.write(data)
    size, count = len(data), max(data.count(b"\nFrom: "), 1)
    largest = max(len(m) for m in re.split(rb"\n\nFrom \S+ Mon Mar ", data)) if size < 300 * MB else size
    del data
    cpu, peak, status, said = run(binary, ["export", path, "-o", out, "--agent", "shop@example.org", "--threads", "2"], folder)
    got = fates(out) if status in (0, 1) and os.path.isdir(out) else {}
    seen, _, again, _ = run(binary, ["inspect", path, "--threads", "2"], folder)
    os.remove(path)
    return {"size": size, "cpu": cpu, "peak": peak, "status": status, "said": said.strip().splitlines()[-1:], "fates": got,
            "inspect": seen, "inspect_status": again, "messages": count, "largest": largest}


def verdict(half, whole, container):
    """What is out of bounds."""
    wrong = []
    mapped = whole["size"]
    unpacked = max(whole["size"], 1000 * MB if container else 0)
    if whole["cpu"] > 3 + 0.5 * unpacked / MB:
        wrong.append("time")
    if not container and whole["cpu"] > 3.2 * max(half["cpu"], 0.5):
        wrong.append("not linear")
    members = sum(whole["fates"].values()) if container else 0
    largest = min(whole["largest"], 8 * MB)
    if whole["peak"] > 150 * MB + mapped + 90 * largest + 1000 * whole["messages"] + 4000 * members:
        wrong.append("memory")
    if whole["status"] not in (0, 1) or whole["inspect_status"] not in (0, 1):
        wrong.append("died")
    if whole["status"] == 0 and not whole["fates"]:
        wrong.append("no ledger")
    return wrong


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("binary")
    args.add_argument("--only", default="", help="bombs whose name holds this")
    args.add_argument("--scale", type=float, default=1.0, help="of their sizes")
    args.add_argument("--json", help="write the figures here")
    args.add_argument("--keep", help="work in this folder")
    a = args.parse_args()
    binary, bad, all_figures = os.path.abspath(a.binary), 0, {}
    print(f"{'bomb':34}{'MB':>8}{'cpu s':>8}{'x half':>8}{'inspect':>9}{'peak MB':>9}  became")
    with tempfile.TemporaryDirectory(dir=a.keep) as folder:
        for name, (make, n) in BOMBS.items():
            if a.only not in name:
                continue
            n = max(1, int(n * a.scale))
            container = hasattr(make, "container")
            half = one(binary, make, max(1, n // 2), folder)
            whole = one(binary, make, n, folder)
            wrong = verdict(half, whole, container)
            bad += bool(wrong)
            became = ", ".join(f"{v} {k}" for k, v in sorted(whole["fates"].items())) or " ".join(whole["said"])[:90]
            print(f"{name:34}{whole['size'] / MB:8.1f}{whole['cpu']:8.2f}{whole['cpu'] / max(half['cpu'], 0.01):8.1f}"
                  f"{whole['inspect']:9.2f}{whole['peak'] / MB:9.0f}  {became}"
                  + (f"   <-- {', '.join(wrong)} (exit {whole['status']})" if wrong else ""), flush=True)
            all_figures[name] = {"half": half, "whole": whole, "wrong": wrong}
    if a.json:
        with open(a.json, "w", encoding="utf-8") as f:
            json.dump(all_figures, f, indent=1)
    print(f"{len(all_figures)} bombs, {bad} out of bounds")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
