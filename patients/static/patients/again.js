// Shows the date after the entered number of weeks, counted from the date in the question.

import { dateAfter } from "../clinic/js/days.js";

function show(question) {
  const typed = question.querySelector("[name$=weeks]").value.trim();
  const due = question.querySelector("output");
  if (!/^[0-9]{1,3}$/.test(typed) || Number(typed) === 0) {
    due.textContent = "";
    return;
  }
  due.textContent = `= ${dateAfter(question.dataset.countedFrom, 7 * Number(typed))}`;
}

function start() {
  for (const question of document.querySelectorAll("fieldset.again")) {
    question.addEventListener("input", () => show(question));
    show(question);
  }
}

start();
document.addEventListener("page:shown", start);
