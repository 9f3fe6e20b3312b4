// Ticking *Not given* in a row marks it and opens the list of reasons; the chosen reason becomes the text of the row,
// and is saved as if it had been typed.

import "./reasons.js";
import { saveSoon } from "./saving.js";
import { announce } from "./server.js";
import { inNextRow } from "./work.js";

const list = document.getElementById("row-reasons");
const boxOf = (row) => row.querySelector('[data-field="not_given"]');
const reasonOf = (row) => row.querySelector('[data-field="not_given_reason"]');
const rowOf = () => document.getElementById(list.dataset.row);

document.addEventListener("change", ({ target }) => {
  if (!target.matches("#injections [data-field=not_given]") || !target.checked) return;
  const row = target.closest("tr");
  // It is refused while a given dose is typed, and the message says so.
  if (row.querySelector("[data-field=given_dose]").value) return;
  list.dataset.row = row.id;
  list.showPopover({ source: target });
});

list.addEventListener("click", ({ target }) => {
  const choice = target.closest("[data-reason]");
  if (choice) take(choice);
});

// Enter before a choice closes the list without a reason, and goes on as Enter does in the row.
list.addEventListener("keydown", (event) => {
  if (event.target !== list || event.key !== "Enter") return;
  event.preventDefault();
  list.hidePopover();
  inNextRow(boxOf(rowOf()), 1)?.focus();
});

function take(choice) {
  const row = rowOf();
  list.hidePopover();
  type(row, choice.dataset.reason);
  announceNotGiven(row, choice.dataset.reason);
  if ("asks" in choice.dataset) reasonOf(row).select();
  else inNextRow(boxOf(row), 1)?.focus();
}

function type(row, text) {
  const reason = reasonOf(row);
  reason.value = text;
  reason.dispatchEvent(new Event("input", { bubbles: true }));
  saveSoon(row, { now: true });
}

function announceNotGiven(row, reason) {
  const undo = document.createElement("button");
  undo.type = "button";
  undo.className = "btn btn-link";
  undo.textContent = "Undo";
  undo.addEventListener("click", () => {
    const now = document.getElementById(row.id);
    boxOf(now).click();
    boxOf(now).focus();
    announce(`Undone: ${now.dataset.name} is not marked as not given.`);
  });
  announce(`Not given: ${row.dataset.name} (${reason}) · `, undo);
}
