// The page: what is set goes to the server, and what the UDF makes of the data comes back.

import { Form } from "./form.js";
import { element } from "./inputs.js";
import { colourOf, draw, save } from "./plot.js";

const at = (id) => document.getElementById(id);
const page = crypto.randomUUID();
const number = (value) => Math.round(value).toLocaleString("en");
const points = (count) => `${number(count)} ${count === 1 ? "point" : "points"}`;

/** What the server says of the program and the data. */
let setup;
let form;
/** What is looked at: times on the axis, fields, and groups that are off. */
let view = { from: null, to: null, fields: [], hidden: [] };
let shown = { picture: null };

async function ask(path, request, signal) {
  const options = request === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(request) };
  const response = await fetch(path, { ...options, signal });
  if (!response.ok) throw Object.assign(new Error(await response.text()), { status: response.status });
  return response;
}

// ---- the state in the address ----

function address(settings) {
  const state = new URLSearchParams();
  state.set("udf", settings.udf);
  for (const { name, values } of settings.options) {
    state.append("set", values.length < 2 ? [name, ...values].join("=") : `${name}=${values.map((value) => value.replace(/[\\,]/g, "\\$&")).join(",")}`);
  }
  state.set("group-by", settings.group_by);
  if (settings.by_name) state.set("by-name", "true");
  if (settings.period !== "") state.set("period", settings.period);
  if (settings.precision !== "ns") state.set("precision", settings.precision);
  if (view.from !== null) { state.set("from", view.from); state.set("to", view.to); }
  for (const field of view.fields) state.append("field", field);
  for (const group of view.hidden) state.append("hidden", group);
  return `#${state}`;
}

/** The settings in the address, or those to begin with. */
function fromAddress() {
  const state = new URLSearchParams(location.hash.slice(1));
  const name = state.get("udf") ?? state.get("begin") ?? setup.udf;
  const index = Math.max(setup.udfs.findIndex((udf) => udf.name === name), 0);
  const udf = setup.udfs[index];
  view = { from: null, to: null, fields: state.getAll("field"), hidden: state.getAll("hidden") };
  if (state.has("from")) [view.from, view.to] = [Number(state.get("from")), Number(state.get("to"))];
  if (!state.has("udf")) return { udf, settings: setup.settings[index] };
  const options = state.getAll("set").map((text) => {
    const [, name, , given] = /^([^=]*)(=([^]*))?$/.exec(text);
    const takes = udf.options.find((option) => option.name === name)?.arguments.length ?? 1;
    if (given === undefined) return { name, values: [] };
    const values = takes < 2 ? [given] : given.match(/(?:\\[\\,]|[^,])*(?:,|$)/g).slice(0, takes).map((part) => part.replace(/,$/, "").replace(/\\([\\,])/g, "$1"));
    return { name, values };
  });
  const settings = {
    udf: udf.name, options, group_by: state.get("group-by") ?? "", by_name: state.has("by-name"), period: state.get("period") ?? "",
    precision: state.get("precision") ?? "ns",
  };
  return { udf, settings };
}

// ---- runs ----

/** The run that is under way, and whether another one must follow it. */
let running = null;
let isWaiting = false;
/** A run that takes longer than this is ended for a later one; a shorter one may still show its result. */
const PATIENCE = 300;

function changed() {
  history.replaceState(null, "", address(form.settings));
  if (running && performance.now() - running.since < PATIENCE) {
    isWaiting = true;
    setTimeout(() => { if (isWaiting) { running?.abort.abort(); } }, PATIENCE);
  } else {
    run();
  }
}

