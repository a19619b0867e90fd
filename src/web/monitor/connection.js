// One stream of the log that heals by itself: it resumes behind the last event, however it was cut, and says what it missed.
//
// tell({ kind: "state", … }), tell({ kind: "events", list }), tell({ kind: "gap", … }). Runs in a worker or in a page.

import { SseParser } from "./sse.js";

const STREAM = new URL("../v1/events/stream", import.meta.url);
const FIRST = 200; // so many of the newest events come before what is new
const SILENCE_MS = 37500; // two and a half heartbeats
const TICK_MS = 1000;
const ASLEEP_MS = 15000; // a tick that comes so late: the machine slept
const QUIET_MS = 400; // after a reconnect: nothing more to catch up
const LEAST_WAIT_MS = 200;
const MOST_WAIT_MS = 15000;

export class Connection {
  #tell;
  #cursor = null;
  #seq = 0;
  #gaps = 0;
  #running = false;
  #again = false;
  #turn = 0; // a run that was stopped may still be on its way out when the next one starts
  #abort = null;
  #attempt = 0;
  #wakeUp = null;
  #heardAt = 0; // when the last byte came
  #tickedAt = Date.now();
  #back = null; // while catching up: { downMs, caughtUp, timer }
  #lostAt = null;
  #state = { kind: "state", state: "idle" };

  constructor(tell) {
    this.#tell = tell;
    setInterval(() => this.#tick(), TICK_MS);
  }

  get state() {
    return { ...this.#state, head: this.#seq, gaps: this.#gaps };
  }

  start() {
    // Who signs in while the first try is under way has a session that this try did not know of.
    this.#again = this.#running && this.#state.state === "connecting";
    if (this.#running) return;
    this.#running = true;
    this.#run(++this.#turn);
  }

  // At sign-out: another developer may be next.
  stop() {
    this.#running = false;
    this.#cursor = null;
    this.#seq = this.#gaps = this.#attempt = 0;
    this.#lostAt = this.#back = null;
    this.#abort?.abort();
    this.#wakeUp?.();
    this.#say("idle");
  }

  // Something suggests that it may work again: a page is looked at, the network is back.
  nudge() {
    this.#wakeUp?.();
  }

  #say(state, more = {}) {
    this.#state = { kind: "state", state, ...more };
    this.#tell(this.state);
  }

  // The clock of a machine that slept jumps; its connections are dead, whether anybody told them or not.
  #tick() {
    const now = Date.now();
    const slept = now - this.#tickedAt > ASLEEP_MS;
    this.#tickedAt = now;
    if (!this.#running || this.#state.state === "waiting") return slept ? this.nudge() : undefined;
    if (this.#heardAt && (slept || now - this.#heardAt > SILENCE_MS)) this.#abort?.abort();
  }

  async #run(turn) {
    while (this.#running && turn === this.#turn) {
      let again = { state: "waiting" };
      try {
        again = await this.#once();
      } catch {
        // The network failed, or the watchdog cut it: both are mended in the same way.
      }
      if (!this.#running || turn !== this.#turn || again === null) return;
      await this.#pause(again);
    }
  }

  // Until the stream ends. What to do then: null is to stop.
  async #once() {
    this.#abort = new AbortController();
    this.#heardAt = Date.now(); // a connection that hangs is cut too
    if (this.#lostAt === null) this.#say("connecting");
    const url = new URL(STREAM);
    if (this.#cursor === null) url.searchParams.set("last", FIRST);
    const headers = this.#cursor === null ? {} : { "Last-Event-ID": this.#cursor };
    const response = await fetch(url, { headers, cache: "no-store", signal: this.#abort.signal });
    if (!response.ok) return this.#refused(response);
    this.#opened();
    return this.#read(response.body.getReader());
  }

  async #refused(response) {
    const problem = await response.json().catch(() => ({}));
    if (response.status === 401 && this.#again) {
      this.#again = false;
      return {};
    }
    if (response.status === 401) {
      this.#running = false;
      this.#say("signed-out");
      return null;
    }
    if (problem.code === "INVALID_CURSOR") this.#cursor = null; // another log: from its end again
    return { message: problem.message, afterMs: 1000 * Number(response.headers.get("Retry-After") ?? 0) };
  }

  #opened() {
    this.#heardAt = Date.now();
    this.#attempt = 0;
    if (this.#lostAt !== null) this.#back = { downMs: Date.now() - this.#lostAt, caughtUp: 0, timer: null };
    this.#lostAt = null;
    this.#say("live");
    if (this.#back) this.#awaitQuiet();
  }

  #awaitQuiet() {
    clearTimeout(this.#back.timer);
    this.#back.timer = setTimeout(() => {
      const { downMs, caughtUp } = this.#back;
      this.#back = null;
      this.#say("live", { back: { downMs, caughtUp } });
    }, QUIET_MS);
  }

  async #read(reader) {
    const parser = new SseParser();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return {};
      this.#heardAt = Date.now();
      const ending = this.#take(parser.feed(value));
      if (ending) return { afterMs: ending.reconnectAfterMs ?? 0 };
    }
  }

  // The word that the server ends it, or undefined.
  #take(frames) {
    const list = [];
    const flush = () => list.length > 0 && this.#tell({ kind: "events", list: list.splice(0), head: this.#seq });
    let ending;
    for (const frame of frames) {
      if (frame.id !== null && frame.id !== "") this.#cursor = frame.id;
      if (frame.data === null) continue;
      if (frame.event === "stream.closing") ending = JSON.parse(frame.data);
      else if (frame.event === "stream.gap") {
        flush();
        this.#gap(JSON.parse(frame.data));
      } else if (!frame.event.startsWith("stream.")) this.#event(JSON.parse(frame.data), list, flush);
    }
    flush();
    return ending;
  }

  #event(event, list, flush) {
    if (event.seq <= this.#seq) return; // it came before
    if (this.#seq > 0 && event.seq > this.#seq + 1) {
      flush();
      this.#gap({ from: this.#seq + 1, to: event.seq - 1, missed: { total: event.seq - this.#seq - 1 }, reason: "lost" });
    }
    this.#seq = event.seq;
    list.push(event);
    if (!this.#back) return;
    this.#back.caughtUp++;
    this.#awaitQuiet();
  }

  #gap(gap) {
    if (gap.to <= this.#seq) return;
    this.#seq = gap.to;
    this.#gaps++;
    this.#tell({ kind: "gap", ...gap });
    this.#tell(this.state);
  }

  // Full jitter; what the server asks for is the least.
  async #pause({ message = null, afterMs = 0 }) {
    this.#lostAt ??= Date.now();
    const most = Math.min(MOST_WAIT_MS, 500 * 2 ** this.#attempt++);
    const ms = Math.max(LEAST_WAIT_MS, afterMs, Math.random() * most);
    this.#say("waiting", { since: this.#lostAt, attempt: this.#attempt, message, retryAt: Date.now() + ms });
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wakeUp = null;
  }
}
