#!/usr/bin/env python3
"""Opens report.html and faq.html in Chromium: valid, accessible, self-contained, and safe from what mail says. See README.md."""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PACKAGES = ["puppeteer-core@24", "axe-core@4", "html-validate@10"]

# What a mail could hold to become part of a page.
HOSTILE = [
    "<script>alert(1)</script>",
    "</style><script>alert(2)</script><style>*{display:none}",
    "</title></head><body onload=alert(3)>",
    "\" onmouseover=\"alert(4)\" autofocus onfocus=\"alert(5)",
    "' onclick='alert(6)'",
    "<img src=x onerror=alert(7)>",
    "<svg/onload=alert(8)>",
    "<a href=\"javascript:alert(9)\">click</a>",
    "[click](javascript:alert(10))",
    "--><script>alert(11)</script><!--",
    "]]><script>alert(12)</script>",
    "\u202egnp.exe\u202c \u2066isolated\u2069",
    "nul\x00bell\x07escape\x1b[31m",
    "\u2028\u2029\ufeff\ufffe\U0001fffe",
    "&lt;script&gt;alert(13)&lt;/script&gt; &#60;script&#62;",
    "</details></main><iframe src=\"https://example.com/\"></iframe>",
    "<base href=https://example.com/><link rel=stylesheet href=//example.com/x.css>",
]


def hostile(folder):
    """Examples in which every text field is an attack."""
    folder.mkdir()
    with open(folder / "examples.jsonl", "w", encoding="utf-8") as out:
        for number in range(len(HOSTILE) * 8):
            attack = HOSTILE[number % len(HOSTILE)]
            price = 5 if number < len(HOSTILE) * 4 else 7
            def turn(role, text, hour):
                return {"role": role, "author": f"{attack} {number}", "message_id": None, "recovered": False,
                        "date": f"20{21 + number // 60:02}-{number % 12 + 1:02}-11T{hour}:00:00Z", "text": text}
            # Half ask what the attack asks, half ask about the price: a topic of each, with a contradiction.
            ask = f"What does shipping cost {attack}?" if number % 2 else f"{HOSTILE[0]} {attack} how do I fold a letter?"
            answer = f"Shipping costs ${price}.00 {attack} per parcel." if number % 2 else f"Fold it twice {attack} and press on the edge."
            out.write(json.dumps({
                "id": f"{attack}{number}", "thread": f"t{number}", "language": None, "tokens": 1, "variant_of": None, "flags": [],
                "locators": [f"{attack}:{number}+1"], "turns": [turn("customer", ask, "09"), turn("agent", answer, "11")]}) + "\n")
    report = {"counts": {"read": 9, "used": 8, "dropped": 1, "failed": 0, "dropped_by_reason": {HOSTILE[0]: 1}}}
    (folder / "report.json").write_text(json.dumps(report))


def tools(cache):
    """The folder with the Node packages, or why there is none."""
    if not shutil.which("npm"):
        return None, "no npm"
    done = cache / "installed"
    if done.exists() and done.read_text() == "\n".join(PACKAGES):
        return cache, None
    cache.mkdir(parents=True, exist_ok=True)
    (cache / "package.json").write_text('{"private":true}\n')
    made = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES], cwd=cache, capture_output=True, text=True)
    if made.returncode != 0:
        return None, (made.stderr.strip().splitlines() or ["npm failed"])[-1]
    done.write_text("\n".join(PACKAGES))
    return cache, None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path.home() / ".cache/threadfold-acceptance/pages")
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome"))
    parser.add_argument("--shots", type=pathlib.Path, help="a folder for screenshots and PDFs, to be looked at")
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--mail", type=pathlib.Path, action="append", default=[], help="another archive to make the pages of")
    parser.add_argument("--agent", action="append", default=[], help="who answers in --mail")
    args = parser.parse_args()
    cache, why = tools(args.cache)
    if cache is None or not args.chromium:
        print(f"skipped: {why or 'no Chromium (apt-get install chromium)'}")
        sys.exit(0)
    binary = args.binary.resolve()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)

        def run(*words):
            subprocess.run([binary, *words, "--quiet"], check=True, cwd=folder)

        pages = []
        run("generate", "-o", "box.mbox", "--messages", str(args.messages), "--seed", "7")
        mails = [("shop", HERE / "../../fixtures/shop.mbox", []), ("generated", "box.mbox", [])]
        mails += [(mail.stem, mail.resolve(), args.agent) for mail in args.mail]
        for name, mail, agents in mails:
            agents = [word for agent in agents for word in ("--agent", agent)]
            run("export", mail, "-o", f"{name}-export", *agents)
            run("insights", f"{name}-export", "-o", f"{name}-insights")
            pages += [f"{name}-export/report.html", f"{name}-insights/report.html", f"{name}-insights/faq.html"]
        hostile(folder / "hostile")
        run("insights", "hostile", "-o", "hostile-insights", "--name", HOSTILE[0] + HOSTILE[3])
        pages += ["hostile-insights/report.html", "hostile-insights/faq.html"]
        shots = "-"
        if args.shots:
            args.shots.mkdir(parents=True, exist_ok=True)
            shots = args.shots.resolve()
        ran = subprocess.run(["node", HERE / "pages_check.mjs", args.chromium, shots, *(folder / page for page in pages)], cwd=cache, capture_output=True, text=True)
    rows = [line.split("\t")[1:] for line in ran.stdout.splitlines() if line.startswith("RESULT\t")]
    for check, page, verdict, detail in rows:
        if verdict != "passed":
            print(f"{verdict}: {page}: {check}: {detail}")
    passed = sum(row[2] == "passed" for row in rows)
    print(f"{len(pages)} pages: {passed} checks passed, {len(rows) - passed} failed")
    if ran.returncode != 0 and passed == len(rows):
        print(ran.stderr[-2000:])
    sys.exit(1 if ran.returncode or not rows else 0)


if __name__ == "__main__":
    main()
