// The form: an option of the UDF by its type, and how the data is grouped and cut into batches.

import { argumentInput, duration, element, flag, freshId } from "./inputs.js";

/** The calls of a default, as TICKscript writes it: `'a', 1; 'b', 2`. */
function parseCalls(text) {
  const calls = [[]];
  for (const [, quoted, bare, end] of text.matchAll(/(?:'((?:\\'|[^'])*)'|([^,;']+))\s*([,;]|$)\s*/g)) {
    calls.at(-1).push(quoted === undefined ? bare.trim() : quoted.replace(/\\'/g, "'"));
    if (end === ";") calls.push([]);
  }
  return calls;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** The values of a call, equal if the UDF reads the same: `1.50` is `1.5`, and `TRUE` is `true`. */
const plain = (values, types) =>
  values.map((value, index) => (/INT|DOUBLE/.test(types[index]) && value !== "" ? Number(value) : types[index] === "BOOL" ? value.toLowerCase() : value));

export class Form {
  /** A form in `place` for a UDF. `changed` is called when the user changes something. */
  constructor(place, udf, data, changed) {
    this.udf = udf;
    this.data = data;
    this.changed = () => { this.showResets(); changed(); };
    this.options = udf.options.map((option) => this.option(option));
    this.frame();
    place.replaceChildren(
      ...this.options.map((option) => option.element),
      this.options.length > 0 ? element("div", { className: "section" }) : "",
      ...this.frames,
    );
  }

  // ---- the options ----

  /** An option: `element`, `calls` to read and set, and `show` for its message. */
  option(info) {
    const defaults = info.default === null ? null : parseCalls(info.default);
    const isRows = info.call === "repeatable";
    const id = freshId("option");
    const problem = element("p", { className: "problem", id: `${id}-problem`, hidden: true });
    const rows = element("div", { className: "inputs" });
    const parts = [];
    const reset = element("button", { type: "button", className: "small reset", hidden: true, "aria-label": `Reset ${info.name}` }, "reset");
    const made = element(
      "fieldset",
      { className: "option", id: `option-${info.name}` },
      element("legend", {}, info.name),
      element("p", { className: "doc" }, [info.docs.replace(/\n(?!\n)/g, " "), this.allowed(info)].filter(Boolean).join(" ")),
      rows,
    );
    made.firstChild.append(reset);
    // An option without a default may be left out: a switch says so.
    const isLeftOut = info.call === "optional" && defaults === null;
    const use = isLeftOut ? flag({ label: `Use ${info.name}`, limits: {} }, () => { rows.hidden = use.value !== "true"; this.changed(); }) : null;
    if (use) rows.before(use.element);
    const about = (index) => ({
      type: info.arguments[index],
      name: info.arguments.length > 1 ? info.argument_names[index] ?? `${index + 1}` : "",
      label: info.arguments.length > 1 ? `${info.name}, ${info.argument_names[index] ?? `argument ${index + 1}`}` : info.name,
      choices: info.arguments.length === 1 ? info.choices : [],
      limits: info.ranges[index] ?? {},
      start: (defaults?.[0] ?? info.example ?? [])[index],
      names: info.arguments[index] === "STRING" && info.range === null ? this.names(info, defaults) : [],
      dataRange: () => this.dataRange(),
    });
    const addRow = (values) => {
      const inputs = info.arguments.map((_, index) => argumentInput(about(index), this.changed));
      inputs.forEach((input, index) => { input.value = values[index] ?? ""; });
      const part = { inputs, element: element("div", { className: "inputs" }, ...inputs.map((input) => input.element)) };
      if (isRows) {
        const remove = element("button", { type: "button", className: "small", "aria-label": `Remove this ${info.name}` }, "×");
        part.element = element("div", { className: "row" }, part.element, remove);
        remove.onclick = () => {
          parts.splice(parts.indexOf(part), 1);
          part.element.remove();
          add.focus();
          this.changed();
        };
      }
      parts.push(part);
      if (isRows) add.before(part.element);
      else rows.append(part.element);
    };
    const example = () => parts.at(-1)?.inputs.map((input) => input.value) ?? (info.example ?? []).map((value) => parseCalls(value)[0][0] ?? "");
    const add = element("button", { type: "button", className: "small", onclick: () => { addRow(example()); this.changed(); } }, `Add ${info.name}`);
    if (isRows) rows.append(element("div", {}, add));
    const switched = info.call === "flag" ? flag({ label: info.name, limits: {} }, this.changed) : null;
    if (switched) rows.append(switched.element);

    const option = {
      info,
      element: made,
      controls: () => [...parts.flatMap((part) => part.inputs.flatMap((input) => input.controls)), ...(switched?.controls ?? []), ...(isRows ? [add] : [])],
      /** The values of each call; none where the default says the same. */
      get calls() {
        if (switched) return switched.value === "true" ? [[]] : [];
        if (use && use.value !== "true") return [];
        const calls = parts.map((part) => part.inputs.map((input) => input.value));
        const isDefault = defaults !== null && same(calls.map((values) => plain(values, info.arguments)), defaults.map((values) => plain(values, info.arguments)));
        return isDefault ? [] : calls;
      },
      set calls(calls) {
        if (switched) { switched.value = String(calls.length > 0); return; }
        if (use) { use.value = String(calls.length > 0); rows.hidden = calls.length === 0; }
        for (const part of parts.splice(0)) part.element.remove();
        const shown = calls.length > 0 ? calls : defaults ?? (isRows ? [] : [(info.example ?? []).map((value) => parseCalls(value)[0][0] ?? "")]);
        for (const values of shown) addRow(values);
      },
      showReset() { reset.hidden = defaults === null || this.calls.length === 0; },
      show(text) {
        problem.textContent = text;
        problem.hidden = text === "";
        for (const control of this.controls()) {
          control.toggleAttribute("aria-invalid", false);
          if (text !== "") control.setAttribute("aria-invalid", "true");
          if (text !== "") control.setAttribute("aria-describedby", problem.id);
          else control.removeAttribute("aria-describedby");
        }
      },
    };
    made.append(problem);
    reset.onclick = () => { option.calls = []; this.changed(); option.controls()[0]?.focus(); };
    option.calls = [];
    return option;
  }

  /** Default and range in words. */
  allowed(info) {
    const words = [];
    if (info.range !== null) words.push(`Goes ${info.range}.`);
    if (info.default !== null) words.push(`Default: ${info.default}.`);
    else if (info.call === "required") words.push("Required.");
    else if (info.call === "repeatable") words.push("May be given several times.");
    return words.join(" ");
  }

  /** The names of the data that a text may be. A text that has a default is most often a name that the UDF gives. */
  names(info, defaults) {
    const about = `${info.name} ${info.docs}`.toLowerCase();
    if (defaults !== null) return [];
    if (about.includes("field")) return this.data.fields.map((field) => field.name);
    if (about.includes("tag")) return this.data.tags.map((tag) => tag.name);
    return [];
  }

  /** The lowest and the highest value of the field that the options name. */
  dataRange() {
    const named = (this.options ?? []).flatMap((option) => option.calls.flat());
    return this.data.fields.find((field) => field.range && named.includes(field.name))?.range;
  }

  showResets() {
    for (const option of this.options) option.showReset();
  }

  // ---- groups and batches ----

  frame() {
    this.frames = [];
    const tags = this.data.tags;
    this.tagBoxes = [];
    const box = (label, value, checked) => {
      const input = element("input", { type: "checkbox", value, checked, onchange: () => { this.tagChanged(input); this.changed(); } });
      return [input, element("label", { className: "switch" }, input, label)];
    };
    const choices = element("div", { className: "inputs" });
    const [allTags, allTagsLabel] = box("all tags", "*", false);
    this.allTags = allTags;
    choices.append(allTagsLabel);
    for (const tag of tags) {
      const [input, label] = box(`${tag.name} (${tag.values} ${tag.values === 1 ? "value" : "values"})`, tag.name, false);
      this.tagBoxes.push(input);
      choices.append(label);
    }
    const [byName, byNameLabel] = box("measurement", "", false);
    this.byName = byName;
    if (this.data.measurements.length > 1) choices.append(byNameLabel);
    if (tags.length > 0 || this.data.measurements.length > 1) {
      this.frames.push(element("fieldset", { className: "option" }, element("legend", {}, "Groups"),
        element("p", { className: "doc" }, "The UDF looks at each group by itself."), choices));
    }

    this.period = null;
    if (this.udf.wants === "batch") {
      const whole = element("input", { type: "checkbox" });
      this.whole = whole;
      const longest = this.data.seconds * 1e9;
      this.period = duration({ label: "Period", limits: { from: "1s" }, longest: longest > 2e9 ? longest : undefined }, () => { whole.checked = false; this.changed(); });
      whole.onchange = () => { this.period.element.hidden = whole.checked; this.changed(); };
      this.frames.push(element("fieldset", { className: "option" }, element("legend", {}, "Period"),
        element("p", { className: "doc" }, "Time span of a batch."), this.period.element,
        element("label", { className: "switch" }, whole, "all data is one batch")));
    }

    this.precision = element("select", { "aria-label": "Unit of time", onchange: this.changed });
    for (const [value, label] of [["ns", "nanoseconds"], ["us", "microseconds"], ["ms", "milliseconds"], ["s", "seconds"]]) {
      this.precision.append(element("option", { value }, label));
    }
    this.frames.push(element("details", {}, element("summary", {}, "Unit of time"),
      element("p", { className: "doc" }, "How the data counts time."), element("div", { className: "argument" }, this.precision)));
  }

  /** All tags and some tags exclude each other. */
  tagChanged(input) {
    if (input === this.allTags && input.checked) for (const box of this.tagBoxes) box.checked = false;
    if (this.tagBoxes.includes(input) && input.checked) this.allTags.checked = false;
  }

  // ---- as a whole ----

  get settings() {
    const tags = this.tagBoxes.filter((box) => box.checked).map((box) => box.value);
    return {
      udf: this.udf.name,
      options: this.options.flatMap(({ info, calls }) => calls.map((values) => ({ name: info.name, values }))),
      group_by: this.allTags.checked ? "*" : tags.join(","),
      by_name: this.byName.checked,
      period: this.period && !this.whole.checked ? this.period.value : "",
      precision: this.precision.value,
    };
  }

  set settings(settings) {
    for (const option of this.options) {
      option.calls = settings.options.filter((call) => call.name === option.info.name).map((call) => call.values);
    }
    this.allTags.checked = settings.group_by === "*";
    const tags = settings.group_by.split(",");
    for (const box of this.tagBoxes) box.checked = tags.includes(box.value);
    this.byName.checked = settings.by_name;
    if (this.period) {
      this.whole.checked = settings.period === "";
      this.period.value = settings.period || "1m";
      this.period.element.hidden = this.whole.checked;
    }
    this.precision.value = settings.precision;
    this.showResets();
  }

  /** Shows each message at its option; returns those of none. */
  show(problems) {
    const rest = problems.filter((problem) => !this.options.some((option) => option.info.name === problem.option));
    for (const option of this.options) {
      const own = problems.filter((problem) => problem.option === option.info.name);
      option.show(own.map((problem) => problem.text).join("\n"));
    }
    return rest;
  }
}
