// The principal's page: lists what they have allowed and takes it back. The link carries the session behind a '#', which a
// browser sends nowhere; it is taken off the address bar at once, and kept for this tab so that a reload works.

import { byId, listItems, show, showTime } from "./page.js";

const endpoint = document.querySelector("main").dataset.api;
const KEY = "grantex.session";
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

function end() {
  session = null;
  kept((storage) => storage.removeItem(KEY));
  show("over");
}

const ask = (path, method) => fetch(endpoint + path, { method, headers: { Authorization: `Bearer ${session}` } });

// --- one grant ---

function fill(card, grant) {
  const put = (name, text) => (card.querySelector(`.${name}`).textContent = text);
  put("agent", grant.agentName);
  put("description", grant.agentDescription);
  put("did", grant.agentDid);
  put("raw-scopes", grant.scopes.join(" "));
  put("id", grant.grantId);
  put("question", `Take this back from ${grant.agentName}, and from all that it has passed this on to? There is no undo.`);
  card.querySelector(".take-back").setAttribute("aria-label", `Take back from ${grant.agentName}…`);
  card.querySelector(".confirmation").setAttribute("aria-label", `Take back from ${grant.agentName}?`);
  card.querySelector(".delegated").hidden = grant.delegationDepth === 0;
  card.querySelector(".scopes").replaceChildren(...listItems(grant.scopeDescriptions));
  showTime(card.querySelector(".issued"), grant.issuedAt);
  showTime(card.querySelector(".expires"), grant.expiresAt);
}

function confirming(card, open) {
  card.querySelector(".asking").hidden = open;
  card.querySelector(".confirmation").hidden = !open;
  card.querySelector(open ? ".confirm" : ".take-back").focus();
}

async function takeBack(card, grant) {
  const buttons = card.querySelectorAll(".choices button");
  const trouble = card.querySelector(".trouble");
  trouble.textContent = "";
  for (const button of buttons) button.disabled = true;
  try {
    const response = await ask(`/${encodeURIComponent(grant.grantId)}`, "DELETE");
    if (response.status === 401) return end();
    // 404: it was taken back elsewhere meanwhile, or its time has run out. That is what was wanted.
    if (!response.ok && response.status !== 404) throw new Error(`status ${response.status}`);
    await look(`Taken back from ${grant.agentName}.`);
  } catch {
    trouble.textContent = "That did not get through. Please press again.";
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function cardOf(grant) {
  const card = byId("grant").content.firstElementChild.cloneNode(true);
  fill(card, grant);
  card.querySelector(".take-back").addEventListener("click", () => confirming(card, true));
  card.querySelector(".keep").addEventListener("click", () => confirming(card, false));
  card.querySelector(".confirm").addEventListener("click", () => takeBack(card, grant));
  card.querySelector(".confirmation").addEventListener("keydown", (event) => {
    if (event.key === "Escape") confirming(card, false);
  });
  return card;
}

// --- all of them ---

function list(answer, news) {
  byId("principal").textContent = answer.principalId;
  byId("shown").textContent = answer.grants.length;
  byId("total").textContent = answer.total;
  byId("more").hidden = answer.grants.length >= answer.total;
  byId("none").hidden = answer.grants.length > 0;
  byId("grants").replaceChildren(...answer.grants.map(cardOf));
  show("permissions");
  byId("news").textContent = news; // after it shows: what is hidden is not read out
}

async function look(news = "") {
  if (session === null) return show("unknown");
  try {
    const response = await ask("", "GET");
    if (response.status === 401) return end();
    if (!response.ok) return show("failed");
    list(await response.json(), news);
  } catch {
    show("failed");
  }
}

function begin() {
  readSession();
  look();
}

byId("reload").addEventListener("click", () => look());
addEventListener("hashchange", begin); // a new link, opened over this page
begin();
