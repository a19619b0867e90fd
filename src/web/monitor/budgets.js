// Budgets as bars, first empty first.

import { get } from "./api.js";
import { byId, el, setText, text, throttled } from "./dom.js";
import { count, duration, money, plural } from "./format.js";
import { learn } from "./names.js";

const SHOWN = 12;
const SOON_S = 600;

const ahead = (budget) => {
  if (Number(budget.remainingBudget) === 0) return "empty";
  return budget.emptyInSeconds === null ? "not in use" : `empty in ${duration(budget.emptyInSeconds)}`;
};

// By words, and by colour: nothing left, soon nothing left, much used, well.
function urgency(budget) {
  if (Number(budget.remainingBudget) === 0) return "gone";
  if (budget.emptyInSeconds !== null && budget.emptyInSeconds < SOON_S) return "soon";
  return budget.usedPercent >= 80 ? "soon" : budget.usedPercent >= 50 ? "half" : "well";
}

function make(grantId) {
  return el("li", { "data-key": grantId },
    el("a", { class: "budget", href: `#grants/${encodeURIComponent(grantId)}` },
      el("span", { class: "name", dir: "auto" }), el("span", { class: "ahead" }),
      el("span", { class: "bar", role: "meter", "aria-valuemin": "0", "aria-valuemax": "100" }, el("span", { class: "used" })),
      el("span", { class: "left quiet" }), el("span", { class: "speed quiet" })));
}

function fill(row, budget) {
  const put = (name, words) => setText(row.querySelector(`.${name}`), words);
  const bar = row.querySelector(".bar");
  const name = budget.agentName ?? budget.agentId;
  row.firstElementChild.dataset.urgency = urgency(budget);
  put("name", name);
  put("ahead", ahead(budget));
  put("left", `${money(budget.remainingBudget)} of ${money(budget.initialBudget)} left · ${budget.principalId}`);
  put("speed", Number(budget.spentPerMinute) > 0 ? `${money(Number(budget.spentPerMinute).toPrecision(3))} a minute` : "");
  bar.setAttribute("aria-label", `${name}, used`);
  bar.setAttribute("aria-valuenow", budget.usedPercent);
  bar.setAttribute("aria-valuetext", `${budget.usedPercent} %, ${ahead(budget)}`);
  bar.firstElementChild.style.width = `${budget.usedPercent}%`;
  learn(budget.agentId, budget.agentName);
}

// A bar that is there moves; it is not made anew.
function draw({ budgets }) {
  const list = byId("budgets");
  const shown = budgets.slice(0, SHOWN);
  const present = new Map([...list.children].map((row) => [row.dataset.key, row]));
  shown.forEach((budget, at) => {
    const row = present.get(budget.grantId) ?? make(budget.grantId);
    present.delete(budget.grantId);
    fill(row, budget);
    if (list.children[at] !== row) list.insertBefore(row, list.children[at] ?? null);
  });
  for (const row of present.values()) row.remove();
  byId("budgets-none").hidden = shown.length > 0;
  byId("budgets-more").hidden = budgets.length <= SHOWN;
  text("budgets-more", `and ${plural(budgets.length - SHOWN, "budget")} that will last longer`);
  text("vital-budgets", count(budgets.filter((budget) => budget.usedPercent >= 80).length));
}

async function load() {
  try {
    draw(await get("budget/burn"));
  } catch {
    // The status says that the server does not answer; what is shown stays.
  }
}

export const refresh = throttled(300, load);
export const poll = load;

export function clear() {
  byId("budgets").replaceChildren();
}
