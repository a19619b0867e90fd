// What the pages share. Whatever comes from outside goes into a page as text, never as markup.

export const byId = (id) => document.getElementById(id);

// Of the page's sections one shows at a time; its heading gets the focus, so that a screen reader reads on from there.
export function show(id) {
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== id;
  const title = byId(id).querySelector("h1");
  document.title = title.textContent;
  title.focus();
}

export function listItems(texts) {
  return texts.map((text) => {
    const item = document.createElement("li");
    item.dir = "auto";
    item.textContent = text;
    return item;
  });
}

export function showTime(element, timestamp) {
  element.dateTime = timestamp;
  element.textContent = new Date(timestamp).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}
