// The consent page: looks up the request named in ?req=, shows it, sends the decision, and takes the browser on.
// Whatever comes from outside goes into the page as text, never as markup.

import { byId, lasting, scopeItems, show, showTime, whyFailed } from "./page.js";

const request = new URLSearchParams(location.search).get("req") ?? "";
const endpoint = document.querySelector("main").dataset.api + encodeURIComponent(request);

// Where the browser may be taken; null when there is no such place.
function place(uri) {
  if (!uri) return null;
  const target = new URL(uri);
  return target.protocol === "https:" || target.protocol === "http:" ? target : null;
}

function fill(view) {
  byId("agent-name").textContent = view.agentName;
  byId("agent-description").textContent = view.agentDescription ?? "";
  byId("developer").textContent = view.developerName;
  byId("scopes").replaceChildren(...scopeItems(view));
  byId("life").textContent = lasting(view.grantLifeSeconds);
  byId("agent-did").textContent = view.agentDid;
  byId("principal").textContent = view.principalId;
  byId("raw-scopes").textContent = view.scopes.join(" ");
  byId("request").textContent = view.id;
  showTime(byId("expires"), view.expiresAt);
  const back = place(view.redirectUri);
  byId("redirect-host").textContent = back?.host ?? "";
  byId("next-away").hidden = back === null;
  byId("next-code").hidden = back !== null;
}

function display(section) {
  byId("deadline").hidden = section !== "ask";
  show(section);
}

function fail(response) {
  byId("why-failed").textContent = whyFailed(response);
  display("failed");
}

// The server's own sentence says whether it has expired or was answered, and how.
async function tellOver(response) {
  const answer = await response.json().catch(() => ({}));
  byId("why-over").textContent = `${answer.message ?? "It was answered already, or its time has run out"}.`;
  display("over");
}

async function look() {
  if (request === "") return display("unknown");
  let response = null;
  try {
    response = await fetch(endpoint, { cache: "no-store" });
    if (response.status === 410) return await tellOver(response);
    if (response.status === 404) return display("unknown");
    if (!response.ok) return fail(response);
    fill(await response.json());
    display("ask");
  } catch {
    fail(response);
  }
}

function onward(answer) {
  const target = place(answer.redirectUri);
  if (target === null) return null;
  if (answer.code) target.searchParams.set("code", answer.code);
  else target.searchParams.set("error", "access_denied");
  if (typeof answer.state === "string") target.searchParams.set("state", answer.state);
  return target;
}

// The place of this page in the history is taken by the next: "back" does not lead to a decision that was made.
function leave(answer, target) {
  byId("leaving-title").textContent = answer.code ? "Approved" : "Denied";
  byId("leaving-host").textContent = target.host;
  byId("onward").href = target.href;
  display("leaving");
  location.replace(target.href);
}

function conclude(answer) {
  const target = onward(answer);
  if (target !== null) return leave(answer, target);
  if (!answer.code) return display("denied");
  byId("code").textContent = answer.code;
  byId("copy").hidden = !navigator.clipboard;
  display("approved");
}

// One key for each decision of this page: when an answer is lost and the person presses again, the server gives the first
// answer once more instead of "decided already".
const keys = {};
function keyOf(decision) {
  keys[decision] ??= Array.from(crypto.getRandomValues(new Uint8Array(24)), (b) => b.toString(16).padStart(2, "0")).join("");
  return keys[decision];
}

// The buttons keep the focus while they wait (a disabled one would lose it); what is pressed meanwhile is nothing.
let waiting = false;
function wait(now) {
  waiting = now;
  for (const id of ["approve", "deny"]) byId(id).setAttribute("aria-disabled", now);
  byId("deciding").textContent = now ? "Sending your answer…" : "";
}

async function decide(decision) {
  if (waiting) return;
  wait(true);
  byId("trouble").textContent = "";
  let response = null;
  try {
    response = await fetch(`${endpoint}/${decision}`, {
      method: "POST",
      headers: { "Idempotency-Key": keyOf(decision) },
    });
    if (response.status === 410 || response.status === 404) return await look(); // it says what became of it
    if (!response.ok) throw new Error(`status ${response.status}`);
    conclude(await response.json());
  } catch {
    byId("trouble").textContent = `Your answer did not get through. ${whyFailed(response)} Press again to retry.`;
  } finally {
    wait(false);
  }
}

async function copyCode() {
  try {
    await navigator.clipboard.writeText(byId("code").textContent);
    byId("copied").textContent = "Copied.";
  } catch {
    byId("copied").textContent = "Please select the code and copy it.";
  }
}

byId("approve").addEventListener("click", () => decide("approve"));
byId("deny").addEventListener("click", () => decide("deny"));
byId("reload").addEventListener("click", look);
byId("copy").addEventListener("click", copyCode);
// Brought back by "back" as it was: look whether there still is something to decide. A code that is shown stays.
addEventListener("pageshow", (event) => {
  if (event.persisted && byId("approved").hidden) look();
});
look();