async function run(isNewBuild = false) {
  running?.abort.abort();
  isWaiting = false;
  const own = { abort: new AbortController(), since: performance.now() };
  running = own;
  at("result").setAttribute("aria-busy", "true");
  const slow = setTimeout(() => at("result").classList.add("is-stale"), 400);
  try {
    const request = { page, settings: form.settings, view: looked(), is_new_build: isNewBuild };
    const answer = await (await ask("api/run", request, own.abort.signal)).json();
    if (running === own) await show(answer);
  } catch (error) {
    // A later run of this page ends an earlier one.
    if (running === own && error.name !== "AbortError" && error.status !== 409) showProblems([{ option: null, text: lost(error) }]);
  } finally {
    clearTimeout(slow);
    if (running === own) {
      running = null;
      at("result").classList.remove("is-stale");
      at("result").setAttribute("aria-busy", "false");
      if (isWaiting) run();
    }
  }
}

const lost = (error) => (error.status ? error.message : "`udf play` does not answer any more; help: start it again");

const looked = () => ({ from: view.from, to: view.to, columns: Math.max(at("plot").clientWidth, 200), fields: view.fields });

/** Another part of the result is looked at. */
async function look() {
  history.replaceState(null, "", address(form.settings));
  try {
    shown.picture = await (await ask("api/view", { page, view: looked() })).json();
    await showPicture();
  } catch (error) {
    // The server has forgotten the result.
    if (error.status === 410) run();
    else showProblems([{ option: null, text: lost(error) }]);
  }
}

// ---- what is shown ----

function showProblems(problems) {
  const rest = form.show(problems);
  at("problems").hidden = problems.length === 0;
  // A message at its option is there already.
  const texts = rest.map((problem) => problem.text);
  if (rest.length < problems.length) texts.push("The UDF refuses an option. The plot shows the last result.");
  const text = texts.join("\n");
  if (at("problems").textContent !== text) at("problems").textContent = text;
}

async function show(answer) {
  showProblems(answer.problems);
  at("log").firstChild.textContent = answer.log || "The UDF has written no log.";
  at("tab-log").textContent = answer.log ? `Log (${answer.log.trimEnd().split("\n").length})` : "Log";
  showTakeAway(answer.take_away);
  if (!answer.result) {
    at("status").textContent = `Failed after ${took(answer.took)}.`;
    return;
  }
  const { difference, since, picture } = answer.result;
  at("status").replaceChildren(
    element("strong", {}, `${points(answer.points_in)} in → ${points(answer.points_out)} out`),
    ` · ${words(difference)} · ${took(answer.took)}, ${number(answer.points_in / (answer.took / 1000))} points/s`,
  );
  at("since").hidden = since === null;
  if (since) {
    const isSame = since.changed + since.vanished + since.appeared === 0;
    at("since").textContent = isSame ? "Since the last build, the output is the same." : `Since the last build: ${words(since)}.`;
  }
  shown = { picture };
  await showPicture();
  if (at("tab-output").getAttribute("aria-selected") === "true") showRows(0);
  else shown.rowsAreOld = true;
}

const took = (milliseconds) => (milliseconds < 10_000 ? `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`);

function words(difference) {
  const found = ["kept", "changed", "vanished", "appeared"].map((word) => [word, difference[word]]);
  const some = found.filter(([, count]) => count > 0).map(([word, count]) => `${number(count)} ${word}`);
  return some.join(", ") || "no points";
}

async function showPicture() {
  const { picture } = shown;
  const legend = await draw(at("plot"), picture, (group) => view.hidden.includes(group), zoom);
  at("legend").textContent = ["thin line: input", "thick line: output", ...legend].join("   ");
  at("plot").setAttribute("aria-label", `Plot of ${picture.panels.map((panel) => panel.title).join("; ") || "nothing"} over time`);
  at("zoom-out").hidden = view.from === null;

  fill(at("fields"), picture.fields, (field) => ({
    label: field.is_new ? `${field.name} (new)` : field.name,
    key: field.name,
    checked: field.is_shown,
    change: (checked) => {
      const fields = picture.fields.filter((it) => (it === field ? checked : it.is_shown)).map((it) => it.name);
      view.fields = fields;
      look();
    },
  }));
  const isMany = picture.groups.length > 1;
  at("groups").hidden = !isMany;
  fill(at("groups"), isMany ? picture.groups : [], (group, index) => ({
    label: group,
    key: group,
    colour: colourOf(index),
    checked: !view.hidden.includes(group),
    change: (checked) => {
      view.hidden = picture.groups.filter((it) => (it === group ? !checked : view.hidden.includes(it)));
      history.replaceState(null, "", address(form.settings));
      showPicture();
    },
  }));
}

