// `udf play` in a browser: what a person sees, and what follows when something is moved.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { PLAYABLE, ROOT, assertAccessible, data, example, open, play, rerun, screenshot, settled, startBrowser, stopBrowser, traces } from "./browser.mjs";

let folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "play-data-"));
  await startBrowser();
});
after(async () => {
  await stopBrowser();
  rmSync(folder, { recursive: true });
});

/** A file of points of two hosts. */
function lines(name, count, value = (at) => at % 10) {
  const path = join(folder, name);
  const line = (at) => `m,host=${at % 2 ? "b" : "a"} v=${value(at)},w=${at}i ${1_700_000_000_000 + at * 10}000000`;
  writeFileSync(path, `${Array.from({ length: count }, (_, at) => line(at)).join("\n")}\n`);
  return path;
}

const status = (page) => page.locator("#status").textContent();
const tickscript = (page) => page.getByRole("region", { name: "TICKscript" }).textContent();

// ---- every example ----

const EXAMPLES = [
  ["moving_avg", "cpu"],
  ["outliers", "net"],
  ["episodes", "cpu"],
  ["percentiles", "cpu"],
  ["mirror", "mem"],
];

for (const [name, file] of EXAMPLES) {
  test(`the page of ${name} opens filled in, in light and dark, on a screen and on a telephone`, async (t) => {
    const address = await play(t, example(name), data(file));
    for (const [look, options] of [
      ["light", {}],
      ["dark", { colorScheme: "dark" }],
      ["narrow", { viewport: { width: 360, height: 740 } }],
    ]) {
      const page = await open(t, address, options);
      assert.match(await status(page), /points in → [\d,]+ points out/);
      assert.equal(await page.locator("#problems").isVisible(), false);
      assert.ok((await traces(page)).length > 0);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "the page is wider than the screen");
      await assertAccessible(page);
      await screenshot(page, `${name}-${look}`);
    }
  });
}

test("scale and period of outliers are found by their sliders, and taken home as a TICKscript", async (t) => {
  const page = await open(t, await play(t, example("outliers"), data("net")));
  const marked = async () => (await traces(page)).filter((trace) => trace.mode === "markers").reduce((sum, trace) => sum + trace.x.length, 0);
  const few = await marked();
  assert.ok(few > 0);
  const scale = page.getByRole("slider", { name: "scale, slider" });
  await scale.focus();
  await rerun(page, () => page.keyboard.press("End"));
  const fewer = await marked();
  assert.ok(fewer < few, `${fewer} of ${few}`);
  await rerun(page, () => page.getByRole("spinbutton", { name: "scale" }).fill("3"));
  const period = page.getByRole("slider", { name: "Period, slider" });
  await period.focus();
  await rerun(page, () => page.keyboard.press("ArrowLeft"));
  const script = await tickscript(page);
  assert.match(script, /\.period\(4m\)\n {8}\.every\(4m\)/);
  assert.match(script, /@outliers\(\)\n {8}\.field\('bytes_recv'\)\n {8}\.scale\(3\.0\)/);
  await screenshot(page, "outliers-found");
  // The README's picture: docs/play.png is a copy of it.
  await page.setViewportSize({ width: 1120, height: 700 });
  await rerun(page, () => page.keyboard.press("ArrowRight"));
  await page.locator("#status").click();
  await page.screenshot({ path: join(ROOT, "target/play/readme.png") });
});

// ---- each kind of option ----

