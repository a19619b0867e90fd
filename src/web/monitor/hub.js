// The one stream of this browser, and all the pages that follow it. It keeps the newest events, so that a page which opens later
// has them at once.

import { Connection } from "./connection.js";

const KEPT = 500;

export class Hub {
  #pages = new Set(); // functions that take a message
  #kept = []; // events and gaps, oldest first
  #connection = new Connection((message) => this.#tell(message));

  #tell(message) {
    if (message.kind === "events") this.#keep(message.list);
    if (message.kind === "gap") this.#keep([message]);
    for (const send of this.#pages) send(message);
  }

  #keep(list) {
    this.#kept.push(...list.slice(-KEPT));
    if (this.#kept.length > KEPT) this.#kept.splice(0, this.#kept.length - KEPT);
  }

  join(send) {
    this.#connection.start();
    this.#pages.add(send);
    send(this.#connection.state);
    for (const run of runs(this.#kept)) send(run);
  }

  leave(send) {
    this.#pages.delete(send);
  }

  hear({ kind }) {
    if (kind === "start") this.#connection.start();
    if (kind === "nudge") this.#connection.nudge();
    if (kind === "stop") {
      this.#kept = [];
      this.#connection.stop();
    }
  }
}

// [e, e, gap, e] as messages: events, gap, events.
function runs(kept) {
  const messages = [];
  for (const one of kept) {
    const last = messages.at(-1);
    if (one.kind === "gap") messages.push(one);
    else if (last?.kind === "events") last.list.push(one);
    else messages.push({ kind: "events", list: [one] });
  }
  return messages;
}
