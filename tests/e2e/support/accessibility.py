"""What can be checked of a page's accessibility by a program, in the page as it shows now (WCAG 2.2, level AA).

No list of these can prove that a page is usable; each of them proves that one is not."""

CHECK = r"""
const faults = [];
const fault = (rule, element, more = "") =>
  faults.push(`${rule}: <${element.tagName.toLowerCase()}${element.id ? "#" + element.id : ""}` +
    `${typeof element.className === "string" && element.className ? "." + element.className.trim().replace(/\s+/g, ".") : ""}> ${more}`.trim());
const shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
const all = (selector) => [...document.querySelectorAll(selector)];

// 3.1.1 the language, 2.4.2 the title
if (!document.documentElement.lang) faults.push("lang: <html> says no language");
if (!document.title.trim()) faults.push("title: the page has none");

// 1.3.1 headings and landmarks: one h1, no level left out, all text in a landmark
const heads = all("h1, h2, h3, h4, h5, h6").filter(shown);
const ones = heads.filter((head) => head.tagName === "H1");
if (ones.length !== 1) faults.push(`h1: ${ones.length} of them show`);
heads.reduce((before, head) => {
  const level = Number(head.tagName[1]);
  if (level > before + 1) fault("heading level left out", head, head.textContent);
  return level;
}, 0);
if (all("main").filter(shown).length !== 1) faults.push("main: there is not exactly one");

// 4.1.1 ids, and what refers to them
const ids = all("[id]").map((element) => element.id);
for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`id twice: ${id}`);
for (const element of all("[aria-labelledby], [aria-describedby], [aria-controls], label[for]")) {
  for (const name of ["aria-labelledby", "aria-describedby", "aria-controls", "for"]) {
    for (const id of (element.getAttribute(name) ?? "").split(/\s+/).filter(Boolean))
      if (!document.getElementById(id)) fault(`${name} of nothing`, element, id);
  }
}

// 4.1.2 every control has a name
const named = (element) =>
  (element.getAttribute("aria-label") ?? "").trim() ||
  (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? "").join("").trim() ||
  [...(element.labels ?? [])].map((label) => label.textContent).join("").trim() ||
  (element.matches("button, a, summary, [role]") && element.textContent.trim()) ||
  element.getAttribute("title");
const CONTROLS = "button, a[href], input:not([type=hidden]), select, textarea, summary, [role=button], [tabindex='0']";
for (const element of all(CONTROLS).filter(shown)) if (!named(element)) fault("no name", element);
for (const image of all("img, svg, canvas").filter(shown))
  if (image.getAttribute("aria-hidden") !== "true" && !image.closest("[aria-hidden=true]") && !image.getAttribute("alt") && !named(image) && !image.querySelector("title"))
    fault("no name", image);
for (const element of all("[tabindex]")) if (element.tabIndex > 0) fault("tabindex above 0", element);
for (const table of all("table").filter(shown)) if (!table.querySelector("th")) fault("table without headers", table);

// 2.5.8 a finger hits it (24 px; a link within text may be smaller)
for (const element of all("button, summary, input:not([type=hidden]), select").filter(shown)) {
  const box = element.getBoundingClientRect();
  if (box.width < 24 || box.height < 24) fault("too small to hit", element, `${box.width} x ${box.height}`);
}

// 1.4.3 contrast of text: as the browser paints it, through the backgrounds that lie behind
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
function rgba(colour) {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
}
const over = (front, back) => [0, 1, 2].map((i) => front[i] * front[3] + back[i] * (1 - front[3])).concat(1);
function backdrop(element) {
  if (!element) return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18, 1] : [255, 255, 255, 1];
  const own = rgba(getComputedStyle(element).backgroundColor);
  return own[3] === 1 ? own : over(own, backdrop(element.parentElement));
}
const light = (part) => ((part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
function opacity(element) {
  let whole = 1;
  for (let at = element; at; at = at.parentElement) whole *= Number(getComputedStyle(at).opacity);
  return whole;
}
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const judged = new Set();
for (let text = walker.nextNode(); text; text = walker.nextNode()) {
  const element = text.parentElement;
  if (!text.data.trim() || judged.has(element) || element.closest("script, style, template, noscript, :disabled") || !shown(element)) continue;
  judged.add(element);
  const style = getComputedStyle(element), back = backdrop(element);
  const ink = rgba(element instanceof SVGElement ? style.fill : style.color);
  ink[3] *= opacity(element);
  const [a, b] = [luminance(over(ink, back)), luminance(back)].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05), size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  if (ratio < (large ? 3 : 4.5)) fault("contrast", element, `${ratio.toFixed(2)} "${text.data.trim().slice(0, 40)}"`);
}

// 1.4.10 nothing runs out of the page
if (document.documentElement.scrollWidth > document.documentElement.clientWidth)
  faults.push(`reflow: ${document.documentElement.scrollWidth} px in ${document.documentElement.clientWidth}`);
return faults;
"""

# 2.4.7: what has the focus by keyboard looks different from what has it not.
FOCUS = r"""
const element = arguments[0], style = getComputedStyle(element);
const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
return outlined ? [] : [`focus not visible: <${element.tagName.toLowerCase()}#${element.id}>`];
"""


def faults(page):
    """Of the page as it shows now; a list of sentences."""
    return page.script(CHECK)


def check(page):
    """The page in light and dark, on a desktop and on a phone."""
    for scheme in ("light", "dark"):
        for size in ("desktop", "phone"):
            page.media(scheme, "reduce")
            page.size(size)
            assert faults(page) == [], f"{scheme}, {size}"
    page.media()
    page.size()


def walk(page, most=60):
    """Through the page by Tab: the names of what gets the focus, in order, each of it visibly focused."""
    from selenium.webdriver.common.keys import Keys

    page.script("document.activeElement?.blur(); getSelection()?.removeAllRanges()")
    names = []
    for _ in range(most):
        page.driver.switch_to.active_element.send_keys(Keys.TAB)
        element = page.focused()
        if element.tag_name == "body":
            return names
        if page.script("return arguments[0].dataset.walked", element):
            break
        page.script("arguments[0].dataset.walked = 'yes'", element)
        assert page.script(FOCUS, element) == []
        names.append(element.accessible_name)
    page.script("for (const one of document.querySelectorAll('[data-walked]')) delete one.dataset.walked")
    return names
