// Elements. Whatever comes from outside goes into the page as text, never as markup: nothing here takes any.

export const byId = (id) => document.getElementById(id);

// el("p", { class: "quiet", text: name }, child, …): attributes by name; `text` is the text, `on…` a listener. What is null or
// false is left out.
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// Writes only what has changed: a screen reader that reads along, and whoever marks text, is not disturbed.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export const text = (id, value) => setText(byId(id), value);

// At most once in so many milliseconds, and once more at the end.
export function throttled(ms, act) {
  let timer = null;
  let last = 0;
  return () => {
    if (timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      last = Date.now();
      act();
    }, Math.max(0, last + ms - Date.now()));
  };
}
