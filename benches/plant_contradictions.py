#!/usr/bin/env python3
"""Plants contradictions in a fictional shop's answers, and scores what `threadfold insights` finds.

Usage: plant_contradictions.py BINARY [--seeds N] [--first SEED] [--keep DIR] [--verbose]

Each seed writes an examples.jsonl whose topics are stable, changed (one value until a day, another from then on), mixed
(two values side by side) or personal (a value for each customer), runs `BINARY insights examples.jsonl -o DIR`, and compares
`insights.json` with what was planted. Standard library only; knows nothing of how the detector works.
"""
import argparse, json, os, random, subprocess, tempfile
from datetime import datetime, timedelta

def clock(h, m=0):
    """Ways to write a time of day."""
    half = "am" if h < 12 else "pm"
    h12 = (h - 1) % 12 + 1
    mm = f":{m:02}"
    return [f"{h:02}{mm}", f"{h12}{mm if m else ''}{half}", f"{h12}{mm if m else ''} {half}", f"{h12}{mm} {half.upper()}", f"{h}{mm}"]

def hours(a, b):
    return lambda r: r.choice([f"{x} {j} {y}" for x, y in zip(clock(*a), clock(*b)) for j in ("to", "until", "-", "–")]), f"{a}{b}"

def lit(*forms):
    return lambda r: r.choice(forms), forms[0]

WORDS = {7: "seven", 10: "ten", 14: "fourteen", 30: "thirty", 3: "three", 5: "five", 2: "two", 60: "sixty", 12: "twelve", 6: "six", 4: "four", 8: "eight"}

def days(n, unit="day"):
    s = "" if n == 1 else "s"
    return lit(f"{n} {unit}{s}", f"{WORDS.get(n, n)} {unit}{s}", f"{n} {unit}{s}", f"{n}-{unit}".replace("-", " ") + s)

def money(x, cur="$"):
    f = f"{x:.2f}"
    g = f"{x:g}" if x == int(x) else f
    code, word = {"$": ("USD", "dollars"), "€": ("EUR", "euros"), "£": ("GBP", "pounds")}[cur]
    return lit(f"{cur}{f}", f"{cur}{g}", f"{g} {code}", f"{g} {word}", f"{code} {f}")

def phone(a, b, c):
    return lit(f"({a}) {b}-{c}", f"{a}-{b}-{c}", f"+1 {a} {b} {c}", f"{a}.{b}.{c}", f"+1-{a}-{b}-{c}")

def pct(n):
    return lit(f"{n}%", f"{n} %", f"{n} percent", f"{n} per cent")

def weekdays(long, short, *more):
    return lit(long, short, *more)

def url(u):
    return lit(f"https://{u}", f"http://{u}", u if u.startswith("www") else f"https://{u}", f"https://{u}/")

def street(n, name, kind, short, town):
    return lit(f"{n} {name} {kind}, {town}", f"{n} {name} {short}, {town}", f"{n} {name} {kind} in {town}", f"{n} {name} {short}. {town}")

# name, fact type, questions, answers with {v}, three possible values (or two for yes/no as whole sentences)
T = []
def topic(name, kind, questions, answers, *values):
    T.append((name, kind, questions, answers, values))

topic("opening", "hours", ["What are your opening hours?", "When are you open?", "what time do you open and close", "Could you tell me the opening hours of your shop?", "Until what time is the shop open today?"],
      ["We are open from {v}.", "Our shop is open {v}, come by any time.", "Opening hours are {v} on working days.", "You will find us here {v}."], hours((9, 0), (17, 0)), hours((10, 0), (18, 30)), hours((8, 30), (16, 0)))
topic("hotline", "hours", ["When can I call your hotline?", "What times is the telephone support available?", "hours of your hotline please", "When does phone support pick up?"],
      ["The hotline is staffed {v}.", "You can call between the hours of {v}.", "Phone support picks up {v}."], hours((8, 0), (20, 0)), hours((9, 0), (15, 30)), hours((7, 0), (19, 0)))
