// Grants: the list, one of them with what happened to it, and taking it back.

import { get, remove } from "./api.js";
import { byId, el, setText, text, throttled } from "./dom.js";
import { count, dateAndTime, money, plural, shortId, timeOfDay } from "./format.js";
import { nameOf, onNames } from "./names.js";
import { glyphOf, kindOf, summaryOf } from "./types.js";

const LISTED = 200;
const PAGE = 1000;
const MOST_PAGES = 20; // of the log, for one timeline

const narrow = matchMedia("(max-width: 68rem)");

let list = [];
let total = 0;
let current = null; // the grant that is open
let writable = false;

export const mayRevoke = (may) => (writable = may);

const agentOf = (grant) => nameOf(grant.agentId) ?? shortId(grant.agentId);

const badgeOf = ({ status }) => `badge ${{ active: "good", revoked: "bad" }[status] ?? ""}`;

// --- the list ---

function matches(grant, words) {
  return `${grant.grantId} ${grant.agentId} ${agentOf(grant)} ${grant.principalId}`.toLowerCase().includes(words);
}

function row(grant) {
  const at = `#grants/${encodeURIComponent(grant.grantId)}`;
  return el("tr", { "data-key": grant.grantId, "aria-current": grant.grantId === current?.grantId ? "true" : null },
    el("th", { scope: "row", dir: "auto" }, el("a", { href: at, text: agentOf(grant) })),
    el("td", { dir: "auto", class: "long", text: grant.principalId }),
    el("td", { class: "minor" }, el("time", { datetime: grant.issuedAt, text: dateAndTime(grant.issuedAt) })),
    el("td", {}, el("span", { class: badgeOf(grant), text: grant.status })));
}

function draw() {
  const words = byId("grant-filter").value.trim().toLowerCase();
  const shown = list.filter((grant) => matches(grant, words));
  const focused = document.activeElement?.closest?.("#grant-rows tr")?.dataset.key;
  byId("grant-rows").replaceChildren(...shown.map(row));
  if (focused) byId("grant-rows").querySelector(`tr[data-key="${CSS.escape(focused)}"] a`)?.focus();
  byId("grants-none").hidden = shown.length > 0;
  text("grants-count", total > list.length ? `${count(shown.length)} of the newest ${count(list.length)}, ${count(total)} in all` : plural(shown.length, "grant"));
}

async function load() {
  const status = byId("grant-status").value;
  try {
    const answer = await get(`grants?pageSize=${LISTED}${status ? `&status=${status}` : ""}`);
    list = answer.grants;
    total = answer.total;
    draw();
  } catch {
    // As it was.
  }
}

export const refresh = throttled(400, load);
export const poll = () => {};

// --- one of them ---

const field = (name, ...value) => [el("dt", { text: name }), el("dd", { dir: "auto" }, ...value)];

function fill(grant) {
  text("grant-title", agentOf(grant));
  setText(byId("grant-state"), grant.status);
  byId("grant-state").className = badgeOf(grant);
  byId("grant-fields").replaceChildren(
    ...field("For", grant.principalId),
    ...field("May", el("span", { class: "scopes" }, ...grant.scopes.map((scope) => el("code", { text: scope })))),
    ...field("Issued", dateAndTime(grant.issuedAt)),
    ...field(grant.status === "revoked" && grant.revokedAt ? "Revoked" : "Until", grant.status === "revoked" && grant.revokedAt ? `${dateAndTime(grant.revokedAt)} by ${grant.revokedBy}` : dateAndTime(grant.expiresAt)),
    ...(grant.parentGrantId ? field("Below", el("a", { href: `#grants/${encodeURIComponent(grant.parentGrantId)}`, text: grant.parentGrantId })) : []),
    ...field("Id", el("code", { text: grant.grantId })));
  byId("revoke").hidden = !writable || grant.status !== "active";
  byId("grant").hidden = false;
}

// The log has no index by grant: from its beginning on, page by page, until its end or a bound.
async function eventsOf(grant) {
  const found = [];
  let from = `since=${encodeURIComponent(grant.issuedAt)}`;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await get(`events?limit=${PAGE}&${from}`);
    found.push(...page.events.filter((event) => event.data.grantId === grant.grantId));
    if (!page.hasMore || page.next === null) return { found, whole: true };
    from = `after=${encodeURIComponent(page.next)}`;
  }
  return { found, whole: false };
}

async function debitsOf(grant) {
  try {
    const { transactions = [], total: all = 0 } = await get(`budget/transactions/${encodeURIComponent(grant.grantId)}?pageSize=50`);
    return { debits: transactions, all };
  } catch {
    return { debits: [], all: 0 }; // it has no budget
  }
}

const repeats = ({ type, words }) => type === "debit" || (type === "token.issued" && words.includes("refresh"));

