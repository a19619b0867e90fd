// The principal's page: lists what they have allowed and takes it back. The link carries the session behind a '#', which a
// browser sends nowhere; it is taken off the address bar at once, and kept for this tab so that a reload works.

import { byId, show, whyFailed } from "./page.js";
import { grantCard, pastItem } from "./grant.js";

const base = document.querySelector("main").dataset.api;
const KEY = "grantex.session";
const MOST_PAST = 50;
let session = null;

// A browser may be told to keep nothing: then the session lasts until the next reload.
function kept(act) {
  try {
    return act(sessionStorage);
  } catch {
    return null;
  }
}

function readSession() {
  const given = new URLSearchParams(location.hash.slice(1)).get("session");
  if (given === null) {
    session ??= kept((storage) => storage.getItem(KEY));
    return;
  }
  session = given;
  history.replaceState(null, "", location.pathname);
  kept((storage) => storage.setItem(KEY, given));
}

function display(section) {
  byId("whose").hidden = section !== "permissions";
  show(section);
}

function end() {
  session = null;
  kept((storage) => storage.removeItem(KEY));
  display("over");
}

const ask = (path, method = "GET") =>
  fetch(base + path, { method, cache: "no-store", headers: { Authorization: `Bearer ${session}` } });

// --- taking back ---

async function takeBack(card, grant) {
  let response = null;
  try {
    response = await ask(`grants/${encodeURIComponent(grant.grantId)}`, "DELETE");
    if (response.status === 401) return end();
    // 404: it was taken back elsewhere meanwhile, or its time has run out. That is what was wanted.
    if (!response.ok && response.status !== 404) throw new Error(`status ${response.status}`);
    await look(`Taken back from ${grant.agentName}.`);
  } catch {
    card.querySelector(".trouble").textContent = `That did not get through. ${whyFailed(response)} Press again to retry.`;
  }
}

// --- the lists ---

function summary(grants) {
  if (grants.length === 0) return "No agent may do anything in your name.";
  const agents = new Set(grants.map((grant) => grant.agentId)).size;
  return agents === 1 ? "One agent may act in your name." : `${agents} agents may act in your name.`;
}

function list(answer, used, news) {
  byId("principal").textContent = answer.principalId;
  byId("summary").textContent = summary(answer.grants);
  byId("shown").textContent = answer.grants.length;
  byId("total").textContent = answer.total;
  byId("more").hidden = answer.grants.length >= answer.total;
  byId("grants").replaceChildren(...answer.grants.map((grant) => grantCard(grant, used.get(grant.grantId), takeBack)));
  display("permissions");
  byId("news").textContent = news; // after it shows: what is hidden is not read out
}

function listPast(answer) {
  byId("past").hidden = answer.total === 0;
  byId("past-count").textContent = answer.total;
  byId("past-shown").textContent = answer.grants.length;
  byId("past-more").hidden = answer.grants.length >= answer.total;
  byId("past-grants").replaceChildren(...answer.grants.map(pastItem));
}

// When each grant was used last, as far as the application has told: the entries come newest first.
function lastUses({ entries }) {
  const uses = new Map();
  for (const entry of entries) if (!uses.has(entry.grantId)) uses.set(entry.grantId, entry.timestamp);
  return uses;
}

async function look(news = "") {
  if (session === null) return display("unknown");
  let response = null;
  try {
    const paths = ["grants", "audit", `grants?status=ended&pageSize=${MOST_PAST}`];
    const answers = await Promise.all(paths.map((path) => ask(path)));
    if (answers.some(({ status }) => status === 401)) return end();
    response = answers.find(({ ok }) => !ok) ?? answers[0];
    if (!response.ok) return fail(response);
    const [grants, audit, past] = await Promise.all(answers.map((answer) => answer.json()));
    listPast(past);
    list(grants, lastUses(audit), news);
  } catch {
    fail(response);
  }
}

function fail(response) {
  byId("why-failed").textContent = whyFailed(response);
  display("failed");
}

function begin() {
  readSession();
  look();
}

byId("reload").addEventListener("click", () => look());
addEventListener("hashchange", begin); // a new link, opened over this page
addEventListener("pageshow", (event) => event.persisted && begin()); // brought back by "back": it may have changed
begin();
