// Opens pages in Chromium and checks them: valid HTML, accessible in light and dark on a desk and on a phone, nothing
// fetched, nothing run, nothing wider than the screen. Called by pages.py, which installs what this imports.
//
// node pages_check.mjs CHROMIUM SHOTS_FOLDER|- PAGE.html…    (a page whose name holds "hostile" is searched for injections)

import { createRequire } from "node:module";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(join(process.cwd(), "package.json"));
const puppeteer = require("puppeteer-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const { HtmlValidate } = require("html-validate");

const [chromium, shots, ...pages] = process.argv.slice(2);
const WIDTHS = { desktop: 1280, phone: 390 };
let failures = 0;

function result(check, page, problems) {
  failures += problems.length > 0;
  const detail = problems.slice(0, 6).join(" | ").replace(/\s+/g, " ");
  console.log(["RESULT", check, page, problems.length ? "failed" : "passed", detail].join("\t"));
}

const validator = new HtmlValidate({
  extends: ["html-validate:standard", "html-validate:a11y"],
  rules: {
    // Widths of drawn bars are data, and the page has no script to set them.
    "no-inline-style": "off",
  },
});

const profile = mkdtempSync(join(tmpdir(), "pages-"));
const browser = await puppeteer.launch({
  executablePath: chromium,
  headless: true,
  userDataDir: profile,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--force-color-profile=srgb"],
});
try {
  for (const path of pages) {
    const name = join(basename(dirname(resolve(path))), basename(path));
    const source = readFileSync(path, "utf8");
    const report = await validator.validateString(source, path);
    const said = report.results.flatMap((r) => r.messages).map((m) => `${m.line}:${m.column} ${m.ruleId}: ${m.message}`);
    result("html-validate", name, said);

    const page = await browser.newPage();
    // The policy in the page would stop a script that got in; it must not get in.
    await page.setBypassCSP(true);
    const asked = [];
    const ran = [];
    page.on("request", (r) => { if (r.url() !== pathToFileURL(resolve(path)).href) asked.push(r.url()); });
    page.on("dialog", async (d) => { ran.push(d.message()); await d.dismiss(); });
    page.on("pageerror", (e) => ran.push(String(e)));
    for (const scheme of ["light", "dark"]) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      for (const [device, width] of Object.entries(WIDTHS)) {
        await page.setViewport({ width, height: 900, isMobile: device === "phone", hasTouch: device === "phone" });
        await page.goto(pathToFileURL(resolve(path)).href, { waitUntil: "load" });
        if (shots !== "-") {
          const file = `${name.replaceAll("/", "-").replace(".html", "")}-${device}-${scheme}.png`;
          await page.screenshot({ path: join(shots, file), fullPage: true });
        }
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        result(`${device} ${scheme}: no sideways scrolling`, name, wide > 0 ? [`${wide} px too wide`] : []);
        // What opens is checked open.
        await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
        await page.evaluate(axe);
        const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
        const broken = found.violations.map((v) => `${v.id} (${v.nodes.length}): ${v.nodes[0].html.slice(0, 120)}`);
        result(`${device} ${scheme}: axe-core`, name, broken);
      }
    }
    result("nothing fetched", name, asked);
    result("nothing run", name, ran);
    const strange = await page.evaluate(() => {
      const all = [...document.querySelectorAll("*")];
      const bad = all.filter((e) => ["script", "img", "iframe", "object", "embed", "base", "form", "input", "link"].includes(e.localName));
      const on = all.flatMap((e) => [...e.attributes]).filter((a) => /^on/i.test(a.name) || /^\s*javascript:/i.test(a.value));
      const links = [...document.querySelectorAll("a")].filter((a) => !a.getAttribute("href")?.startsWith("#"));
      const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(document.documentElement.textContent);
      return [...bad.map((e) => `<${e.localName}>`), ...on.map((a) => `${a.name}="${a.value.slice(0, 40)}"`),
        ...links.map((a) => `link to ${a.getAttribute("href")}`), ...(controls ? ["a control or direction character"] : []),
        ...(document.querySelectorAll("style").length === 1 ? [] : ["another style sheet"])];
    });
    result("no foreign element, attribute or link", name, strange);
    if (path.includes("hostile")) {
      // The words must still be there to read: taken out would be as wrong as let in.
      const text = await page.evaluate(() => document.body.textContent);
      result("hostile words shown as text", name, text.includes("<script>alert(") ? [] : ["the words are gone"]);
    }
    if (shots !== "-") {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
      await page.goto(pathToFileURL(resolve(path)).href);
      await page.pdf({ path: join(shots, `${name.replaceAll("/", "-").replace(".html", "")}.pdf`), format: "A4", printBackground: false });
    }
    await page.close();
  }
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
process.exit(failures ? 1 : 0);
