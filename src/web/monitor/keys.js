// The keyboard: j and k move through the feed, / goes to the filter, space pauses, Escape closes. Never while somebody types.

import { byId } from "./dom.js";

const types = (element) => ["INPUT", "SELECT", "TEXTAREA"].includes(element.tagName) || element.isContentEditable;
const presses = (element) => ["BUTTON", "A", "SUMMARY"].includes(element.tagName);

export function bindKeys({ feed, inspector }) {
  const ACTS = {
    j: () => feed.move(1),
    k: () => feed.move(-1),
    "/": () => byId("filter").focus(),
    " ": () => feed.pause(),
  };

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || byId("view-live").hidden) return;
    const { target, key } = event;
    if (key === "Escape") {
      if (inspector.isOpen()) inspector.close();
      else if (target === byId("filter")) feed.move(0);
      return;
    }
    if (types(target) || !ACTS[key]) return;
    if (key === " " && presses(target) && !target.classList.contains("event")) return; // space presses it
    event.preventDefault();
    ACTS[key]();
  });

  // In the feed space pauses; Enter opens. A button would be pressed when the key comes up.
  byId("events").addEventListener("keyup", (event) => event.key === " " && event.preventDefault());
}
