// One input for each type of argument. Each has `element`, `value`, a text as `--set` takes it, and `controls`, to
// which messages belong.

/** An element with properties, attributes (those with a dash, and `for` and `role`) and children. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name.includes("-") || name === "for" || name === "role" || name === "list") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

let ids = 0;
export const freshId = (stem) => `${stem}-${++ids}`;

/** The input of an argument. `about` has the argument's type, limits, choices, label, and what the data has. */
export function argumentInput(about, changed) {
  if (about.choices.length > 0) return choice(about, changed);
  switch (about.type) {
    case "BOOL": return flag(about, changed);
    case "INT": case "DOUBLE": return number(about, changed);
    case "DURATION": return duration(about, changed);
    default: return text(about, changed);
  }
}

function choice(about, changed) {
  const select = element("select", { "aria-label": about.label, onchange: changed });
  for (const value of about.choices) select.append(element("option", { value }, value));
  return {
    element: wrapped(about, select),
    controls: [select],
    get value() { return select.value; },
    set value(value) {
      // A value that is no choice is shown, for the UDF to refuse.
      if (![...select.options].some((option) => option.value === value)) select.append(element("option", { value }, value));
      select.value = value;
    },
  };
}

/** A switch. */
export function flag(about, changed) {
  const box = element("input", { type: "checkbox", role: "switch", "aria-label": about.label, onchange: changed });
  const word = element("span", { "aria-hidden": "true" });
  const show = () => { word.textContent = box.checked ? "on" : "off"; };
  box.addEventListener("change", show);
  show();
  return {
    element: wrapped(about, element("label", { className: "switch" }, box, word)),
    controls: [box],
    get value() { return String(box.checked); },
    set value(value) { box.checked = /^true$/i.test(value); show(); },
  };
}

/** A text. Where it is the name of something in the data, the names are offered. */
function text(about, changed) {
  const names = about.names ?? [];
  const input = element("input", { type: "text", "aria-label": about.label, spellcheck: false, oninput: changed });
  if (names.length === 0) {
    return {
      element: wrapped(about, input),
      controls: [input],
      get value() { return input.value; },
      set value(value) { input.value = value; },
    };
  }
  const other = "…";
  const select = element("select", { "aria-label": about.label });
  for (const name of names) select.append(element("option", { value: `=${name}` }, name));
  select.append(element("option", { value: other }, "another name…"));
  input.setAttribute("aria-label", `${about.label}, another name`);
  input.hidden = true;
  select.onchange = () => {
    input.hidden = select.value !== other;
    if (!input.hidden) input.focus();
    changed();
  };
  return {
    element: wrapped(about, select, input),
    controls: [select, input],
    get value() { return select.value === other ? input.value : select.value.slice(1); },
    set value(value) {
      const isKnown = names.includes(value);
      select.value = isKnown ? `=${value}` : other;
      input.hidden = isKnown;
      input.value = isKnown ? "" : value;
    },
  };
}

/** A number, with a slider over its range, or over what is likely where the range is open. */
function number(about, changed) {
  const isInt = about.type === "INT";
  const [from, to] = sliderRange(about, isInt);
  const scale = sliderScale(from, to, isInt);
  const input = element("input", {
    type: "number", "aria-label": about.label, step: isInt ? 1 : "any", inputMode: "decimal",
  });
  const slider = element("input", { type: "range", min: 0, max: 1000, step: 1, "aria-label": `${about.label}, slider` });
  const follow = () => {
    slider.value = scale.position(Number(input.value));
    slider.setAttribute("aria-valuetext", input.value);
  };
  input.oninput = () => { follow(); changed(); };
  slider.oninput = () => {
    input.value = scale.value(Number(slider.value));
    slider.setAttribute("aria-valuetext", input.value);
    changed();
  };
  return {
    element: wrapped(about, slider, input),
    controls: [input, slider],
    // What is no number is the UDF's to refuse. An empty input is no value either.
    get value() { return input.value; },
    set value(value) { input.value = value; follow(); },
  };
}

function sliderRange(about, isInt) {
  const limit = (text) => (text === null || text === undefined ? NaN : Number(text));
  let [from, to] = [limit(about.limits.from), limit(about.limits.to)];
  const base = Number(about.start);
  const data = about.dataRange?.();
  // Limits of a type alone, such as those of 64 bits, are none that a slider can show.
  if (Math.abs(from) > 1e12) from = NaN;
  if (to > 1e12) to = NaN;
  if (Number.isNaN(from) && Number.isNaN(to) && !isInt && data && data[1] > data[0]) return data;
  if (Number.isNaN(from)) from = base < 0 ? -round(4 * -base) : Math.min(0, Number.isNaN(to) ? 0 : to - 1);
  if (Number.isNaN(to)) to = from + round(Math.max(4 * Math.abs(base - from || 0), isInt ? 20 : 5));
  return [from, to];
}

