// Keys of a follow-up's row, only while the focus is in its opened row or on its Book link: 1 to 5 book one of the free
// times. A letter for the way of contact, which also opens the row, and then one for the outcome log a contact.

const TEXT_FIELD = "input:not([type=radio]), textarea, select, [contenteditable]";
let asked = "";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.matches(TEXT_FIELD)) return;
  const opened = openedFrom(event.target);
  if (!opened) return;
  if (/^[1-5]$/.test(event.key)) opened.querySelectorAll("button[name=take]")[Number(event.key) - 1]?.click();
  else if (/^[a-z]$/.test(event.key) && document.documentElement.dataset.keys !== "off") logs(event, opened);
});

function logs(event, opened) {
  const outcome = document.activeElement.closest("[data-way]")?.querySelector(`[data-outcome=${event.key}]`);
  if (outcome) outcome.click();
  else if (opened.querySelector("[data-way]")) goToWay(opened, event.key);
  else if (/^[pxeli]$/.test(event.key) && event.target.matches("[data-row-main]")) {
    asked = event.key;
    event.target.click();
  } else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

function goToWay(opened, key) {
  opened.querySelector(`[data-way=${key}] button`)?.focus();
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (asked) goToWay(event.detail.target, asked);
  asked = "";
});

function openedFrom(element) {
  const tools = element.getAttribute("aria-controls");
  return element.closest(".calling") ?? (tools && document.getElementById(tools));
}