test("each kind of option is an input of its kind, and reaches the UDF", async (t) => {
  const page = await open(t, await play(t, PLAYABLE, lines("kinds.lp", 40)));
  assert.equal(await page.locator("#name").textContent(), "kinds");
  const sets = async (expected, act) => {
    await rerun(page, act);
    assert.equal(await page.locator("#problems").isVisible(), false);
    assert.match(await tickscript(page), expected);
  };
  await sets(/\.field\('w'\)/, () => page.getByLabel("field", { exact: true }).selectOption({ label: "w" }));
  await sets(/\.count\(10\)/, async () => { await page.getByLabel("count, slider").focus(); await page.keyboard.press("End"); });
  await sets(/\.size\(1000000\)/, async () => { await page.getByLabel("size, slider").focus(); await page.keyboard.press("End"); });
  await sets(/\.factor\(0\.5\)/, () => page.getByLabel("factor", { exact: true }).fill("0.5"));
  await sets(/\.every\(90m\)/, () => page.getByLabel("every, unit").selectOption("m"));
  await sets(/\.rounding\('whole'\)/, () => page.getByLabel("rounding", { exact: true }).selectOption("whole"));
  await sets(/\.marked\(TRUE\)/, () => page.getByRole("switch", { name: "marked" }).click());
  await sets(/\.even\(\)/, () => page.getByRole("switch", { name: "even" }).click());
  await sets(/\.label\('extra'\)/, () => page.getByLabel("label", { exact: true }).first().fill("extra"));
  await page.getByRole("button", { name: "Add label" }).click();
  await sets(/\.label\('extra'\)\n {8}\.label\('more'\)/, () => page.getByLabel("label", { exact: true }).last().fill("more"));
  await sets(/^(?![^]*'extra')/, () => page.getByRole("button", { name: "Remove this label" }).first().click());
  await sets(/\.limits\(5\.0, 1000000000\.0\)/, () => page.getByLabel("limits, low", { exact: true }).fill("5"));
  await rerun(page, () => page.getByRole("switch", { name: "Use title" }).click());
  await sets(/\.title\('A, b'\)/, () => page.getByLabel("title", { exact: true }).fill("A, b"));
  await assertAccessible(page);
  await screenshot(page, "kinds");
  // Each of them is in the address, which another page understands.
  const again = await open(t, page.url());
  assert.equal(await tickscript(again), await tickscript(page));
  // A reset is what the UDF does without the option.
  await rerun(page, () => page.getByRole("button", { name: "Reset limits" }).click());
  assert.doesNotMatch(await tickscript(page), /limits/);
});

test("a refused value has the UDF's message at its field, and the plot stays", async (t) => {
  const page = await open(t, await play(t, PLAYABLE, lines("refused.lp", 40)));
  const before = await traces(page);
  await rerun(page, () => page.getByLabel("count", { exact: true }).fill("11"));
  const input = page.getByLabel("count", { exact: true });
  assert.equal(await input.getAttribute("aria-invalid"), "true");
  const message = page.locator(`#${await input.getAttribute("aria-describedby")}`);
  assert.match(await message.textContent(), /expected an INT from 1 to 10, found 11/);
  assert.deepEqual(await traces(page), before);
  await assertAccessible(page);
  await screenshot(page, "refused");
  await rerun(page, () => input.fill("7"));
  assert.equal(await input.getAttribute("aria-invalid"), null);
  assert.equal(await page.locator("#problems").isVisible(), false);
});

test("groups, batches and the unit of time are as `pipe` has them", async (t) => {
  const page = await open(t, await play(t, example("outliers"), data("net")));
  assert.match(await tickscript(page), /\.groupBy\(\*\)/);
  await rerun(page, () => page.getByLabel("interface (2 values)").check());
  assert.match(await tickscript(page), /\.groupBy\('interface'\)/);
  await rerun(page, () => page.getByLabel("all data is one batch").check());
  assert.match(await tickscript(page), /choose a period/);
  await page.getByText("Unit of time").first().click();
  await rerun(page, () => page.getByLabel("Unit of time").selectOption("ms"));
  assert.match(await page.getByRole("region", { name: "In a shell" }).textContent(), /--precision ms/);
});

test("another UDF of the program is one choice away", async (t) => {
  const page = await open(t, await play(t, PLAYABLE, lines("menu.lp", 40)));
  await rerun(page, () => page.getByLabel("UDF", { exact: true }).selectOption("silent"));
  assert.equal(await page.locator("#name").textContent(), "silent");
  assert.match(await status(page), /40 points in → 0 points out.*40 vanished/);
  await page.getByRole("tab", { name: "Output" }).click();
  assert.equal(await page.locator("#lines").textContent(), "The output is empty.");
});

// ---- UDFs that go wrong ----

test("what a UDF does wrong is on the page", async (t) => {
  const address = await play(t, PLAYABLE, lines("wrong.lp", 40), "--time-limit", "2");
  const page = await open(t, `${address}#begin=panics`);
  assert.match(await page.locator("#problems").textContent(), /cannot stand m/);
  await assertAccessible(page);
  await screenshot(page, "panics");
  await rerun(page, () => page.getByLabel("UDF", { exact: true }).selectOption("refuses"));
  assert.match(await page.locator("#problems").textContent(), /no text is good enough/);
  await rerun(page, () => page.getByLabel("UDF", { exact: true }).selectOption("hangs"));
  assert.match(await page.locator("#problems").textContent(), /not done after 2 s/);
  await rerun(page, () => page.getByLabel("UDF", { exact: true }).selectOption("prints"));
  assert.equal(await page.locator("#problems").isVisible(), false);
  await page.getByRole("tab", { name: "Log" }).click();
  // As a text, and not as HTML.
  assert.match(await page.locator("#log").textContent(), /<b>printed<\/b> of m/);
});

