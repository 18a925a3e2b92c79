#!/usr/bin/env python3
"""How many mined rewordings ask for the same as their source? Standard library only.

Usage: mined_pairs.py BINARY LABELLED.jsonl [LABELLED.jsonl …] [--per-example 3] [--show]
Lines of LABELLED: {"text", "label", "response"}. Prints distinct pairs of questions and the share with one label.
"""
import argparse, json, os, subprocess, tempfile

p = argparse.ArgumentParser()
p.add_argument("binary"); p.add_argument("files", nargs="+"); p.add_argument("--per-example", default="3"); p.add_argument("--show", action="store_true")
a = p.parse_args()
for name in a.files:
    rows = [json.loads(line) for line in open(name, encoding="utf-8")]
    label = {" ".join(r["text"].split()): r["label"] for r in rows}
    with tempfile.TemporaryDirectory() as folder:
        data, out, proof = (os.path.join(folder, n) for n in ("in.jsonl", "out.jsonl", "evidence.jsonl"))
        with open(data, "w", encoding="utf-8") as f:
            for r in rows:
                turns = [{"role": "user", "content": r["text"]}, {"role": "assistant", "content": r["response"]}]
                f.write(json.dumps({"messages": turns}) + "\n")
        subprocess.run([a.binary, "vary", data, "-o", out, "--to", "canonical", "--evidence", proof, "--rewriter", "mined",
                        "--per-example", a.per_example, "--max-share", "0.9", "--quiet"], check=True)
        text = {}
        for line in open(out, encoding="utf-8"):
            e = json.loads(line)
            text[e["id"]] = " ".join(e["turns"][0]["text"].split())
        pairs = {}
        for line in open(proof, encoding="utf-8"):
            e = json.loads(line)
            pair = tuple(sorted((text[e["variant_of"]], text[e["evidence"]["from"]])))
            pairs[pair] = e["evidence"]["answers"]
    same = {x: label[x[0]] == label[x[1]] for x in pairs}
    if a.show:
        for (x, y), agree in sorted(pairs.items(), key=lambda z: z[1]):
            print("same " if same[x, y] else "OTHER", f"{agree:.2f}", repr(x), "~", repr(y))
    print(f"{os.path.basename(name)}: examples {len(rows)} pairs {len(pairs)} same_intent {sum(same.values()) / max(1, len(same)):.3f}")
