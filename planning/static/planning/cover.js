// H covers the page with the last signed record; Escape returns to the same field, unchanged.

import { get, status } from "./server.js";

const cover = document.getElementById("cover");
const covering = document.getElementById("covering");
let left = null;

document.addEventListener("keydown", (event) => {
  // Outside the fields, keys.js follows the link.
  if (event.defaultPrevented || document.documentElement.dataset.keys === "off") return;
  if (event.key.toLowerCase() !== "h" || event.ctrlKey || event.metaKey || event.altKey) return;
  const link = document.querySelector("[data-covers]");
  // In a text field, H is a letter; a dose does not contain letters.
  const inTextField = event.target.closest("input:not(.dose):not([type=checkbox]), textarea, select");
  if (!link || inTextField || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  open(link);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-covers]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(link);
});

async function open(link) {
  left = whereTheFocusIs();
  const answer = await get(link.href);
  const record = answer.text && new DOMParser().parseFromString(answer.text, "text/html").getElementById("record");
  if (!record) {
    status(`Cannot show the last record: ${answer.message ?? "the server did not send it."}`, "bad");
    return;
  }
  if (cover.open) return;
  covering.replaceChildren(record);
  cover.showModal();
  cover.scrollTop = 0;
}

function whereTheFocusIs() {
  const { activeElement: element } = document;
  const takesText = element.matches("input:not([type=checkbox]), textarea");
  return { element, id: element.id, from: takesText ? element.selectionStart : null, to: element.selectionEnd };
}

cover.addEventListener("close", () => {
  covering.replaceChildren();
  // The row may have been saved in the meantime, and its field replaced.
  const field = left.element.isConnected ? left.element : document.getElementById(left.id);
  field?.focus();
  if (field && left.from !== null) field.setSelectionRange(left.from, left.to);
});
