// The live feed: the newest events, filtered, paused, picked. Bounded: what is too much goes from view, and it is said.

import { byId, el, setText, text } from "./dom.js";
import { count, dateAndTime, plural, timeOfDay } from "./format.js";
import { nameOf, onNames } from "./names.js";
import { TYPES, glyphOf, kindOf, subjectOf, summaryOf } from "./types.js";

const KEPT = 2000; // events and gaps that a filter looks through
const SHOWN = 200; // of them in the page
const MOST_WAITING = 20000; // while paused; then the oldest of them are only counted
const NEWS_MS = 10000;

const off = new Set(); // types that do not show
let kept = []; // oldest first
let waiting = []; // came while paused
let lostWaiting = 0;
let dropped = 0;
let paused = false;
let words = "";
let picked = null; // id
let due = false;
let unread = 0;
let pick = () => {};

export const onPick = (act) => (pick = act);

// --- what shows ---

function matches(entry) {
  if (entry.kind === "gap") return true;
  if (off.has(TYPES.includes(entry.type) ? entry.type : "other")) return false;
  if (words === "") return true;
  const { grantId = "", agentId = "", principalId = "" } = entry.data;
  const where = `${entry.id} ${grantId} ${agentId} ${principalId} ${nameOf(agentId) ?? ""} ${entry.type}`.toLowerCase();
  return where.includes(words);
}

function shown() {
  const list = [];
  for (let i = kept.length - 1; i >= 0 && list.length < SHOWN; i--) if (matches(kept[i])) list.push(kept[i]);
  return list;
}

const keyOf = (entry) => (entry.kind === "gap" ? `gap-${entry.from}` : entry.id);

function gapRow(gap) {
  const { total = 0, ...types } = gap.missed ?? {};
  const what = Object.entries(types).map(([type, n]) => `${count(n)} ${type}`).join(", ");
  const why = gap.reason === "trimmed" ? "are not kept any more" : "did not arrive";
  const range = gap.from === gap.to ? `event ${count(gap.from)}` : `events ${count(gap.from)} to ${count(gap.to)}`;
  return el("li", { class: "gap", "data-key": keyOf(gap) },
    el("strong", { text: "Gap" }), el("span", { text: ` ${range} ${why}${total ? `: ${what || count(total)}` : ""}` }));
}

function eventRow(event) {
  const subject = subjectOf(event, nameOf);
  return el("li", { "data-key": event.id },
    el("button", { type: "button", class: `event ${kindOf(event.type)}`, tabindex: -1, "aria-current": event.id === picked ? "true" : null, onclick: () => choose(event) },
      el("time", { datetime: event.timestamp, title: dateAndTime(event.timestamp), text: timeOfDay(event.timestamp) }),
      el("span", { class: "glyph", "aria-hidden": "true", text: glyphOf(event.type) }),
      el("span", { class: "type", text: event.type }),
      el("span", { class: "subject", dir: "auto", text: subject }),
      el("span", { class: "summary", dir: "auto", text: summaryOf(event) })));
}

const rowOf = (entry) => (entry.kind === "gap" ? gapRow(entry) : eventRow(entry));

// Rows that stay are left alone: focus, selection and a screen reader's place are in them.
function draw() {
  due = false;
  const list = byId("events");
  const wanted = shown();
  const keys = new Set(wanted.map(keyOf));
  const present = new Map();
  for (const row of [...list.children]) {
    if (keys.has(row.dataset.key)) present.set(row.dataset.key, row);
    else row.remove();
  }
  let at = list.firstElementChild;
  for (const entry of wanted) {
    const row = present.get(keyOf(entry)) ?? rowOf(entry);
    if (row === at) at = at.nextElementSibling;
    else list.insertBefore(row, at);
  }
  oneTabStop();
  byId("events-none").hidden = wanted.length > 0;
  text("events-none", kept.length > 0 ? "None of the events that are kept here match." : "Nothing has happened yet. Events appear here as they come.");
  tellDropped(wanted.length);
}

function tellDropped(rows) {
  const more = kept.filter(matches).length - rows;
  const parts = [];
  if (more > 0) parts.push(`${plural(more, "older event")} not shown`);
  if (dropped > 0) parts.push(`${plural(dropped, "event")} gone from this view`);
  byId("events-dropped").hidden = parts.length === 0;
  text("events-dropped", `${parts.join(", ")}; the log has them all.`);
}

