// Open a page in headless Chromium as different readers do, and print what was seen as JSON.
//   node open_report.mjs CHROMIUM PAGE [FOLDER FOR SCREENSHOTS]
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { evaluate, watch, withBrowser } from "./chromium.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const READERS = [
  { name: "phone", width: 390, height: 844, media: "screen", scheme: "light" },
  { name: "desk", width: 1400, height: 900, media: "screen", scheme: "light" },
  { name: "dark", width: 1400, height: 900, media: "screen", scheme: "dark" },
  { name: "print", width: 794, height: 1123, media: "print", scheme: "light" },
];

const LAYOUT = `({
  images: document.images.length,
  unloaded: [...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.alt),
  withoutText: [...document.images].filter(i => !i.alt).length,
  overflow: document.documentElement.scrollWidth - window.innerWidth,
  background: getComputedStyle(document.body).backgroundColor,
  cut: [...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.ariaLabel),
  unannounced: [...document.querySelectorAll('.scroll')]
    .filter(e => e.scrollWidth > e.clientWidth && !(e.previousElementSibling?.matches('.more') && e.previousElementSibling.checkVisibility())).map(e => e.ariaLabel),
  graph: document.querySelector('.graph img')?.getBoundingClientRect().width,
})`;

const AXE = `axe.run().then(r => ({
  checks: r.passes.length,
  violations: r.violations.map(v => ({ id: v.id, impact: v.impact, nodes: v.nodes.slice(0, 5).map(n => n.html.slice(0, 200) + " " + n.failureSummary) })),
}))`;

// The links and scrolling regions that the Tab key does not come to.
async function unreached({ Input, Runtime }) {
  const count = await evaluate(Runtime, "globalThis.wanted = new Set(document.querySelectorAll('a[href], [tabindex=\"0\"]')); wanted.size");
  for (let step = 0; step <= count; step++) {
    for (const type of ["keyDown", "keyUp"]) await Input.dispatchKeyEvent({ type, key: "Tab", code: "Tab", windowsVirtualKeyCode: 9 });
    await evaluate(Runtime, "wanted.delete(document.activeElement)");
  }
  return evaluate(Runtime, "[...wanted].map(e => e.outerHTML.slice(0, 100))");
}

async function look(client, url, reader, folder) {
  const { Emulation, Page, Runtime } = client;
  const seen = await watch(client);
  const { width, height, media, scheme } = reader;
  await Emulation.setDeviceMetricsOverride({ width, height, deviceScaleFactor: 1, mobile: false });
  await Emulation.setEmulatedMedia({ media, features: [{ name: "prefers-color-scheme", value: scheme }] });
  const loaded = Page.loadEventFired();
  await Page.navigate({ url });
  await loaded;
  await evaluate(Runtime, "Promise.all([...document.images].map(i => i.decode().catch(() => null))).then(() => true)");
  Object.assign(seen, await evaluate(Runtime, LAYOUT));
  if (folder) {
    const shot = await Page.captureScreenshot({ captureBeyondViewport: true });
    writeFileSync(join(folder, `${reader.name}.png`), Buffer.from(shot.data, "base64"));
    if (media === "print") {
      const pdf = await Page.printToPDF({ preferCSSPageSize: true, paperWidth: 8.27, paperHeight: 11.69, printBackground: false });
      writeFileSync(join(folder, "print.pdf"), Buffer.from(pdf.data, "base64"));
    }
  }
  await evaluate(Runtime, `${axe}; true`);
  Object.assign(seen, await evaluate(Runtime, AXE));
  seen.unreachable = await unreached(client);
  return seen;
}

const [chromium, page, folder] = process.argv.slice(2);
await withBrowser(chromium, async (open) => {
  const readers = {};
  for (const reader of READERS) {
    readers[reader.name] = await open((client) => look(client, pathToFileURL(page).href, reader, folder));
  }
  console.log(JSON.stringify(readers));
});