/** Up to 1, 2, 5 or 10 times a power of ten. */
function round(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= least);
}

/** Where a value stands on a slider, by its logarithm if the range is wide. */
function sliderScale(from, to, isInt) {
  const offset = from < 1 ? 1 - from : 0;
  const isWide = (to + offset) / (from + offset) >= 1000;
  const bend = isWide ? (value) => Math.log(value + offset) : (value) => value;
  const unbend = isWide ? (value) => Math.exp(value) - offset : (value) => value;
  const [start, end] = [bend(from), bend(to)];
  const tidy = (value) => {
    if (isInt) return Math.round(value);
    // As many digits as a step of the slider can tell apart.
    const step = isWide ? Math.abs(value) / 100 : (to - from) / 200;
    const digits = 10 ** Math.ceil(-Math.log10(step || 1));
    return Math.round(value * digits) / digits;
  };
  return {
    position: (value) => (1000 * (bend(Math.min(Math.max(value, from), to)) - start)) / (end - start || 1),
    value: (position) => Math.min(Math.max(tidy(unbend(start + (position / 1000) * (end - start))), from), to),
  };
}

const UNITS = [["w", 604800e9], ["d", 86400e9], ["h", 3600e9], ["m", 60e9], ["s", 1e9], ["ms", 1e6], ["u", 1e3]];
const UNIT_NAMES = {
  w: "weeks", d: "days", h: "hours", m: "minutes", s: "seconds", ms: "milliseconds", u: "microseconds",
};
/** Durations that a slider goes through. */
const DURATIONS = [
  "1ms", "5ms", "10ms", "50ms", "100ms", "200ms", "500ms", "1s", "2s", "5s", "10s", "15s", "20s", "30s", "45s", "1m", "90s", "2m", "3m",
  "4m", "5m", "7m", "10m", "15m", "20m", "30m", "45m", "1h", "2h", "3h", "6h", "12h", "1d", "2d", "1w", "2w", "4w",
];

/** The nanoseconds of a duration as TICKscript writes it. */
export function nanoseconds(text) {
  let [sum, rest] = [0, text.trim().replace(/µ/g, "u")];
  if (rest === "") return NaN;
  while (rest !== "") {
    const part = /^(\d+(?:\.\d+)?)(ms|u|s|m|h|d|w)/.exec(rest);
    if (!part) return NaN;
    sum += Number(part[1]) * UNITS.find(([unit]) => unit === part[2])[1];
    rest = rest.slice(part[0].length);
  }
  return sum;
}

/** A duration: a number, its unit, and a slider through usual ones. */
export function duration(about, changed) {
  const input = element("input", { type: "number", min: 0, step: "any", "aria-label": about.label });
  const unit = element("select", { "aria-label": `${about.label}, unit` });
  for (const [name] of [...UNITS].reverse()) unit.append(element("option", { value: name }, UNIT_NAMES[name]));
  const most = nanoseconds(about.limits.to ?? "") || Infinity;
  const least = nanoseconds(about.limits.from ?? "") || 0;
  const usual = DURATIONS.filter((text) => nanoseconds(text) >= least && nanoseconds(text) <= Math.min(most, about.longest ?? Infinity));
  const slider = element("input", { type: "range", min: 0, max: Math.max(usual.length - 1, 1), step: 1, "aria-label": `${about.label}, slider` });
  const value = () => (input.value === "" ? "" : `${input.value}${unit.value}`);
  const follow = () => {
    const length = nanoseconds(value());
    const at = usual.findIndex((text) => nanoseconds(text) >= length);
    slider.value = at < 0 ? usual.length - 1 : at;
    slider.setAttribute("aria-valuetext", value());
  };
  const set = (text) => {
    const length = nanoseconds(text);
    const [name, size] = UNITS.find(([, size]) => length > 0 && length % size === 0) ?? ["s", 1e9];
    input.value = Number.isNaN(length) ? "" : length / size;
    unit.value = name;
  };
  input.oninput = () => { follow(); changed(); };
  unit.onchange = input.oninput;
  slider.oninput = () => { set(usual[Number(slider.value)] ?? "1s"); slider.setAttribute("aria-valuetext", value()); changed(); };
  return {
    element: wrapped(about, slider, input, unit),
    controls: [input, unit, slider],
    get value() { return value(); },
    set value(text) { set(text); follow(); },
  };
}

function wrapped(about, ...inputs) {
  const wrap = element("div", { className: "argument" });
  if (about.name) wrap.append(element("span", { className: "argument-name", "aria-hidden": "true" }, about.name));
  wrap.append(...inputs);
  return wrap;
}
