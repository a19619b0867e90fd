// Whether the stream lives: in words, once, when it changes.

import { byId, setText, text } from "./dom.js";
import { duration, plural } from "./format.js";

const BACK_SHOWN_MS = 15000;

let timer = null;

function put(state, words) {
  byId("status").dataset.state = state;
  setText(byId("status-text"), words);
}

function countDown({ since, retryAt, message }) {
  const draw = () => {
    const left = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
    const why = message ? ` ${message}` : "";
    put("waiting", `Connection lost for ${duration((Date.now() - since) / 1000)}, ${left > 0 ? `next try in ${left} s` : "trying"}.${why}`);
  };
  draw();
  timer = setInterval(draw, 1000);
}

// "missed nothing" is what seq proves: it has no holes.
function back({ downMs, caughtUp }, gaps) {
  const missed = gaps > 0 ? "see the gaps" : "missed nothing";
  const time = downMs < 1000 ? "a moment" : duration(downMs / 1000);
  const words = `Back after ${time}: ${caughtUp === 0 ? "nothing had come" : `${plural(caughtUp, "event")} caught up`}, ${missed}`;
  put("live", words);
  text("news", words);
  timer = setTimeout(() => put("live", "Live"), BACK_SHOWN_MS);
}

export function hear(message) {
  const before = byId("status").dataset.state;
  clearInterval(timer);
  if (message.state === "waiting") {
    countDown(message);
    if (before !== "waiting") text("news", "The connection is lost. Trying again.");
  } else if (message.state === "live" && message.back) back(message.back, message.gaps);
  else if (message.state === "live") put("live", before === "waiting" ? "Catching up…" : "Live");
  else put(message.state, message.state === "connecting" ? "Connecting…" : "");
}