test("a run that is under way ends for a later one", async (t) => {
  const page = await open(t, await play(t, PLAYABLE, lines("later.lp", 40)));
  await page.getByLabel("UDF", { exact: true }).selectOption("hangs");
  await page.locator(".is-stale").waitFor();
  await rerun(page, () => page.getByLabel("UDF", { exact: true }).selectOption("mirror"));
  assert.match(await status(page), /40 points in → 40 points out/);
});

test("two pages at once do not disturb each other", async (t) => {
  const address = await play(t, PLAYABLE, lines("two.lp", 40));
  const [one, other] = [await open(t, address), await open(t, `${address}#begin=mirror`)];
  await rerun(one, () => one.getByRole("switch", { name: "even" }).click());
  assert.match(await status(one), /→ 20 points out/);
  assert.match(await status(other), /→ 40 points out/);
  await other.getByRole("tab", { name: "Output" }).click();
  await other.getByText("1 to 40 of 40").waitFor();
});

// ---- plots ----

test("fields and groups are switched on and off", async (t) => {
  const page = await open(t, await play(t, example("moving_avg"), data("cpu")));
  const names = async () => new Set((await traces(page)).map((trace) => trace.name));
  assert.ok((await names()).has("avg · cpu=0"));
  await page.getByLabel("cpu=0").uncheck();
  await page.waitForFunction(() => !document.getElementById("plot").data.some(({ name }) => name.includes("cpu=0")));
  const looked = page.waitForResponse((response) => response.url().endsWith("/api/view"));
  await page.getByLabel("usage_idle").check();
  await looked;
  await page.waitForFunction(() => document.getElementById("plot").data.some(({ name }) => name.startsWith("usage_idle")));
  // What is looked at is in the address.
  const again = await open(t, page.url());
  assert.ok(![...(await traces(again))].some(({ name }) => name.includes("cpu=0")));
});

test("a million points are drawn with their peak, and zooming shows each", async (t) => {
  const file = lines("million.lp", 1_000_000, (at) => (at === 654_321 ? 1000 : at % 10));
  const page = await open(t, `${await play(t, PLAYABLE, file)}#begin=silent`);
  assert.match(await status(page), /1,000,000 points in/);
  const shown = await traces(page);
  assert.ok(shown.every((trace) => trace.x.length < 20_000));
  assert.ok(shown.some((trace) => trace.y.includes(1000)));
  await screenshot(page, "million");
  const looked = page.waitForResponse((response) => response.url().endsWith("/api/view"));
  const peak = 1_700_000_000_000 + 654_321 * 10;
  await page.evaluate(([from, to]) => document.getElementById("plot").zoomed(from, to), [peak - 200, peak + 200]);
  await looked;
  await page.getByRole("button", { name: "Show all data" }).waitFor();
  const zoomed = (await traces(page)).find((trace) => trace.y.includes(1000));
  assert.equal(zoomed.x.length, 20 + 2);
});

test("dragging over the plot zooms in, and a button shows all data", async (t) => {
  const page = await open(t, await play(t, example("moving_avg"), data("cpu")));
  const box = await page.locator("#plot .nsewdrag").first().boundingBox();
  const looked = page.waitForResponse((response) => response.url().endsWith("/api/view"));
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
  await looked;
  await page.getByRole("button", { name: "Show all data" }).click();
  await page.getByRole("button", { name: "Show all data" }).waitFor({ state: "hidden" });
});

test("PNG and SVG of the plot are saved", async (t) => {
  const page = await open(t, await play(t, example("outliers"), data("net")));
  for (const [button, name, begins] of [["Save PNG", "outliers.png", "\x89PNG"], ["Save SVG", "outliers.svg", "<svg"]]) {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: button }).click();
    const saved = await download;
    assert.equal(saved.suggestedFilename(), name);
    assert.equal(readFileSync(await saved.path()).toString("latin1").slice(0, 4), begins);
  }
});

test("the output's lines are a table in parts", async (t) => {
  const page = await open(t, await play(t, example("moving_avg"), data("cpu")));
  await page.getByRole("tab", { name: "Output" }).click();
  await page.getByText("1 to 100 of 1,980").waitFor();
  await page.getByRole("button", { name: "Later lines" }).click();
  await page.getByText("101 to 200 of 1,980").waitFor();
  assert.equal(await page.locator("#output th").allTextContents().then((names) => names.join()), "time,measurement,cpu,host,avg");
  await assertAccessible(page);
  await screenshot(page, "output");
});