topic("pickup_days", "weekdays", ["On which days can I collect my order from the warehouse?", "What days is warehouse collection possible?", "which weekdays do you do warehouse pickups", "Can I collect from the warehouse on any day?"],
      ["Collection from the warehouse is possible {v}.", "The warehouse hands out orders {v}.", "Pickups: {v}."],
      weekdays("Monday to Friday", "Mon-Fri", "from Monday through Friday"), weekdays("Tuesday to Saturday", "Tue-Sat", "Tuesdays through Saturdays"), weekdays("Monday, Wednesday and Friday", "Mon, Wed, Fri", "Mondays, Wednesdays and Fridays"))
topic("workshop_day", "weekdays", ["Which day is the pottery workshop held?", "When does the pottery workshop take place?", "what day of the week is the pottery class", "Is the pottery workshop on a weekday?"],
      ["The pottery workshop is held on {v}.", "We run it every week on {v}.", "It takes place on {v} in our studio."], weekdays("Thursdays", "Thursday", "Thu"), weekdays("Saturdays", "Saturday", "Sat"), weekdays("Wednesdays", "Wednesday"))
topic("shipping_cost", "price", ["How much is shipping?", "What does delivery cost?", "shipping costs to Ohio?", "What do you charge for shipping?", "Is shipping expensive?"],
      ["Shipping is {v} per parcel.", "We charge {v} for shipping.", "The shipping cost is a flat {v}.", "Delivery costs {v}, whatever you order."], money(4.9), money(6.5), money(7))
topic("giftwrap", "price", ["How much do you charge for gift wrapping?", "What does gift wrap cost?", "price of gift wrapping please", "Can you gift wrap it and for how much?"],
      ["Gift wrapping costs {v} per item.", "Gift wrap is {v}.", "We gift wrap for {v}, with a card."], money(3, "€"), money(4.5, "€"), money(5, "€"))
topic("shop_address", "address", ["Where is your shop?", "What is the address of the store?", "where can I find your store", "How do I get to your shop, what is the address?"],
      ["Our shop is at {v}.", "You find us at {v}, next to the bakery.", "The address is {v}.", "Come to {v}."],
      street(12, "Harbour", "Street", "St", "Millbrook"), street(48, "Linden", "Avenue", "Ave", "Millbrook"), street(7, "Station", "Road", "Rd", "Oakham"))
topic("return_address", "address", ["What address should I send returns to?", "Where do I send the return parcel?", "return address please", "To which address do I ship the item I am returning?"],
      ["Please send returns to {v}.", "Returns go to {v}.", "Ship it to our returns desk, {v}."], street(301, "Mill", "Lane", "Ln", "Ashford"), street(95, "Quarry", "Road", "Rd", "Ashford"), street(22, "Canal", "Street", "St", "Redwick"))
topic("support_phone", "phone", ["What is your phone number?", "Can I call you? Which number?", "telephone number for customer service", "Is there a number I can ring?"],
      ["You can call us on {v}.", "Our number is {v}.", "Please ring {v} and ask for customer service."], phone("212", "555", "0143"), phone("212", "555", "0198"), phone("415", "555", "0112"))
topic("manual_url", "url", ["Where can I download the manual?", "Do you have the user manual as a PDF?", "link to the instruction manual please", "I lost the manual, can I get it online?"],
      ["You can download the manual at {v}", "The manual is here: {v}", "Please see {v} for the instruction manual."], url("www.example.com/manuals"), url("docs.example.com/downloads"), url("help.example.com/pdf"))
topic("status_url", "url", ["Where do I track my parcel online?", "Is there a tracking page?", "tracking link for my parcel?", "How can I follow my parcel on the web?"],
      ["Track it at {v}", "The tracking page is {v}", "You can follow every parcel at {v}"], url("track.example.com"), url("www.example.com/tracking"), url("parcels.example.org"))
topic("return_window", "duration", ["How long do I have to return an item?", "What is your return period?", "How many days do I have to send something back?", "until when can I return goods"],
      ["You can return items within {v} of delivery.", "Our return period is {v}.", "You have {v} to send things back."], days(14), days(30), days(60))
topic("delivery_time", "duration", ["How long does delivery take?", "When will my order arrive after it ships?", "delivery time to Texas?", "How many days until an order gets here?"],
      ["Delivery takes {v}.", "Orders arrive within {v} of leaving us.", "Please allow {v} for delivery."], days(3), days(5), days(10))
