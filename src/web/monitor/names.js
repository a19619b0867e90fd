// What agents are called: asked for once, and again when an event speaks of one that is not known yet.

import { get } from "./api.js";
import { throttled } from "./dom.js";

const names = new Map();
const gone = new Set(); // asked for, and not there any more
const listeners = [];

const load = throttled(2000, async () => {
  try {
    const { agents } = await get("agents");
    for (const { agentId, name } of agents) names.set(agentId, name);
    for (const act of listeners) act();
  } catch {
    // Ids do as well.
  }
});

export const onNames = (act) => listeners.push(act);

export function nameOf(agentId) {
  if (!names.has(agentId) && !gone.has(agentId)) {
    gone.add(agentId);
    load();
  }
  return names.get(agentId) ?? null;
}

export const learn = (agentId, name) => name && names.set(agentId, name);

export function forget() {
  names.clear();
  gone.clear();
}
