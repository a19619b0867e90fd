// The event types: how each looks, and what an event says in a line. Shape and word tell them apart, not colour alone.

import { money, shortId } from "./format.js";

export const TYPES = ["grant.created", "grant.revoked", "token.issued", "budget.threshold", "budget.exhausted"];

const GLYPHS = {
  "grant.created": "+",
  "grant.revoked": "✕",
  "token.issued": "○",
  "budget.threshold": "◐",
  "budget.exhausted": "●",
};

export const glyphOf = (type) => GLYPHS[type] ?? "·";

// For class names: an unknown type is of a newer server.
export const kindOf = (type) => (TYPES.includes(type) ? type.replace(".", "-") : "other");

const by = { developer: "by the developer", principal: "by the principal", system: "by the system" };

const SUMMARIES = {
  "grant.created": (data) => `for ${data.principalId} · ${(data.scopes ?? []).join(" ")}`,
  "grant.revoked": (data) => `${by[data.revokedBy] ?? "revoked"}${data.cascade ? " · with what it was delegated from" : ""}`,
  "token.issued": (data) => (data.method === "refresh" ? "by refresh" : "by exchange"),
  "budget.threshold": (data) => `${data.percentage} % used · ${money(data.remaining)} of ${money(data.initial)} left`,
  "budget.exhausted": (data) => `nothing left of ${money(data.initial)}`,
};

export function summaryOf(event) {
  const say = SUMMARIES[event.type];
  return say ? say(event.data) : JSON.stringify(event.data).slice(0, 200);
}

// Who it is about, in the fewest words.
export function subjectOf(event, nameOf) {
  const { agentId, grantId } = event.data;
  return (agentId && nameOf(agentId)) || (grantId && shortId(grantId)) || "";
}