topic("warranty", "duration", ["How long is the warranty?", "What guarantee do the lamps come with?", "warranty period of your lamps", "Is there a guarantee and for how long?"],
      ["The warranty is {v}.", "All lamps come with a guarantee of {v}.", "You have {v} of warranty."], days(2, "year"), days(3, "year"), days(5, "year"))
topic("student", "percentage", ["Do students get a discount?", "How high is the student discount?", "student discount available?", "What do students save?"],
      ["Students get {v} off.", "The student discount is {v}.", "With a valid card students save {v}."], pct(10), pct(15), pct(20))
topic("deposit", "percentage", ["How much deposit do I pay for a custom table?", "What deposit do you take for custom work?", "deposit for a made to measure table", "Do I need to pay a deposit on custom orders?"],
      ["We take a deposit of {v} on custom work.", "The deposit is {v} of the total.", "For made to measure tables we ask for {v} in advance."], pct(25), pct(50), pct(30))
YES = lambda *s: (lambda r: r.choice(s), "yes")
NO = lambda *s: (lambda r: r.choice(s), "no")
topic("canada", "yes_no", ["Do you ship to Canada?", "Can you deliver to Canada?", "is shipping to canada possible", "I live in Canada, do you send there?"], ["{v}"],
      YES("Yes, we do ship to Canada.", "Yes, shipping to Canada is no problem.", "Of course, we deliver to Canada."), NO("Unfortunately we do not ship to Canada.", "No, sorry, we can't deliver to Canada.", "I'm afraid Canada is not something we offer."))
topic("dogs", "yes_no", ["Are dogs allowed in the cafe?", "Can I bring my dog to the cafe?", "is your cafe dog friendly", "May dogs come into the cafe with us?"], ["{v}"],
      YES("Yes, dogs are welcome in the cafe.", "Sure, bring your dog along.", "Absolutely, well behaved dogs may come in."), NO("No, dogs are not allowed in the cafe.", "Sorry, we cannot allow dogs inside.", "Unfortunately dogs must stay outside."))
topic("paypal", "yes_no", ["Do you accept PayPal?", "Can I pay with PayPal?", "paypal possible?", "Is PayPal one of your payment options?"], ["{v}"],
      YES("Yes, PayPal is accepted at checkout.", "You can pay with PayPal, yes.", "Certainly, we take PayPal."), NO("We no longer accept PayPal.", "No, PayPal is not available.", "Sorry, we don't take PayPal."))
topic("invoice_mail", "email", ["Which email address do I use for invoice questions?", "Who do I write to about an invoice?", "email of your billing department", "Where can I mail a question about billing?"],
      ["Please write to {v}.", "Billing can be reached at {v}.", "The address for invoices is {v}."], lit("billing@example.com"), lit("accounts@example.com"), lit("invoices@example.org"))

