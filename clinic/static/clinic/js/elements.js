// Dialogs, fields of a form, and what shows that it was selected. Dialogs are created when needed, so that a page without
// dialogs does not contain their fields.

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export function button(label, className, onClick) {
  const made = element("button", { type: "button", className }, label);
  made.addEventListener("click", onClick);
  return made;
}

// Where a page opens: at its error summary, otherwise at the place that it names.
export const placeToBegin = () =>
  document.querySelector("[role=alert][data-focus-here]") ?? document.querySelector("[data-focus-here]");

let number = 0;

// The title has the focus first, so that a key meant for a field of the page does not select anything here.
export function openDialog(title, children) {
  const heading = element("h2", { id: `over-title-${(number += 1)}`, tabIndex: -1, autofocus: true }, title);
  const dialog = element("dialog", { className: "over" }, heading, ...children);
  dialog.setAttribute("aria-labelledby", heading.id);
  const { activeElement } = document;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (activeElement?.isConnected) activeElement.focus({ preventScroll: true });
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

// What was selected shows at once that it was received, until the response is there: a button or form that was sent, a
// link that leads to another page, and an element for which htmx asks the server.

// A response that is a file does not replace the page.
const LONGEST_MS = 10000;

export function showBusy(element) {
  element.setAttribute("aria-busy", "true");
  setTimeout(() => showDone(element), LONGEST_MS);
}

export function showDone(element) {
  element.removeAttribute("aria-busy");
}

window.addEventListener("pageshow", () => {
  for (const element of document.querySelectorAll("[aria-busy=true]")) showDone(element);
});

document.addEventListener("htmx:beforeRequest", (event) => showBusy(event.detail.elt));
document.addEventListener("htmx:afterRequest", (event) => showDone(event.detail.elt));

// After all other listeners: one of them may have prevented it.
window.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (link && !event.defaultPrevented && opensHere(event) && leadsAway(link)) showBusy(link);
});

const opensHere = (event) => event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);

function leadsAway(link) {
  if ((link.getAttribute("target") ?? "_self") !== "_self" || link.hasAttribute("download")) return false;
  const url = new URL(link.getAttribute("href"), window.location.href);
  const isHere = url.pathname === window.location.pathname && url.search === window.location.search;
  return url.origin === window.location.origin && !(isHere && url.hash);
}

// The fields of a form, and whether their values differ from those in the loaded page.

export const fieldsOf = (form) =>
  [...form.elements].filter((field) => field.name && field.matches("input, select, textarea"));

export function isChanged(field) {
  if (field.type === "hidden") return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (!field.options) return field.value !== field.defaultValue;
  const options = [...field.options];
  // A select without a selected option begins with its first.
  if (!field.multiple && !options.some((option) => option.defaultSelected)) return field.selectedIndex > 0;
  return options.some((option) => option.selected !== option.defaultSelected);
}
