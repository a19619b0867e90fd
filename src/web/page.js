// What the pages share. Whatever comes from outside goes into a page as text, never as markup.

export const byId = (id) => document.getElementById(id);

// Of the page's sections one shows at a time; its heading gets the focus, so that a screen reader reads on from there.
export function show(id) {
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== id;
  const section = byId(id);
  const title = section.querySelector("h1");
  document.title = section.dataset.title ?? title.textContent;
  title.focus();
}

// An element with a class and a text.
export function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

export function showTime(place, timestamp) {
  place.dateTime = timestamp;
  place.textContent = new Date(timestamp).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

// "90 minutes", "24 hours", "7 days": the largest unit that says it exactly.
export function lasting(seconds) {
  const fits = ([, size]) => seconds % size === 0 && (seconds >= 2 * size || seconds === size);
  const [name, size] = seconds === 86400 ? UNITS[1] : UNITS.find(fits) ?? UNITS[3];
  const count = seconds / size;
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

// "in 3 days", "5 minutes ago": the largest unit of which there is one.
export function fromNow(timestamp) {
  const seconds = Math.round((Date.parse(timestamp) - Date.now()) / 1000);
  const [name, size] = UNITS.find(([, unit]) => Math.abs(seconds) >= unit) ?? UNITS[3];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.trunc(seconds / size), name);
}

function scopeItem([scope, words, warning]) {
  const item = document.createElement("li");
  const known = words !== scope;
  const text = element(known ? "span" : "code", "what", words);
  text.dir = "auto";
  const mark = element("span", "mark", warning === null ? "✓" : known ? "!" : "?");
  mark.setAttribute("aria-hidden", "true");
  item.append(mark, text);
  if (warning !== null) {
    item.className = "weighty";
    item.append(element("span", "why", warning));
  }
  return item;
}

// What is allowed, in words: what needs a second thought comes first.
export function scopeItems({ scopes, scopeDescriptions, scopeWarnings }) {
  const rows = scopes.map((scope, at) => [scope, scopeDescriptions[at], scopeWarnings[at]]);
  return [...rows.filter((row) => row[2] !== null), ...rows.filter((row) => row[2] === null)].map(scopeItem);
}

// Why nothing came of it, for a person: `response` is what the server answered, or nothing when it did not.
export function whyFailed(response) {
  if (!response) return "The server cannot be reached. Are you online?";
  if (response.status === 429) return "There were too many requests at once. Please wait a moment.";
  return "The server did not answer as it should.";
}
