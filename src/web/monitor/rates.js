// Events by type in each minute of the last hour: a plot, and the same as a table.

import { get } from "./api.js";
import { byId, el, svg, text } from "./dom.js";
import { count, plural, timeOfDay } from "./format.js";
import { TYPES, glyphOf, kindOf } from "./types.js";

const WIDTH = 600;
const HEIGHT = 120;
const EVERY = 5; // polls
const ALL = [...TYPES, "other"];

let polls = 0;

// A round number that is not less.
function roundUp(n) {
  const power = 10 ** Math.floor(Math.log10(Math.max(n, 1)));
  return [1, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((step) => step >= n);
}

const sumOf = (minutes, type) => minutes.reduce((sum, minute) => sum + (minute.types[type] ?? 0), 0);
const hourAndMinute = (timestamp) => timeOfDay(timestamp).slice(0, 5);

function column(minute, at, most) {
  const step = WIDTH / 60;
  let top = HEIGHT;
  return ALL.filter((type) => minute.types[type]).map((type) => {
    const height = (minute.types[type] / most) * HEIGHT;
    top -= height;
    return svg("rect", { class: kindOf(type), x: at * step + 1, y: top, width: step - 2, height: Math.max(height, 0.5) });
  });
}

function words(minutes, total) {
  if (total === 0) return "No events in the last hour.";
  const busiest = minutes.reduce((best, minute) => (minute.total > best.total ? minute : best));
  const types = ALL.filter((type) => sumOf(minutes, type) > 0).map((type) => `${count(sumOf(minutes, type))} ${type}`);
  return `${plural(total, "event")} in the last hour: ${types.join(", ")}. The busiest minute was ${hourAndMinute(busiest.start)} with ${count(busiest.total)}.`;
}

function plot(minutes, total) {
  const most = roundUp(Math.max(...minutes.map((minute) => minute.total)));
  const grid = [0, 0.5].map((share) => svg("line", { class: "grid", x1: 0, x2: WIDTH, y1: share * HEIGHT + 0.5, y2: share * HEIGHT + 0.5 }));
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": words(minutes, total) },
    ...grid, svg("line", { class: "base", x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5 }), ...minutes.flatMap((minute, at) => column(minute, at, most)));
  const ticks = [0, 15, 30, 45].map((at) => el("span", { text: hourAndMinute(minutes[at].start) }));
  byId("plot").replaceChildren(
    el("span", { class: "scale quiet", "aria-hidden": "true", text: `${count(most)} a minute` }), picture,
    el("div", { class: "ticks quiet", "aria-hidden": "true" }, ...ticks, el("span", { text: "now" })));
}

function legend(minutes) {
  const last = minutes.at(-2);
  const rows = ALL.filter((type) => type !== "other" || sumOf(minutes, type) > 0).map((type) =>
    el("tr", {},
      el("th", { scope: "row" }, el("span", { class: `glyph ${kindOf(type)}`, "aria-hidden": "true", text: glyphOf(type) }), type),
      el("td", { text: `${count(last.types[type] ?? 0)}/min` }), el("td", { text: count(sumOf(minutes, type)) })));
  byId("rates-legend").replaceChildren(...rows);
}

function draw({ minutes }) {
  const total = minutes.reduce((sum, minute) => sum + minute.total, 0);
  const estimated = minutes.some((minute) => minute.estimated);
  plot(minutes, total);
  legend(minutes);
  text("rates-total", `${plural(total, "event")}${estimated ? ", types estimated" : ""}`);
  text("vital-rate", count(minutes.at(-2).total));
}

async function load() {
  try {
    draw(await get("events/rates"));
  } catch {
    // As it was.
  }
}

export const refresh = load;

export function poll() {
  if (++polls % EVERY === 0) load();
}

export function clear() {
  byId("plot").replaceChildren();
  byId("rates-legend").replaceChildren();
}