# Values of each customer's own: never a contradiction.
PERSONAL = [
    ("my_order_arrival", ["When will my order {o} arrive?", "Where is my order {o}?", "any news on order {o}", "Has order {o} shipped yet?"], ["Your order {o} will arrive in {n} days.", "It should be with you within {n} days, tracking number 1Z{t}.", "Order {o} needs another {n} days."]),
    ("quote", ["Could you quote me for {n} chairs?", "What would {n} chairs cost me?", "price for {n} chairs please", "I need an offer for {n} chairs"], ["That would be ${p}.00 in total for {n} chairs.", "For {n} chairs we can offer ${p}.00.", "{n} chairs come to ${p}.00."]),
    ("stock", ["Is the {item} in stock?", "Do you have the {item} available?", "{item} available?", "When is the {item} back in stock?"], ["Yes, the {item} is in stock.", "Sorry, the {item} is sold out.", "No, the {item} is not available at the moment.", "Yes, we have the {item} here."]),
    ("refund", ["How much refund do I get for {o}?", "What amount will be refunded for order {o}?", "refund amount for {o}?"], ["We will refund ${p}.50 to your card.", "Your refund for order {o} is ${p}.20.", "${p}.75 is on its way to you."]),
    ("appointment", ["Can I get an appointment for a fitting?", "When could I come for a fitting?", "I would like to book a fitting", "Fitting appointment please"], ["I booked you in for {wd} at {h}:30.", "How about {wd}, {h}:00? I have put you down.", "Your fitting is on {wd} at {h}:15."]),
    ("agent_direct", ["Who is handling my complaint {o}?", "Who can I call about complaint {o}?", "contact for complaint {o} please"], ["Please call your case worker on 212-555-01{t2}.", "Your contact can be reached at (212) 555-01{t2}."]),
]
ITEMS = ["oak desk", "brass lamp", "linen sofa", "teak bench", "glass vase", "wool rug", "pine shelf", "cork stool", "steel rack", "velvet chair"]
NAMES = ["Ada", "Bruno", "Chloe", "Dev", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kira", "Liam", "Mona", "Nils", "Olga", "Pia"]
HELLO = ["Hi {n},", "Dear {n},", "Hello {n},", "Good morning {n},", ""]
THANKS = ["thank you for your message.", "thanks for getting in touch.", "thank you for writing to us.", "", ""]
BYE = ["Let us know if you have any other questions.", "Have a nice day!", "We are happy to help.", "Your reference is 7{x}.", ""]
STORY = ["I bought a lamp from you last year and love it. ", "My sister told me about you. ", "", "", "I tried your website but could not find it. ", "Quick one: "]

def mail(r, when, i, topic, question, answer, customer, out):
    n = r.choice(NAMES)
    q = r.choice(["Hello,\n\n", "Hi there,\n", "", "Dear team,\n\n"]) + r.choice(STORY) + question + r.choice(["", "\n\nThanks!", "\n\nBest regards\n" + n, " Thank you."])
    parts = [r.choice(HELLO).format(n=n), r.choice(THANKS), answer, r.choice(BYE).format(x=r.randint(10000, 99999))]
    a = "\n".join(p for p in parts if p)
    d = when.strftime("%Y-%m-%dT%H:%M:%SZ")
    answered = (when + timedelta(minutes=180)).strftime("%Y-%m-%dT%H:%M:%SZ")
    out.append({"id": f"e{i:06}", "thread": f"t{i:06}", "turns": [
        {"role": "customer", "author": f"{n} {customer}", "date": d, "message_id": None, "recovered": False, "text": q},
        {"role": "agent", "author": "Shop", "date": answered, "message_id": None, "recovered": False, "text": a}],
        "language": "en", "tokens": 50, "variant_of": None, "locators": [f"inbox.mbox:{i * 1000}+400", f"inbox.mbox:{i * 1000 + 400}+600"], "flags": []})

def plant(seed):
    r = random.Random(seed)
    start = datetime(2023, 1, 1)
    events, truth = [], {}
    for name, kind, questions, answers, values in T:
        state = r.choices(["stable", "changed", "mixed"], [0.4, 0.4, 0.2])[0]
        k = r.sample(range(len(values)), 2)
        n = r.randint(24, 70)
        times = sorted(start + timedelta(minutes=r.randint(0, 720 * 1440)) for _ in range(n))
        cut = times[int(n * r.uniform(0.3, 0.75))]
        share = r.uniform(0.3, 0.7)
        truth[name] = {"type": kind, "state": state, "values": [], "ids": set()}
        for t in times:
            if state == "stable": which = 0
            elif state == "changed": which = int(t >= cut)
            else: which = int(r.random() < share)
            if r.random() < 0.12:
                answer, said = r.choice(["Could you tell me a little more about what you need?", "I have passed your question on, somebody will come back to you.", "Please have a look at our brochure, it says it all."]), None
            else:
                say, _ = values[k[which]]
                answer, said = r.choice(answers).format(v=say(r)), which
            events.append((t, name, r.choice(questions), answer, said))
    for name, questions, answers in PERSONAL:
        truth[name] = {"type": None, "state": "personal", "values": [], "ids": set()}
        for _ in range(r.randint(25, 60)):
            t = start + timedelta(minutes=r.randint(0, 720 * 1440))
            v = dict(o=r.randint(10000, 99999), n=r.randint(2, 21), p=r.randint(20, 900), t=r.randint(10**9, 10**10), t2=f"{r.randint(0, 99):02}", item=r.choice(ITEMS), wd=r.choice(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]), h=r.randint(9, 16))
            events.append((t, name, r.choice(questions).format(**v), r.choice(answers).format(**v), None))
    events.sort(key=lambda e: (e[0], e[1]))
    out = []
    for i, (t, name, q, a, said) in enumerate(events):
        mail(r, t, i, name, q, a, f"Customer{r.randint(1, 400)}", out)
        truth[name]["ids"].add(f"e{i:06}")
        if said is not None: truth[name]["values"].append((f"e{i:06}", said))
    for v in truth.values():
        if v["state"] in ("changed", "mixed"):
            v["first"] = next((i for i, s in v["values"] if s != v["values"][0][1]), None)
            v["stale"] = sum(s == 0 for _, s in v["values"])
            if v["first"] is None: v["state"] = "stable"
    return out, truth

