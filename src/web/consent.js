// The consent page: looks up the request named in ?req=, shows it, sends the decision, and takes the browser on.
// Whatever comes from outside goes into the page as text, never as markup.

import { byId, listItems, show, showTime } from "./page.js";

const request = new URLSearchParams(location.search).get("req") ?? "";
const endpoint = document.querySelector("main").dataset.api + encodeURIComponent(request);

// "90 minutes", "24 hours", "7 days": the largest unit that says it exactly.
function inWords(seconds) {
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const fits = ([, size]) => seconds % size === 0 && (seconds >= 2 * size || seconds === size);
  const [name, size] = seconds === 86400 ? units[1] : units.find(fits);
  const count = seconds / size;
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

function fill(view) {
  byId("agent-name").textContent = view.agentName;
  byId("agent-description").textContent = view.agentDescription ?? "";
  byId("agent-did").textContent = view.agentDid;
  byId("raw-scopes").textContent = view.scopes.join(" ");
  byId("life").textContent = inWords(view.grantLifeSeconds);
  showTime(byId("expires"), view.expiresAt);
  byId("scopes").replaceChildren(...listItems(view.scopeDescriptions));
}

async function look() {
  if (request === "") return show("unknown");
  try {
    const response = await fetch(endpoint);
    if (response.status === 410) return show("over");
    if (response.status === 404) return show("unknown");
    if (!response.ok) return show("failed");
    fill(await response.json());
    show("ask");
  } catch {
    show("failed");
  }
}

// Where the browser goes next; null when there is no such place.
function onward(answer) {
  if (!answer.redirectUri) return null;
  const target = new URL(answer.redirectUri);
  if (target.protocol !== "https:" && target.protocol !== "http:") return null;
  if (answer.code) target.searchParams.set("code", answer.code);
  else target.searchParams.set("error", "access_denied");
  if (typeof answer.state === "string") target.searchParams.set("state", answer.state);
  return target.href;
}

function conclude(answer) {
  const target = onward(answer);
  if (target !== null) {
    byId("leaving-title").textContent = answer.code ? "Approved" : "Denied";
    byId("onward").href = target;
    show("leaving");
    location.replace(target);
  } else if (answer.code) {
    byId("code").textContent = answer.code;
    byId("copy").hidden = !navigator.clipboard;
    show("approved");
  } else {
    show("denied");
  }
}

// One key for each decision of this page: when an answer is lost and the person presses again, the server gives the first
// answer once more instead of "decided already".
const keys = {};
function keyOf(decision) {
  keys[decision] ??= Array.from(crypto.getRandomValues(new Uint8Array(24)), (b) => b.toString(16).padStart(2, "0")).join("");
  return keys[decision];
}

function wait(waiting) {
  for (const id of ["approve", "deny"]) byId(id).disabled = waiting;
  byId("deciding").textContent = waiting ? "Sending your answer…" : "";
}

async function decide(decision) {
  wait(true);
  byId("trouble").textContent = "";
  try {
    const response = await fetch(`${endpoint}/${decision}`, {
      method: "POST",
      headers: { "Idempotency-Key": keyOf(decision) },
    });
    if (response.status === 410 || response.status === 404) return show("over");
    if (!response.ok) throw new Error(`status ${response.status}`);
    conclude(await response.json());
  } catch {
    byId("trouble").textContent = "Your answer did not get through. Please press again.";
  } finally {
    wait(false);
  }
}

byId("approve").addEventListener("click", () => decide("approve"));
byId("deny").addEventListener("click", () => decide("deny"));
byId("reload").addEventListener("click", look);
byId("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(byId("code").textContent);
    byId("copied").textContent = "Copied.";
  } catch {
    byId("copied").textContent = "Please select the code and copy it.";
  }
});
look();
