// Headless Chromium for the scripts beside this one.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import CDP from "chrome-remote-interface";

// The file is there before its first line is: an empty one is none yet, as CDP takes port 0 for 9222.
async function port(profile) {
  const file = join(profile, "DevToolsActivePort");
  for (let tries = 0; tries < 300; tries++) {
    const found = existsSync(file) ? /^([1-9]\d*)\n/.exec(readFileSync(file, "utf8")) : null;
    if (found) return Number(found[1]);
    await sleep(100);
  }
  throw new Error("Chromium did not start within 30 seconds");
}

export async function evaluate(Runtime, expression) {
  const { result, exceptionDetails } = await Runtime.evaluate({ expression, awaitPromise: true, returnByValue: true });
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value;
}

// Enable what a page is watched by; its errors and requests come into what is returned.
export async function watch(client) {
  const { Log, Network, Page, Runtime } = client;
  const seen = { errors: [], requests: [] };
  await Promise.all([Page.enable(), Runtime.enable(), Network.enable(), Log.enable()]);
  client.on("Runtime.consoleAPICalled", (e) => e.type === "error" && seen.errors.push(JSON.stringify(e.args)));
  client.on("Runtime.exceptionThrown", (e) => seen.errors.push(e.exceptionDetails.exception?.description ?? e.exceptionDetails.text));
  client.on("Log.entryAdded", (e) => e.entry.level === "error" && seen.errors.push(e.entry.text));
  client.on("Network.requestWillBeSent", (e) => !e.request.url.startsWith("data:") && seen.requests.push(e.request.url));
  return seen;
}

// Call `use` with a function that opens an empty page, gives its client to a function, and closes it.
export async function withBrowser(chromium, use) {
  const profile = mkdtempSync(join(tmpdir(), "chromium-"));
  const browser = spawn(
    chromium,
    ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
      "--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"],
    { stdio: "ignore" },
  );
  try {
    const address = { port: await port(profile) };
    await use(async (work) => {
      const target = await CDP.New(address);
      const client = await CDP({ ...address, target });
      try {
        return await work(client);
      } finally {
        await client.close();
        await CDP.Close({ ...address, id: target.id });
      }
    });
  } finally {
    const gone = new Promise((resolve) => browser.on("exit", resolve));
    browser.kill();
    await gone;
    await remove(profile);
  }
}

// A process of the browser may still write: what `rmSync` tries again by itself is the folder, not what is new in it.
async function remove(folder) {
  for (let tries = 0; ; tries++) {
    try {
      return rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (tries === 20) throw error;
      await sleep(200);
    }
  }
}