def main():
    p = argparse.ArgumentParser(); p.add_argument("binary"); p.add_argument("--seeds", type=int, default=10); p.add_argument("--first", type=int, default=0); p.add_argument("--keep"); p.add_argument("--verbose", action="store_true")
    a = p.parse_args()
    tp = fp = fn = kind_ok = first_ok = stale_true = stale_off = changed = personal = flagged = 0
    for seed in range(a.first, a.first + a.seeds):
        out, truth = plant(seed)
        with tempfile.TemporaryDirectory() as tmp:
            d = os.path.join(a.keep or tmp, f"seed{seed}"); os.makedirs(d, exist_ok=True)
            path = os.path.join(d, "examples.jsonl")
            with open(path, "w") as f: f.writelines(json.dumps(e) + "\n" for e in out)
            r = subprocess.run([a.binary, "insights", path, "-o", os.path.join(d, "insights"), "--force", "--quiet"], capture_output=True)
            if r.returncode: raise SystemExit(r.stderr.decode())
            found = json.load(open(os.path.join(d, "insights", "insights.json")))["contradictions"]
        hit = {}
        for c in found:
            ids = set(c["examples"])
            name = max(truth, key=lambda n: len(truth[n]["ids"] & ids))
            t = truth[name]
            good = t["state"] in ("changed", "mixed") and t["type"] == c["fact"] and len(t["ids"] & ids) * 2 > len(ids)
            if good and name not in hit:
                hit[name] = c
            elif not good:
                fp += 1
                if t["state"] == "personal": flagged += 1
                if a.verbose: print(seed, "false alarm:", name, t["state"], c["fact"], c["kind"], [v["value"] for v in c["values"]])
        for name, t in truth.items():
            personal += t["state"] == "personal"
            if t["state"] not in ("changed", "mixed"): continue
            c = hit.get(name)
            if not c:
                fn += 1
                if a.verbose: print(seed, "missed:", name, t["type"], t["state"], t["stale"], len(t["values"]))
                continue
            tp += 1
            ok = (c["kind"] == "changed") == (t["state"] == "changed")
            kind_ok += ok; first_ok += c["first"]["example"] == t["first"]
            if a.verbose and (not ok or c["first"]["example"] != t["first"]): print(seed, "kind or first:", name, t["state"], c["kind"], c["first"]["example"], t["first"])
            if t["state"] == "changed":
                changed += 1; stale_true += t["stale"]; stale_off += abs(len(c["stale"]) - t["stale"])
                if a.verbose and len(c["stale"]) != t["stale"]: print(seed, "stale:", name, t["type"], len(c["stale"]), "of", t["stale"])
    pr, rc = tp / max(1, tp + fp), tp / max(1, tp + fn)
    print(f"seeds {a.seeds} planted {tp + fn} found {tp} false {fp} precision {pr:.3f} recall {rc:.3f} F1 {2 * pr * rc / max(1e-9, pr + rc):.3f} "
          f"kind right {kind_ok / max(1, tp):.3f} first mail right {first_ok / max(1, tp):.3f} stale count off by {stale_off / max(1, stale_true):.3f} personal topics flagged {flagged}/{personal}")

if __name__ == "__main__":
    main()
