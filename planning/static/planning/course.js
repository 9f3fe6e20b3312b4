// The pages of the course: converts a number of days to a date and back.

import { dateAfter, daysBetween } from "../clinic/js/days.js";

function counterpart(givenOn, number, date) {
  if (date) return dayOn(daysBetween(givenOn, date));
  return /^[0-9]{1,4}$/.test(number) ? dateAfter(givenOn, Number(number)) : "";
}

function dayOn(number) {
  return number < 0 ? "before the injections" : `day ${number}`;
}

function start() {
  for (const form of document.querySelectorAll("form[data-given-on]")) {
    const { givenOn } = form.dataset;
    for (const pair of form.querySelectorAll("[data-day-pair]")) {
      const number = pair.querySelector("input");
      const show = () => {
        // The server has repeated a typed date.
        const { date } = pair.querySelector(".date-text").dataset;
        const text = counterpart(givenOn, number.value.trim(), date);
        pair.querySelector(".counted").textContent = text && `= ${text}`;
      };
      for (const change of ["input", "htmx:afterSettle"]) pair.addEventListener(change, show);
      show();
    }
  }
}

start();
document.addEventListener("page:shown", start);
