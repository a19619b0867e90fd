// One permission on the principal's page: a card while it is good, a line in the list of the past.

import { byId, element, fromNow, scopeItems, showTime } from "./page.js";

const copyOf = (template) => byId(template).content.firstElementChild.cloneNode(true);
const GONE = "An agent that is gone";
const ENDED_BY = { principal: "Taken back by you", developer: "Ended by the application", system: "Ended by a rule" };

// "87.5 EUR" of "87.5000": amounts come as text, with four decimals, and stay text.
const amount = (text, currency) => `${text.replace(/\.?0+$/, "") || "0"} ${currency}`;

function fillBudget(card, budget) {
  if (budget === null) return;
  card.querySelector(".budget").hidden = false;
  card.querySelector(".left").textContent = `${amount(budget.remainingBudget, budget.currency)} left`;
  card.querySelector(".whole").textContent = `of ${amount(budget.initialBudget, budget.currency)}`;
  const meter = card.querySelector(".meter");
  meter.value = Number(budget.remainingBudget) / Number(budget.initialBudget);
  meter.setAttribute("aria-label", "Left of its budget");
}

// By what the application told of it, or by the budget, whichever is later; RFC 3339 in UTC compares as text.
function fillUse(card, used, budget) {
  const last = [used, budget?.lastDebitAt].filter(Boolean).sort().at(-1);
  if (!last) return;
  const time = document.createElement("time");
  showTime(time, last);
  card.querySelector(".used").replaceChildren(time, " ", element("span", "quiet", `(${fromNow(last)})`));
}

function fill(card, grant) {
  const put = (name, text) => (card.querySelector(`.${name}`).textContent = text);
  const name = grant.agentName ?? GONE;
  put("agent", name);
  put("description", grant.agentDescription ?? "");
  put("did", grant.agentDid);
  put("raw-scopes", grant.scopes.join(" "));
  put("id", grant.grantId);
  put("question", `Take this back from ${name}, and from all that it has passed this on to? There is no undo.`);
  put("in", `(${fromNow(grant.expiresAt)})`);
  card.querySelector(".take-back").setAttribute("aria-label", `Take back from ${name}…`);
  card.querySelector(".confirmation").setAttribute("aria-label", `Take back from ${name}?`);
  card.querySelector("summary").setAttribute("aria-label", `Details of ${name}`);
  card.querySelector(".delegated").hidden = grant.delegationDepth === 0;
  card.querySelector(".scopes").replaceChildren(...scopeItems(grant));
  showTime(card.querySelector(".issued"), grant.issuedAt);
  showTime(card.querySelector(".expires"), grant.expiresAt);
}

function confirming(card, open) {
  card.querySelector(".take-back").hidden = open;
  card.querySelector(".confirmation").hidden = !open;
  card.querySelector(".trouble").textContent = "";
  card.querySelector(open ? ".keep" : ".take-back").focus();
}

// What is pressed while an answer is awaited is nothing.
function once(act) {
  let busy = false;
  return async () => {
    if (busy) return;
    busy = true;
    try {
      await act();
    } finally {
      busy = false;
    }
  };
}

export function grantCard(grant, used, takeBack) {
  const card = copyOf("grant");
  fill(card, grant);
  fillBudget(card, grant.budget);
  fillUse(card, used, grant.budget);
  card.querySelector(".take-back").addEventListener("click", () => confirming(card, true));
  card.querySelector(".keep").addEventListener("click", () => confirming(card, false));
  card.querySelector(".confirm").addEventListener("click", once(() => takeBack(card, grant)));
  card.querySelector(".confirmation").addEventListener("keydown", (event) => {
    if (event.key === "Escape") confirming(card, false);
  });
  return card;
}

export function pastItem(grant) {
  const item = copyOf("past-grant");
  item.querySelector(".agent").textContent = grant.agentName ?? GONE;
  item.querySelector(".end-badge").textContent = grant.status === "expired" ? "Ran out" : (ENDED_BY[grant.revokedBy] ?? "Ended");
  item.querySelector(".what").textContent = grant.scopeDescriptions.join("; ");
  showTime(item.querySelector(".issued"), grant.issuedAt);
  showTime(item.querySelector(".ended"), grant.revokedAt ?? grant.expiresAt);
  return item;
}
