// What is missing before a session can be signed: each item of the summary leads to its field, the first field has the
// focus, and an item goes when its field is filled in. "I did" selects the user as who injected, when it is selected.

import { showErrors } from "./field_errors.js";
import { saveNow } from "./saving.js";

const summary = () => document.getElementById("missing");
const fieldOf = (link) => document.getElementById(decodeURIComponent(link.hash.slice(1)));

// True if the page shows a summary with a field to go to.
export function startMissing() {
  const links = [...(summary()?.querySelectorAll("a") ?? [])].filter(fieldOf);
  for (const link of links) {
    if (fieldOf(link).closest("[data-saves]")) showErrors(fieldOf(link), [link.textContent.trim()]);
  }
  if (links.length) fieldOf(links[0]).focus();
  return links.length > 0;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#missing a");
  if (link && fieldOf(link)) {
    event.preventDefault();
    fieldOf(link).focus();
  }
  const choice = event.target.closest("[data-chooses]");
  if (choice) choose(choice);
});

document.addEventListener("input", ({ target }) => {
  const link = [...document.querySelectorAll("#missing a")].find((each) => fieldOf(each) === target);
  if (!link || !target.value) return;
  link.closest("li").remove();
  if (!summary().querySelector("li")) summary().remove();
});

function choose(button) {
  const select = document.getElementById(button.dataset.for);
  const option = [...select.options].find((each) => each.value === button.dataset.chooses);
  if (!option || option.selected) return;
  option.selected = true;
  select.dispatchEvent(new Event("input", { bubbles: true }));
  saveNow(select.closest("[data-saves]"));
}
