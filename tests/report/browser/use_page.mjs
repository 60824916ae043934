// Use a page in headless Chromium as a person does, step by step, and print what was seen as JSON.
//   node use_page.mjs CHROMIUM PAGE STEPS
// STEPS is a JSON file with a list of [what, ...]: ["view", {width, height, scheme}], ["open"], ["click", selector],
// ["choose", selector, value], ["key", name], ["draw", selector, strokes in the element's own pixels],
// ["shot", file], ["evaluate", expression], ["axe"]. Each of the last two gives an entry of `values`.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { evaluate, watch, withBrowser } from "./chromium.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const KEYS = { Tab: 9, Enter: 13, Space: 32, ArrowLeft: 37, ArrowRight: 39, Home: 36, End: 35 };
const FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))";

// The middle of what is seen of an element, and how large its pixels are.
const place = (selector) => `(() => {
  const node = document.querySelector(${JSON.stringify(selector)});
  node.scrollIntoView({ block: "center" });
  const { left, top, width, height } = node.getBoundingClientRect();
  return { left, top, x: left + width / 2, y: top + height / 2, scale: node.width ? width / node.width : 1 };
})()`;

async function mouse(Input, type, x, y) {
  await Input.dispatchMouseEvent({ type, x, y, button: "left", buttons: type === "mouseReleased" ? 0 : 1, clickCount: 1 });
}

function steps(client, url) {
  const { Emulation, Input, Page, Runtime } = client;
  return {
    async view({ width, height, scheme = "light" }) {
      await Emulation.setDeviceMetricsOverride({ width, height, deviceScaleFactor: 1, mobile: false });
      await Emulation.setEmulatedMedia({ media: "screen", features: [{ name: "prefers-color-scheme", value: scheme }] });
    },
    async open() {
      const loaded = Page.loadEventFired();
      await Page.navigate({ url });
      await loaded;
      await evaluate(Runtime, FRAMES);
    },
    async click(selector) {
      const { x, y } = await evaluate(Runtime, place(selector));
      for (const type of ["mousePressed", "mouseReleased"]) await mouse(Input, type, x, y);
      await evaluate(Runtime, FRAMES);
    },
    // Headless Chromium has no menus of its own: the value is set, and the page is told as a menu tells it.
    async choose(selector, value) {
      await evaluate(Runtime, `(() => {
        const node = document.querySelector(${JSON.stringify(selector)});
        node.value = ${JSON.stringify(value)};
        for (const type of ["input", "change"]) node.dispatchEvent(new Event(type, { bubbles: true }));
      })()`);
    },
    async key(name) {
      const text = { Enter: "\r", Space: " " }[name];
      for (const type of ["keyDown", "keyUp"]) {
        await Input.dispatchKeyEvent({ type, key: name === "Space" ? " " : name, code: name, windowsVirtualKeyCode: KEYS[name], ...(text && type === "keyDown" && { text }) });
      }
      await evaluate(Runtime, FRAMES);
    },
    async draw(selector, strokes) {
      const { left, top, scale } = await evaluate(Runtime, place(selector));
      for (const stroke of strokes) {
        const [first, ...rest] = stroke.map(([x, y]) => [left + x * scale, top + y * scale]);
        await mouse(Input, "mousePressed", ...first);
        for (const point of rest) await mouse(Input, "mouseMoved", ...point);
        await mouse(Input, "mouseReleased", ...(rest.at(-1) ?? first));
      }
      await evaluate(Runtime, FRAMES);
    },
    evaluate: (expression) => evaluate(Runtime, expression),
    async shot(file) {
      const { data } = await Page.captureScreenshot({ captureBeyondViewport: true });
      writeFileSync(file, Buffer.from(data, "base64"));
    },
    async axe() {
      await evaluate(Runtime, `${axe}; true`);
      return evaluate(Runtime, `axe.run().then((r) => ({
        checks: r.passes.length,
        violations: r.violations.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + " " + n.failureSummary).join(" | ")),
      }))`);
    },
  };
}

const [chromium, page, list] = process.argv.slice(2);
await withBrowser(chromium, (open) =>
  open(async (client) => {
    const seen = await watch(client);
    const can = steps(client, pathToFileURL(page).href);
    const values = [];
    for (const [what, ...given] of JSON.parse(readFileSync(list, "utf8"))) {
      const value = await can[what](...given);
      if (["evaluate", "axe"].includes(what)) values.push(value);
    }
    console.log(JSON.stringify({ ...seen, values }));
  }),
);