function schedule() {
  if (due) return;
  due = true;
  // A hidden page gets no frames; what it draws nobody sees.
  if (document.hidden) due = false;
  else requestAnimationFrame(draw);
}

// The row that has the focus is another one afterwards, and has it again.
function redrawAll() {
  const list = byId("events");
  const focused = list.contains(document.activeElement) ? document.activeElement.closest("[data-key]")?.dataset.key : null;
  list.replaceChildren();
  if (document.hidden) return;
  draw();
  if (focused) list.querySelector(`[data-key="${CSS.escape(focused)}"] .event`)?.focus();
}

// --- what comes ---

function keep(entries) {
  kept.push(...entries);
  if (kept.length <= KEPT) return;
  dropped += kept.length - KEPT;
  kept = kept.slice(-KEPT);
}

function tellWaiting() {
  const all = waiting.length + lostWaiting;
  byId("waiting").hidden = !paused;
  setText(byId("waiting-text"), all === 0 ? "Paused. Nothing has come since." : `Paused. ${plural(all, "event")} waiting.`);
}

export function hear(message) {
  const entries = message.kind === "gap" ? [message] : message.list;
  if (paused) {
    waiting.push(...entries);
    if (waiting.length > MOST_WAITING) lostWaiting += waiting.splice(0, waiting.length - MOST_WAITING).length;
    return tellWaiting();
  }
  unread += entries.length;
  keep(entries);
  schedule();
}

export function pause(on = !paused) {
  paused = on;
  byId("pause").setAttribute("aria-pressed", String(paused));
  text("pause", paused ? "Resume" : "Pause");
  if (!paused) {
    dropped += lostWaiting;
    keep(waiting);
    waiting = [];
    lostWaiting = 0;
    schedule();
  }
  tellWaiting();
}

export function clear() {
  kept = [];
  waiting = [];
  dropped = lostWaiting = unread = 0;
  picked = null;
  pause(false);
  redrawAll();
}

// --- choosing ---

const rows = () => [...byId("events").querySelectorAll(".event")];

function oneTabStop() {
  const all = rows();
  const stop = all.find((row) => row === document.activeElement) ?? all.find((row) => row.hasAttribute("aria-current")) ?? all[0];
  for (const row of all) row.tabIndex = row === stop ? 0 : -1;
}

function choose(event) {
  picked = event.id;
  for (const row of rows()) row.toggleAttribute("aria-current", row.parentElement.dataset.key === picked);
  rows().filter((row) => row.hasAttribute("aria-current")).forEach((row) => row.setAttribute("aria-current", "true"));
  oneTabStop();
  pick(event);
}

export function focusPicked() {
  (rows().find((row) => row.hasAttribute("aria-current")) ?? rows()[0])?.focus();
}

// j and k: from the row that has the focus or is picked, else to the newest one.
export function move(by) {
  const all = rows();
  const focused = all.indexOf(document.activeElement);
  const now = focused < 0 ? all.findIndex((row) => row.hasAttribute("aria-current")) : focused;
  const next = all[now < 0 ? 0 : Math.max(0, Math.min(all.length - 1, now + by))];
  next?.focus();
  oneTabStop();
}

// --- the tools ---

function chip(type) {
  return el("button", {
    type: "button", class: `chip ${kindOf(type)}`, "aria-pressed": "true", "data-type": type,
    onclick: ({ currentTarget }) => {
      if (!off.delete(type)) off.add(type);
      currentTarget.setAttribute("aria-pressed", String(!off.has(type)));
      schedule();
    },
  }, el("span", { class: "glyph", "aria-hidden": "true", text: glyphOf(type) }), type);
}

byId("types").append(...TYPES.map(chip));
byId("pause").addEventListener("click", () => pause());
byId("resume").addEventListener("click", () => {
  pause(false);
  byId("pause").focus();
});
byId("filter").addEventListener("input", ({ target }) => {
  words = target.value.trim().toLowerCase();
  schedule();
});
document.addEventListener("visibilitychange", () => !document.hidden && schedule());
onNames(redrawAll);

// A screen reader is told how many came, now and then; not each one.
setInterval(() => {
  if (unread > 0 && !document.hidden && !byId("view-live").hidden) text("news", `${plural(unread, "new event")}`);
  unread = 0;
}, NEWS_MS);
