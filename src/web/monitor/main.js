// The monitor: who is signed in, which view shows, and what goes where.

import { get, onSessionOver, resume, signIn, signOut } from "./api.js";
import * as budgets from "./budgets.js";
import { byId, setText, text } from "./dom.js";
import * as feed from "./feed.js";
import { count } from "./format.js";
import * as grants from "./grants.js";
import * as inspector from "./inspector.js";
import { bindKeys } from "./keys.js";
import { forget } from "./names.js";
import * as rates from "./rates.js";
import { join } from "./share.js";
import * as status from "./status.js";
import * as streams from "./streams.js";

const VIEWS = { live: [budgets, rates], grants: [grants], streams: [streams] };
const POLL_MS = 2000;

let session = null;

// --- which view ---

function show(name) {
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== `view-${name}`;
}

const asked = () => location.hash.slice(1).split("/");

function route() {
  if (session === null) return;
  const [name, id] = asked();
  const view = VIEWS[name] ? name : "live";
  show(view);
  for (const link of byId("nav").children) {
    if (link.hash === `#${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = view === "live" ? "Grantex monitor" : `${view === "grants" ? "Grants" : "Streams"} · Grantex monitor`;
  for (const part of VIEWS[view]) part.refresh();
  if (view === "live") streams.refresh();
  if (view === "grants") grants.open(id ?? null);
}

// What is not looked at is not asked for.
function poll() {
  if (session === null || document.hidden) return;
  for (const part of VIEWS[asked()[0]] ?? VIEWS.live) part.poll();
  if (byId("view-live").hidden === false) streams.pollCount();
}

// --- who is signed in ---

function begin(opened) {
  session = opened;
  setText(byId("tenant"), opened.name);
  for (const id of ["status", "nav", "sign-out"]) byId(id).hidden = false;
  byId("read-only").hidden = opened.canWrite;
  grants.mayRevoke(opened.canWrite);
  send({ kind: "start" });
  route();
}

function end() {
  if (session === null) return;
  session = null;
  for (const id of ["status", "nav", "sign-out", "read-only"]) byId(id).hidden = true;
  text("tenant", "");
  for (const part of [feed, inspector, budgets, rates, grants, streams]) part.clear();
  forget();
  ask("Your session is over. Sign in again.");
}

function ask(why = "") {
  show("sign-in");
  text("sign-in-trouble", why);
  byId("api-key").focus();
}

async function tryToResume() {
  try {
    begin(await resume());
  } catch (error) {
    ask(error.status === 401 ? "" : "The server does not answer. Try again in a moment.");
  }
}

byId("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = byId("api-key");
  const key = field.value.trim();
  text("sign-in-trouble", "");
  try {
    const opened = await signIn(key);
    field.value = "";
    begin(opened);
    byId("main").focus();
  } catch (error) {
    text("sign-in-trouble", error.status === 401 ? "This is no API key of this server." : error.message);
    field.select();
  }
});

byId("sign-out").addEventListener("click", async () => {
  await signOut();
  send({ kind: "stop" });
  end();
  text("sign-in-trouble", "");
});

// --- what the stream says ---

function hear(message) {
  if (message.kind === "state") {
    if (message.state === "signed-out" || message.state === "idle") return end(); // also where another tab has signed out
    status.hear(message);
    text("vital-gaps", count(message.gaps));
    if (message.head > 0) text("vital-head", count(message.head));
    return;
  }
  feed.hear(message);
  if (message.kind === "events") {
    text("vital-head", count(message.list.at(-1).seq));
    if (session === null) return;
    if (message.list.some((event) => event.type.startsWith("budget."))) budgets.refresh();
    grants.hear(message.list);
  }
}

// --- beginning ---

// Before anybody has said whose session it is: the stream knows as well, and the first events are on screen sooner.
const send = join(hear);
send({ kind: "hello" });

onSessionOver(() => {
  if (session !== null) send({ kind: "stop" });
  end();
});
feed.onPick((event) => inspector.open(event));
inspector.onClose(() => feed.focusPicked());
bindKeys({ feed, inspector });
addEventListener("hashchange", () => {
  route();
  const title = document.querySelector("main > section:not([hidden]) h1");
  (title?.tabIndex === -1 ? title : byId("main")).focus({ preventScroll: true });
});
byId("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address says which view it is
  byId("main").focus();
});
setInterval(poll, POLL_MS);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  if (session === null) tryToResume();
  else poll();
});
tryToResume();