// ---- speed ----

test("the plot of 100,000 points follows an option", async (t) => {
  const page = await open(t, `${await play(t, PLAYABLE, lines("speed.lp", 100_000))}#begin=mirror`);
  const times = [];
  for (const checked of [false, true, false, true, false]) {
    const box = page.getByLabel("all tags");
    const started = performance.now();
    await rerun(page, () => box.setChecked(checked));
    times.push(performance.now() - started);
  }
  times.sort((one, other) => one - other);
  // The figure is in the report; a busy machine decides it, so that nothing is asserted.
  t.diagnostic(`median of ${times.length}: ${Math.round(times[2])} ms`);
  assert.match(await status(page), /100,000 points in → 100,000 points out/);
});

// ---- what is taken away ----

test("a saved test passes", async (t) => {
  const page = await open(t, await play(t, example("outliers"), data("net")));
  await rerun(page, () => page.getByLabel("scale", { exact: true }).fill("3"));
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as a test" }).click();
  const saved = await download;
  assert.equal(saved.suggestedFilename(), "outliers_as_played.rs");
  const test = readFileSync(await saved.path(), "utf8");
  // In a separate package, at the end of the UDF's source, where its author would put it.
  const source = readFileSync(join(ROOT, "examples/outliers.rs"), "utf8");
  const crate = mkdtempSync(join(folder, "saved-"));
  const runtime = JSON.stringify(join(ROOT, "udf-runtime"));
  writeFileSync(join(crate, "Cargo.toml"), `[package]\nname = "saved"\nedition = "2024"\n[[bin]]\nname = "saved"\npath = "main.rs"\n[dependencies]\nudf-runtime = { path = ${runtime} }\n[workspace]\n`);
  copyFileSync(join(ROOT, "Cargo.lock"), join(crate, "Cargo.lock"));
  writeFileSync(join(crate, "main.rs"), `${source}\n${test}`);
  const cargo = (text) => {
    writeFileSync(join(crate, "main.rs"), `${source}\n${text}`);
    return execFileSync("cargo", ["test", "--quiet", "--offline", "--release", "as_played"], { cwd: crate, env: { ...process.env, CARGO_TARGET_DIR: join(ROOT, "target/play-saved") }, stdio: ["ignore", "pipe", "pipe"] }).toString();
  };
  assert.match(cargo(test), /1 passed/);
  // It can fail: an output of other points is another one.
  assert.throws(() => cargo(test.replace(".scale(3.0)", ".scale(9.0)")), (error) => /the lines differ/.test(String(error.stdout)));
});

test("a program that is built again is run again, and the page shows what has changed", async (t) => {
  const program = join(folder, "program");
  const build = (change) => {
    const info = JSON.stringify({ name: "it", version: "1", docs: "", wants: "stream", provides: "stream", options: [] });
    writeFileSync(`${program}.new`, `#!/bin/sh\nif [ "$1" = info ]; then echo '${info}'; else sed '${change}' "$2"; fi\n`, { mode: 0o755 });
    renameSync(`${program}.new`, program);
  };
  build("");
  const page = await open(t, await play(t, program, lines("watch.lp", 40), "--watch"));
  build("s/v=7/v=70/");
  await page.getByText("Since the last build: 36 kept, 4 changed.").waitFor();
  await settled(page);
  assert.ok((await traces(page)).some((trace) => trace.symbol === "circle-open" && trace.y.includes(70)));
  await screenshot(page, "since");
});

// ---- the keyboard ----

test("everything can be reached and done by the keyboard", async (t) => {
  const page = await open(t, await play(t, example("outliers"), data("net")));
  const seen = new Set();
  for (let count = 0; count < 60; count++) {
    await page.keyboard.press("Tab");
    const name = await page.evaluate(() => {
      const { activeElement: it } = document;
      return it === document.body ? null : it.getAttribute("aria-label") ?? it.labels?.[0]?.textContent ?? it.textContent;
    });
    if (name === null) break;
    seen.add(name.trim());
  }
  for (const name of ["field", "scale", "scale, slider", "Period", "Period, unit", "all tags", "Save PNG", "Use it in Kapacitor", "Copy TICKscript", "Save as a test"]) {
    assert.ok(seen.has(name), `${name} is not among ${[...seen].join("; ")}`);
  }
  await page.getByRole("tab", { name: "Use it in Kapacitor" }).focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.locator("#output").isVisible(), true);
});
