// On every page: an error summary takes the focus, Escape closes the search results, elapsed minutes go on.

import { placeToBegin, showBusy } from "./elements.js";

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const found = document.getElementById("found");
    // The first Escape closes the results, and the next one leaves the box.
    if (found?.childElementCount) event.stopImmediatePropagation();
    found?.replaceChildren();
  }
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.closest(".finder")) {
    const stops = [document.getElementById("find"), ...document.querySelectorAll("#found a")];
    const next = stops[stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  }
});

// The empty search box shows the patients whose pages the user opened last, while the focus is there.
const isInFinder = (element) => Boolean(element?.closest?.(".finder"));
document.addEventListener("focusin", (event) => {
  const isEmpty = event.target.id === "find" && !event.target.value;
  if (isEmpty && !document.querySelector("#found > *")) event.target.dispatchEvent(new Event("now"));
});
document.addEventListener("focusout", (event) => {
  if (isInFinder(event.target) && event.relatedTarget && !isInFinder(event.relatedTarget)) {
    document.getElementById("found").replaceChildren();
  }
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "found" && !isInFinder(document.activeElement)) event.detail.shouldSwap = false;
});

// A menu that the focus leaves by Tab closes; it would cover what has the focus then.
document.addEventListener("focusout", ({ target, relatedTarget }) => {
  const menu = target.closest?.("[popover]:popover-open");
  if (menu && relatedTarget && !menu.contains(relatedTarget) && relatedTarget.popoverTargetElement !== menu) menu.hidePopover();
});

// Scanners type the separator of a GS1 code as Ctrl and ], for which a browser does not insert a character.
document.addEventListener("keydown", (event) => {
  if (!event.ctrlKey || event.key !== "]" || !event.target.matches("input[data-scan]")) return;
  event.preventDefault();
  const input = event.target;
  input.setRangeText("\u001d", input.selectionStart, input.selectionEnd, "end");
  input.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("click", (event) => {
  if (!event.target.closest(".finder")) document.getElementById("found")?.replaceChildren();
});

// "still": the page stays at its top, where its messages are.
const start = placeToBegin();
start?.focus({ preventScroll: start.dataset.focusHere === "still" });

// The browser sends a search again when the user returns to its results or reloads them, and asks first. As an entry
// for a GET, the page opens with an empty search box instead.
if (document.querySelector("[data-found]")) window.history.replaceState(null, "", window.location.href);

// htmx stores the path of each page, although its history is switched off.
window.sessionStorage.removeItem("htmx-current-path-for-history");

// A form that creates a record is sent once, even if its button is clicked twice; its key also makes a resend
// harmless. A download does not replace the page, and its form can be sent again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  showBusy(event.submitter ?? form);
  if (form.method === "post" && !event.submitter?.hasAttribute("data-download")) form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A failed search shows a message in place of its results.
function lookUpFailed(event) {
  const place = document.querySelector(event.target.getAttribute?.("hx-target") ?? "");
  if (!place) return;
  const message = document.createElement("p");
  message.className = "hint";
  if (event.detail.xhr?.status === 401) {
    const link = document.createElement("a");
    link.href = document.querySelector("[data-login-url]").dataset.loginUrl;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = "Log in in a new tab";
    message.append("Your login has ended. ", link, ", then continue here.");
  } else {
    message.textContent = "The server is not responding. Try again in a moment.";
  }
  place.replaceChildren(message);
}
document.addEventListener("htmx:responseError", lookUpFailed);
document.addEventListener("htmx:sendError", lookUpFailed);

// Minutes that the server wrote go on while the page is open, by the time since it was loaded: the clock of the device
// may differ.

const MINUTE_MS = 60_000;
let shown = performance.now();
document.addEventListener("page:shown", () => (shown = performance.now()));

function durationInWords(minutes) {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (!hours) return `${rest} min`;
  return rest ? `${hours} h ${rest} min` : `${hours} h`;
}

function goOn() {
  const since = Math.floor((performance.now() - shown) / MINUTE_MS);
  for (const each of document.querySelectorAll("[data-minutes]")) {
    each.textContent = durationInWords(Number(each.dataset.minutes) + since);
  }
}

setInterval(goOn, MINUTE_MS / 6);
