// One stream per browser, however many tabs: an HTTP/1.1 browser opens six connections to a server, and a seventh tab with a
// stream of its own would hang. Where there are no SharedWorkers (some phones) the tabs agree by a Web Lock on one that has the
// stream and passes it on; where there are no locks either (plain http from another machine) each has its own.

import { Hub } from "./hub.js";

const NAME = "grantex-monitor";

// Each returns a function that sends a message to the hub; `hear` gets what it says.
function byWorker(hear) {
  const worker = new SharedWorker(new URL("./worker.js", import.meta.url), { type: "module", name: NAME });
  worker.port.onmessage = ({ data }) => hear(data);
  worker.port.start();
  return (message) => worker.port.postMessage(message);
}

function alone(hear) {
  const hub = new Hub();
  return (message) => {
    if (message.kind === "hello") hub.join(hear);
    else if (message.kind === "bye") hub.leave(hear);
    else hub.hear(message);
  };
}

// The leader's hub speaks to the others over the channel; each names itself, so that what is kept goes to who has just come.
function byLock(hear) {
  const channel = new BroadcastChannel(NAME);
  const me = crypto.randomUUID();
  const listeners = new Map();
  let hub = null;
  let greeted = false;
  let known = 0; // seq: after a change of leader what is kept comes again

  const receive = (message) => {
    if (message.kind === "events") {
      const list = message.list.filter((event) => event.seq > known);
      known = list.at(-1)?.seq ?? known;
      if (list.length > 0) hear({ ...message, list });
    } else hear(message);
  };

  const serve = (from, message) => {
    const send = from === me ? receive : (answer) => channel.postMessage({ to: from, message: answer });
    if (message.kind === "hello" && !listeners.has(from)) {
      listeners.set(from, send);
      hub.join(send);
    } else if (message.kind === "bye") {
      hub.leave(listeners.get(from));
      listeners.delete(from);
    } else hub.hear(message);
  };

  channel.onmessage = ({ data }) => {
    if (data.to === me) receive(data.message);
    else if (data.from && hub) serve(data.from, data.message);
    else if (data.leads && greeted) channel.postMessage({ from: me, message: { kind: "hello" } });
  };

  navigator.locks.request(NAME, () => {
    hub = new Hub();
    if (greeted) serve(me, { kind: "hello" });
    channel.postMessage({ leads: true });
    return new Promise(() => {}); // until this tab goes
  });

  return (message) => {
    greeted ||= message.kind === "hello";
    if (hub) serve(me, message);
    else channel.postMessage({ from: me, message });
  };
}

export function join(hear) {
  const how = globalThis.SharedWorker ? byWorker : navigator.locks && globalThis.BroadcastChannel ? byLock : alone;
  const send = how(hear);
  addEventListener("pagehide", () => send({ kind: "bye" }));
  addEventListener("pageshow", (event) => event.persisted && send({ kind: "hello" }));
  addEventListener("online", () => send({ kind: "nudge" }));
  document.addEventListener("visibilitychange", () => !document.hidden && send({ kind: "nudge" }));
  return send;
}
