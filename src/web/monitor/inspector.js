// One event, whole.

import { byId, el, text } from "./dom.js";
import { dateAndTime } from "./format.js";
import { nameOf } from "./names.js";
import { glyphOf } from "./types.js";

let event = null;
let closed = () => {};

export const onClose = (act) => (closed = act);

function field(name, value) {
  return value ? [el("dt", { text: name }), el("dd", { dir: "auto" }, value)] : [];
}

function grantLink(grantId) {
  return grantId ? el("a", { href: `#grants/${encodeURIComponent(grantId)}`, text: grantId }) : null;
}

export function open(chosen) {
  event = chosen;
  const { grantId, agentId, principalId } = event.data;
  const name = agentId && nameOf(agentId);
  text("inspector-title", `${glyphOf(event.type)} ${event.type}`);
  byId("inspector-fields").replaceChildren(
    ...field("When", el("time", { datetime: event.timestamp, text: `${dateAndTime(event.timestamp)} · ${event.timestamp}` })),
    ...field("Number", String(event.seq)),
    ...field("Cursor", el("code", { text: event.id })),
    ...field("Grant", grantLink(grantId)),
    ...field("Agent", agentId && (name ? `${name} · ${agentId}` : agentId)),
    ...field("Principal", principalId),
  );
  text("inspector-data", JSON.stringify(event, null, 2));
  text("copied", "");
  byId("inspector").hidden = false;
  byId("inspector-title").focus();
}

export const isOpen = () => !byId("inspector").hidden;

export function clear() {
  event = null;
  byId("inspector").hidden = true;
}

export function close() {
  clear();
  closed();
}

async function copy(what, value) {
  try {
    await navigator.clipboard.writeText(value);
    text("copied", `${what} copied.`);
  } catch {
    text("copied", "Select it and copy it, please.");
  }
}

const curl = () => `curl -H "Authorization: Bearer $GRANTEX_API_KEY" ${new URL(`../v1/events/${event.id}`, import.meta.url)}`;

byId("inspector-close").addEventListener("click", close);
byId("copy-json").addEventListener("click", () => copy("JSON", JSON.stringify(event)));
byId("copy-cursor").addEventListener("click", () => copy("Cursor", event.id));
byId("copy-curl").addEventListener("click", () => copy("Command", curl()));