/** Fills a list of boxes, and leaves those that are there, so that the keyboard stays where it is. */
function fill(place, items, about) {
  const list = place.querySelector(".choices");
  const keys = items.map((item, index) => about(item, index).key);
  if (list.dataset.keys !== JSON.stringify(keys)) {
    list.dataset.keys = JSON.stringify(keys);
    list.replaceChildren(...items.map(() => element("label", { className: "switch" }, element("input", { type: "checkbox" }), element("span", { className: "swatch" }), element("span"))));
  }
  items.forEach((item, index) => {
    const { label, colour, checked, change } = about(item, index);
    const [box, swatch, word] = list.children[index].children;
    box.checked = checked;
    box.onchange = () => change(box.checked);
    swatch.hidden = colour === undefined;
    swatch.style.background = colour ?? "";
    word.textContent = label;
  });
}

function zoom(from, to) {
  [view.from, view.to] = [from, to];
  look();
}

function showTakeAway(texts) {
  const parts = [
    ["TICKscript", texts.tickscript], ["kapacitor.conf", texts.config], ["In a shell", texts.pipe], ["This page again", texts.play], ["This plot", texts.plot],
  ];
  const place = at("take");
  if (place.children.length === 0) {
    place.append(...parts.map(([title]) => {
      const code = element("pre", { tabIndex: 0, role: "region", "aria-label": title });
      const copy = element("button", { type: "button", className: "small", "aria-label": `Copy ${title}` }, "Copy");
      copy.onclick = async () => {
        await navigator.clipboard.writeText(code.textContent);
        copy.textContent = "Copied";
        setTimeout(() => { copy.textContent = "Copy"; }, 1500);
      };
      return element("div", { className: "snippet" }, element("div", { className: "head" }, element("h2", {}, title), copy), code);
    }));
    const test = element("button", { type: "button", id: "test", onclick: saveTest }, "Save as a test");
    place.append(element("div", { className: "buttons" }, test,
      element("span", { className: "quiet" }, "A Rust test with the data that the plot shows and the output as it is now.")), element("p", { id: "test-problem", className: "problem", role: "alert" }));
  }
  parts.forEach(([, text], index) => { place.querySelectorAll("pre")[index].textContent = text; });
}

async function saveTest() {
  at("test-problem").textContent = "";
  try {
    const text = await (await ask("api/test", { page, settings: form.settings, view: looked() })).text();
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    element("a", { href: url, download: `${form.udf.name}_as_played.rs` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  } catch (error) {
    at("test-problem").textContent = lost(error);
  }
}

// ---- the output's lines ----

let firstRow = 0;

async function showRows(from) {
  let answer = { total: 0, rows: [] };
  try {
    answer = await (await ask(`api/rows?page=${page}&from=${from}`)).json();
  } catch (error) {
    if (error.status !== 410) showProblems([{ option: null, text: lost(error) }]);
  }
  firstRow = from;
  shown.rowsAreOld = false;
  const names = (kind) => [...new Set(answer.rows.flatMap((row) => row[kind].map(([name]) => name)))];
  const [tags, fields] = [names("tags"), names("fields")];
  const head = ["time", "measurement", ...tags, ...fields];
  at("output").querySelector("thead").replaceChildren(element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, name))));
  at("output").querySelector("tbody").replaceChildren(...answer.rows.map((row) => {
    const [tag, field] = [Object.fromEntries(row.tags), Object.fromEntries(row.fields)];
    const cells = [time(row.time), row.measurement, ...tags.map((name) => tag[name] ?? ""), ...fields.map((name) => field[name] ?? "")];
    return element("tr", {}, ...cells.map((cell) => element("td", {}, cell)));
  }));
  at("lines").textContent = answer.total === 0 ? "The output is empty." : `${number(from + 1)} to ${number(from + answer.rows.length)} of ${number(answer.total)}`;
  at("earlier").disabled = from === 0;
  at("later").disabled = from + answer.rows.length >= answer.total;
}

