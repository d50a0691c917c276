// `udf play` and a browser that looks at it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

export const ROOT = new URL("../../", import.meta.url).pathname;
const RELEASE = join(ROOT, "target/release");
export const PLAYABLE = join(RELEASE, "examples/playable");
const SCREENSHOTS = join(ROOT, "target/play");
mkdirSync(SCREENSHOTS, { recursive: true });

export const example = (name) => join("target/release/examples", name);
export const data = (name) => join("examples/data", `${name}.lp`);

/** Starts the tool, which ends with the test. */
export async function play(test, ...words) {
  const child = spawn(join(RELEASE, "udf"), ["play", ...words, "--no-open"], { cwd: ROOT, stdio: ["ignore", "pipe", "ignore"] });
  test.after(() => child.kill());
  const [address] = await once(child.stdout, "data");
  return String(address).trim();
}

let browser;
let profile;

export async function startBrowser() {
  profile = mkdtempSync(join(tmpdir(), "play-"));
  const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  // Debian's browser refuses its sandbox where root starts it.
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", ...quiet], env: { ...process.env, HOME: profile } });
}

export async function stopBrowser() {
  await browser?.close();
  if (profile) rmSync(profile, { recursive: true, force: true });
}

/** Opens a page that must have no errors and load nothing from elsewhere. */
export async function open(test, address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("console", (message) => {
    // An answer that is no success is the page's to show.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) wrong.push(message.text());
  });
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (!["blob:", "data:"].includes(protocol) && origin !== new URL(address).origin) wrong.push(`loads ${request.url()}`);
  });
  test.after(async () => {
    await context.close();
    assert.deepEqual(wrong, []);
  });
  await page.goto(address);
  await settled(page);
  return page;
}

/** Waits until no run is under way. */
export async function settled(page) {
  await page.locator('#result[aria-busy="false"]').waitFor();
}

/** Does something that makes the UDF run, and waits for what it brings. */
export async function rerun(page, act) {
  const answered = page.waitForResponse((response) => response.url().endsWith("/api/run") && response.ok());
  await act();
  await answered;
  await settled(page);
}

/** The traces that plotly.js shows. */
export const traces = (page) =>
  page.evaluate(() => document.getElementById("plot").data.map(({ name, mode, x, y, marker }) => ({ name, mode, symbol: marker.symbol, x: [...x], y: [...y] })));

export const screenshot = (page, name) => page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Holds the page against the rules of WCAG 2.2 AA. */
export async function assertAccessible(page) {
  // The page's own policy refuses scripts from elsewhere; this one comes through the debugger.
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await axe.run(document, { runOnly: { type: "tag", values: tags } });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
  });
  assert.deepEqual(found, []);
}