// Debits that follow each other are one step, and so are refreshes: it is what comes between them that tells the life.
function steps(events, debits) {
  const all = [];
  const moments = [ // in the same millisecond the debit comes before what it brought about
    ...debits.map((debit) => ({ at: debit.createdAt, type: "debit", amount: Number(debit.amount), words: debit.description ?? "" })),
    ...events.map((event) => ({ at: event.timestamp, type: event.type, words: summaryOf(event) })),
  ].sort((a, b) => a.at.localeCompare(b.at));
  for (const moment of moments) {
    const last = all.at(-1);
    if (last?.type === moment.type && repeats(moment) && repeats(last)) {
      last.times++;
      last.amount += moment.amount ?? 0;
    } else all.push({ ...moment, times: 1 });
  }
  return all;
}

function stepRow({ at, type, words, times, amount }, before) {
  const one = type === "debit" ? `${money(amount)}${words ? ` · ${words}` : ""}` : words;
  const many = type === "debit" ? `${money(amount)} in ${count(times)} debits` : `${words}, ${count(times)} times since`;
  const said = times > 1 ? many : one;
  const sameDay = before && dateAndTime(before.at).slice(0, -5) === dateAndTime(at).slice(0, -5);
  return el("li", { class: kindOf(type) },
    el("span", { class: "glyph", "aria-hidden": "true", text: glyphOf(type) }),
    el("time", { datetime: at, title: at, text: sameDay ? timeOfDay(at) : dateAndTime(at) }),
    el("span", { class: "type", text: type }), el("span", { class: "summary", dir: "auto", text: said }));
}

async function tellLife(grant) {
  text("timeline-note", "Reading the log…");
  const [{ found, whole }, { debits, all }] = await Promise.all([eventsOf(grant), debitsOf(grant)]);
  if (current?.grantId !== grant.grantId) return; // another one was opened meanwhile
  byId("timeline").replaceChildren(...steps(found, debits).map((one, at, all) => stepRow(one, all[at - 1])));
  const notes = [];
  if (!whole) notes.push(`Only the first ${count(PAGE * MOST_PAGES)} events since it was issued were looked through.`);
  if (all > debits.length) notes.push(`Of ${count(all)} debits the newest ${count(debits.length)} are shown.`);
  text("timeline-note", notes.join(" "));
}

async function look(id) {
  try {
    const grant = await get(`grants/${encodeURIComponent(id)}`);
    if (current?.grantId !== id) return;
    current = grant;
    fill(grant);
    draw();
    await tellLife(grant);
  } catch (error) {
    if (current?.grantId === id) tellTrouble(error.message);
  }
}

// Of one that was seen before, what was seen stays.
function tellTrouble(message) {
  if (!current.scopes) {
    text("grant-title", current.grantId);
    setText(byId("grant-state"), "");
    byId("grant-state").className = "";
    byId("grant-fields").replaceChildren();
    byId("revoke").hidden = true;
    byId("grant").hidden = false;
  }
  text("timeline-note", message);
}

// What somebody has typed into the address may be no encoding at all.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function open(id) {
  if (id === null) {
    current = null;
    byId("grant").hidden = true;
    return;
  }
  const grantId = decoded(id);
  if (current?.grantId !== grantId) {
    current = { grantId };
    byId("timeline").replaceChildren();
    look(grantId).then(() => narrow.matches && byId("grant").scrollIntoView());
  }
}

export function hear(events) {
  const about = events.filter((event) => event.type.startsWith("grant."));
  if (about.length > 0 && !byId("view-grants").hidden) refresh();
  if (current && events.some((event) => event.data.grantId === current.grantId)) again();
}

const again = throttled(400, () => current && look(current.grantId));

export function clear() {
  list = [];
  total = 0;
  open(null);
  byId("grant-rows").replaceChildren();
}

// --- taking it back ---

const dialog = byId("confirm");

byId("revoke").addEventListener("click", () => {
  text("confirm-text", `${agentOf(current)} will not act for ${current.principalId} any more.`);
  text("confirm-trouble", "");
  dialog.showModal();
});

byId("confirm-no").addEventListener("click", () => dialog.close());

byId("confirm-yes").addEventListener("click", async ({ currentTarget }) => {
  currentTarget.disabled = true;
  try {
    await remove(`grants/${encodeURIComponent(current.grantId)}`);
    dialog.close();
    text("news", `Revoked: ${agentOf(current)} for ${current.principalId}.`);
    look(current.grantId);
    refresh();
    byId("grant-title").focus();
  } catch (error) {
    text("confirm-trouble", error.message);
  } finally {
    currentTarget.disabled = false;
  }
});

byId("grant-filter").addEventListener("input", draw);
byId("grant-status").addEventListener("change", load);
onNames(() => {
  draw();
  if (current?.scopes) fill(current);
});