/** Nanoseconds as a date, with as many digits as it needs. */
function time(nanoseconds) {
  if (nanoseconds === null) return "";
  const value = BigInt(nanoseconds);
  if (value < 864_000_000_000_000n && value > -864_000_000_000_000n) return `${value} ns`;
  const date = new Date(Number(value / 1_000_000n)).toISOString().slice(0, 19).replace("T", " ");
  const fraction = String(((value % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n).padStart(9, "0").replace(/0+$/, "");
  return fraction ? `${date}.${fraction}` : date;
}

// ---- tabs ----

const tabs = [...document.querySelectorAll("[role=tab]")];

function select(tab) {
  for (const other of tabs) {
    const isIt = other === tab;
    other.setAttribute("aria-selected", String(isIt));
    other.tabIndex = isIt ? 0 : -1;
    at(other.getAttribute("aria-controls")).hidden = !isIt;
  }
  if (tab.id === "tab-output" && shown.rowsAreOld !== false) showRows(0);
}

tabs.forEach((tab, index) => {
  tab.onclick = () => select(tab);
  tab.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(index + step + tabs.length) % tabs.length];
    next.focus();
    select(next);
  };
});

// ---- the beginning ----

/** Makes the form of the UDF that the address names. */
function begin() {
  const { udf, settings } = fromAddress();
  at("name").textContent = udf.name;
  at("docs").textContent = udf.docs.split("\n\n")[0].replace(/\n/g, " ");
  document.title = `${udf.name} · udf play`;
  at("udf").value = udf.name;
  form = new Form(at("form"), udf, setup.data, changed);
  form.settings = settings;
  // Sliders over the data's range know their field now.
  form.settings = settings;
}

/** Waits for the program to be built again. */
async function watch() {
  for (;;) {
    try {
      const version = await (await ask(`api/changes?version=${setup.version}`)).json();
      if (version === setup.version) continue;
      setup = await (await ask("api/setup")).json();
      begin();
      await run(true);
    } catch {
      await new Promise((resolve) => { setTimeout(resolve, 1000); });
    }
  }
}

at("form").onsubmit = (event) => event.preventDefault();
at("zoom-out").onclick = () => { zoom(null, null); };
at("png").onclick = () => save(at("plot"), "png", form.udf.name);
at("svg").onclick = () => save(at("plot"), "svg", form.udf.name);
at("earlier").onclick = () => showRows(Math.max(firstRow - 100, 0));
at("later").onclick = () => showRows(firstRow + 100);
at("udf").onchange = () => { location.hash = new URLSearchParams({ begin: at("udf").value }); };
window.onhashchange = () => {
  begin();
  history.replaceState(null, "", address(form.settings));
  run();
};
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (shown.picture) showPicture(); });

try {
  setup = await (await ask("api/setup")).json();
  for (const udf of setup.udfs) at("udf").append(element("option", { value: udf.name }, udf.name));
  at("udf-choice").hidden = setup.udfs.length < 2;
  const data = setup.data;
  at("data").textContent = [
    setup.files.join(", "), points(data.points),
    data.bad_lines > 0 ? `${number(data.bad_lines)} bad lines` : "",
    data.without_time > 0 ? `${number(data.without_time)} without a time, which are not drawn` : "",
  ].filter(Boolean).join(" · ");
  begin();
  history.replaceState(null, "", address(form.settings));
  await run();
  if (setup.is_watched) watch();
} catch (error) {
  at("status").textContent = "";
  at("problems").hidden = false;
  at("problems").textContent = lost(error);
}
