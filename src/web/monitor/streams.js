// Open streams, and who lags.

import { get } from "./api.js";
import { byId, el, text } from "./dom.js";
import { count, duration, plural } from "./format.js";
import { TYPES } from "./types.js";

const EVERY = 3; // polls, for the count alone

let polls = 0;

const behind = (one) => (one.lag === 0 ? "at the head" : `${plural(one.lag, "event")} behind`);
const sees = (types) => (types.length === TYPES.length ? "everything" : types.join(", "));
const TRANSPORTS = { sse: "SSE", websocket: "WebSocket" };
const NEAR = { loopback: "this machine", private: "private network", public: "internet" };

// "Mozilla/5.0 (X11; …) … Chrome/156.0.0.0 Safari/537.36" is Chrome 156, in a browser.
function clientOf({ userAgent }) {
  const browser = /^Mozilla\//.test(userAgent ?? "") && /(Firefox|Edg|Chrome|Version)\/(\d+)/.exec(userAgent);
  return browser ? `${browser[1].replace("Version", "Safari").replace("Edg", "Edge")} ${browser[2]}` : (userAgent ?? "unnamed");
}

function row(one) {
  const lags = one.lag > 0 || one.state !== "live";
  return el("tr", { class: lags ? "lags" : null },
    el("th", { scope: "row" }, el("span", { class: "mark", "aria-hidden": "true", text: lags ? "▲" : "✓" }), behind(one)),
    el("td", { class: "long", dir: "auto", title: one.userAgent ?? null }, clientOf(one), el("span", { class: "quiet", text: ` · ${NEAR[one.client] ?? one.client}` })),
    el("td", {}, el("time", { datetime: one.openedAt, text: duration((Date.now() - Date.parse(one.openedAt)) / 1000) })),
    el("td", { class: "minor", text: sees(one.types) }),
    el("td", { class: "minor", text: TRANSPORTS[one.transport] ?? one.transport }));
}

function draw({ streams, total, head }) {
  const sorted = streams.sort((a, b) => b.lag - a.lag || a.openedAt.localeCompare(b.openedAt));
  const lagging = streams.filter((one) => one.lag > 0).length;
  byId("stream-rows").replaceChildren(...sorted.map(row));
  byId("streams-none").hidden = total > 0;
  text("streams-note", `${plural(total, "stream")} at this server, ${lagging === 0 ? "none behind" : `${count(lagging)} behind`}; the newest event is ${count(head)}.`);
  text("vital-streams", count(total));
}

async function load() {
  try {
    draw(await get("events/streams"));
  } catch {
    // As it was.
  }
}

export const refresh = load;
export const poll = load;

export function pollCount() {
  if (polls++ % EVERY === 0) load();
}

export function clear() {
  polls = 0;
  byId("stream-rows").replaceChildren();
}

