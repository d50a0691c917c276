// The plot, drawn by plotly.js: panels above each other with one axis of time.

/** Colours that people with any colour vision can tell apart, after Okabe and Ito. */
const COLOURS = {
  light: ["#005f99", "#c44e00", "#007a58", "#a33d7a", "#288cbe", "#a87300", "#5850a0", "#505050"],
  dark: ["#6cb8e8", "#f09a5a", "#4fc7a1", "#e08fc0", "#a8d8f0", "#e8c060", "#a8a0f0", "#c0c0c0"],
};
const MARKS = {
  kept: ["circle", 7, "● kept: in the output as in the input"],
  dots: ["circle", 7, "● output"],
  vanished: ["x-thin-open", 9, "× vanished: in the input, but not in the output"],
  appeared: ["triangle-up", 9, "▲ appeared: in the output alone"],
  since: ["circle-open", 12, "○ changed since the last build"],
};
const PANEL = 240;

export const isDark = () => matchMedia("(prefers-color-scheme: dark)").matches;

/** The colour of a group. */
export const colourOf = (index) => {
  const colours = COLOURS[isDark() ? "dark" : "light"];
  return colours[index % colours.length];
};

/** Draws a picture. `isHidden` says which groups are off. `zoomed` is called with the times that the user looks at. */
export async function draw(place, picture, isHidden, zoomed) {
  const dark = isDark();
  const style = { text: dark ? "#e6e9ed" : "#1e2328", grid: dark ? "#333a42" : "#e4e7eb", band: dark ? "rgba(255,255,255,.05)" : "rgba(0,40,90,.05)" };
  const isOneGroup = picture.groups.length < 2;
  const isDate = picture.axis.unit === "date";
  const traces = [];
  picture.panels.forEach((panel, index) => {
    const fields = [...new Set(panel.traces.map((trace) => trace.field))];
    for (const trace of panel.traces) {
      if (isHidden(picture.groups[trace.group])) continue;
      const colour = colourOf(isOneGroup ? fields.indexOf(trace.field) : trace.group);
      const [symbol, size] = MARKS[trace.mark] ?? [];
      const name = [trace.field, isOneGroup ? "" : picture.groups[trace.group]].filter(Boolean).join(" · ");
      traces.push({
        type: "scatter",
        x: trace.x,
        y: trace.y,
        yaxis: index === 0 ? "y" : `y${index + 1}`,
        name,
        mode: symbol ? "markers" : "lines",
        line: { color: colour, width: trace.side === "output" ? 2 : 1 },
        opacity: symbol || trace.side === "output" ? 1 : 0.5,
        marker: { symbol, size: trace.points > 150 ? size * 0.6 : size, color: colour, line: { color: colour, width: symbol?.includes("thin") ? 2 : 1 } },
        hovertemplate: `%{y}<br>%{x}<extra>${escape(name)}${symbol ? ` · ${trace.mark}` : ""}</extra>`,
        showlegend: false,
      });
    }
  });
  const count = Math.max(picture.panels.length, 1);
  const layout = {
    height: 60 + PANEL * count,
    margin: { l: 62, r: 14, t: 24, b: 40 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: style.text, size: 12, family: "system-ui, sans-serif" },
    hovermode: "closest",
    dragmode: "zoom",
    xaxis: {
      type: isDate ? "date" : "linear", range: picture.span.map((at) => (isDate ? new Date(at).toISOString() : at)),
      gridcolor: style.grid, zerolinecolor: style.grid, anchor: count === 1 ? "y" : `y${count}`, ticksuffix: isDate ? "" : " ns",
    },
    shapes: picture.bands.map(([x0, x1]) => ({ type: "rect", xref: "x", yref: "paper", x0, x1, y0: 0, y1: 1, fillcolor: style.band, line: { width: 0 }, layer: "below" })),
    annotations: picture.panels.map((panel, index) => ({
      text: escape(panel.title), xref: "paper", yref: "paper", x: 0, y: 1 - index / count, xanchor: "left", showarrow: false,
      // The first stands in the margin.
      yanchor: index === 0 ? "bottom" : "top",
    })),
  };
  picture.panels.forEach((_, index) => {
    // From above; each leaves room for its title.
    layout[index === 0 ? "yaxis" : `yaxis${index + 1}`] = {
      domain: [1 - (index + 1) / count + (index + 1 < count ? 0.05 / count : 0), 1 - index / count - (index > 0 ? 0.1 / count : 0)],
      gridcolor: style.grid, zerolinecolor: style.grid, exponentformat: "SI", fixedrange: true, rangemode: "tozero",
    };
  });
  place.ignoresZoom = true;
  await Plotly.react(place, traces, layout, { displayModeBar: false, responsive: true, doubleClick: false });
  place.ignoresZoom = false;
  if (!place.hears) {
    place.hears = true;
    place.on("plotly_relayout", (event) => {
      const [from, to] = [event["xaxis.range[0]"], event["xaxis.range[1]"]];
      if (!place.ignoresZoom && from !== undefined) place.zoomed(place.toTime(from), place.toTime(to));
    });
    place.on("plotly_doubleclick", () => place.zoomed(null, null));
  }
  place.zoomed = zoomed;
  // plotly.js writes dates in UTC without saying so.
  place.toTime = (at) => (isDate ? Date.parse(`${String(at).replace(" ", "T")}Z`) : Number(at));
  const marks = new Set(picture.panels.flatMap((panel) => panel.traces.map((trace) => trace.mark)));
  return [...marks].map((mark) => MARKS[mark]?.[2]).filter(Boolean);
}

/** Saves the plot as it is. */
export function save(place, format, filename) {
  const background = { light: "#ffffff", dark: "#1d2126" }[isDark() ? "dark" : "light"];
  const { width, height } = place._fullLayout;
  const layout = { ...place.layout, paper_bgcolor: background };
  return Plotly.downloadImage({ data: place.data, layout, config: {} }, { format, filename, width, height, scale: format === "png" ? 2 : 1 });
}

/** plotly.js takes texts for a little HTML. */
const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/%/g, "&#37;");
