// Server-Sent Events out of bytes (the HTML standard, section 9.2.6): text in, frames out. No network, no clock.

export class SseParser {
  #rest = "";
  #frame = { id: null, event: "", data: null };
  #decoder = new TextDecoder();

  // The frames that these bytes complete: { id, event, data }; id and data are null where the frame has none.
  feed(bytes) {
    const frames = [];
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop();
    for (const line of lines) this.#line(line.endsWith("\r") ? line.slice(0, -1) : line, frames);
    return frames;
  }

  #line(line, frames) {
    if (line === "") {
      if (this.#frame.id !== null || this.#frame.data !== null) frames.push(this.#frame);
      this.#frame = { id: null, event: "", data: null };
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment: the heartbeat
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.#frame.data = this.#frame.data === null ? value : `${this.#frame.data}\n${value}`;
    else if (name === "id" && !value.includes("\0")) this.#frame.id = value;
    else if (name === "event") this.#frame.event = value;
  }
}
