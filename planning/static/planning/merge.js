// Merges a fresh copy of the workbench, or parts of it, into the page. idiomorph changes only what differs, so the
// focus and the caret stay where they are. An entry with unsaved text is not changed.

import { isChanged } from "../clinic/js/elements.js";
import { keepTyped, showTyped } from "./typed.js";
import { Idiomorph } from "./vendor/idiomorph/idiomorph.esm.js";

export { isChanged };

export const isDirty = (entry) => entry.dataset?.dirty === "yes";

// A response to a script has no CSRF tokens, because a script sends its own.
export const inputsOf = (entry) =>
  [...entry.querySelectorAll("input[name]:not([name=csrfmiddlewaretoken]), select[name], textarea[name]")];

const PIECES = "[data-part], [data-list], [data-entry]";
const versionOf = (entry) => entry.querySelector("input[name$=version]");
const isBeingChosen = (entry) => entry.matches?.("[data-product]") && inputsOf(entry).some(isChanged);

// `done` is an entry that was just sent: its values are stored. `whole` replaces everything if there is no unsaved
// text.
export function merge(page, { done = null, whole = false } = {}) {
  const workbench = document.getElementById("workbench");
  takeOutOfAnotherProduct(page);
  if (whole) morph(workbench, page);
  else mergePieces(workbench, page, done);
  showTyped();
}

function mergePieces(workbench, page, done) {
  const isSameProduct = page.dataset.ofProduct === workbench.dataset.ofProduct;
  for (const [name, value] of Object.entries(page.dataset)) workbench.dataset[name] = value;
  // Typed text stays, and so does a product that is selected while something else is saved.
  const isProtected = (entry) => isDirty(entry) || (entry !== done && isSameProduct && isBeingChosen(entry));
  const callbacks = {
    beforeNodeMorphed: (old, fresh) => mayChange(old, fresh, { done, isProtected }),
    beforeNodeRemoved: (old) => old === done || !isDirty(old),
    beforeAttributeUpdated: (name) => name !== "open",
  };
  for (const fresh of page.querySelectorAll(PIECES)) {
    const old = document.getElementById(fresh.id);
    if (old && !fresh.parentElement.closest(PIECES)) morph(old, fresh, callbacks);
  }
}

function morph(old, fresh, callbacks = {}) {
  Idiomorph.morph(old, fresh, { callbacks });
  window.htmx?.process(old);
}

function mayChange(old, fresh, { done, isProtected }) {
  if (old.nodeType !== Node.ELEMENT_NODE) return true;
  if (!isProtected(old)) return old.dataset.status === undefined; // scripts put other elements next to the fields
  if ((old === done || isBeingChosen(old)) && versionOf(old)) versionOf(old).value = versionOf(fresh).value;
  return false;
}

// ---- Another product: a dose or vial typed for one product does not stay in a field for another

const typedFor = (entry) => entry.querySelector("[data-typed-for]")?.value;
const isOf = (page, entry) => (typedFor(entry) ?? page.dataset.ofProduct) === page.dataset.ofProduct;

// Unsaved values are shown as plain text. The next key must not continue in a field for another product.
function takeOutOfAnotherProduct(page) {
  const name = document.getElementById("workbench").dataset.ofProductName;
  for (const entry of document.querySelectorAll("#workbench [data-entry]")) {
    if (isOf(page, entry)) continue;
    const text = isDirty(entry) ? inputsOf(entry).filter(isChanged).map(asText).join(" · ") : "";
    if (text) keepTyped(entry.id, `Typed for ${name || "no product"} and not saved: ${text}`);
    delete entry.dataset.dirty;
    entry.querySelector("[data-status]")?.replaceChildren();
    if (entry.contains(document.activeElement)) document.getElementById("save-status").focus({ preventScroll: true });
  }
  for (const input of document.querySelectorAll("#workbench [data-typed-for]")) {
    if (!input.closest("[data-entry]")) input.value = page.dataset.ofProduct;
  }
}

function asText(input) {
  const label = input.getAttribute("aria-label") ?? input.labels?.[0]?.textContent.trim() ?? "";
  if (input.type === "checkbox") return `${label}: ${input.checked ? "yes" : "no"}`;
  return `${label}: ${input.selectedOptions?.[0]?.text ?? input.value}`;
}
