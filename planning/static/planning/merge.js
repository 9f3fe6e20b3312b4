// Brings a fresh copy of the workbench into the page without touching what somebody is typing.
//
// Parts (data-part) are shown only, and replaced. Entries (data-entry) are typed into: one with unsaved text is left
// alone; one that has the focus keeps its inputs, and their values follow; any other is replaced. One that was sent
// and stands no longer goes, whatever was typed into it.

import { isChanged } from "../clinic/js/fields.js";
import { keepTyped, showTyped } from "./typed.js";

export { isChanged };

export const isDirty = (entry) => entry.dataset.dirty === "yes";

// The answer to a script has no CSRF tokens: a script sends its own.
export const inputsOf = (entry) =>
  [...entry.querySelectorAll("input[name]:not([name=csrfmiddlewaretoken]), select[name], textarea[name]")];

const versionOf = (entry) => entry.querySelector("input[name$=version]");

// `done` is an entry that was just sent: what it holds is stored. `whole` replaces all, where nothing is unsaved.
export function merge(page, { done = null, whole = false } = {}) {
  const workbench = document.getElementById("workbench");
  const focus = whereFocusIs();
  takeOutOfAnotherProduct(page);
  if (whole) {
    workbench.replaceWith(page);
    process(page);
    showTyped();
    restore(focus);
    return;
  }
  for (const [name, value] of Object.entries(page.dataset)) workbench.dataset[name] = value;
  for (const part of page.querySelectorAll("[data-part]")) {
    const old = document.getElementById(part.id);
    if (old && shown(old) !== shown(part)) {
      old.replaceWith(part);
      process(part);
    } else if (old) {
      // What it shows is what the server has: its buttons go on from the present version.
      followVersions(old, part);
    }
  }
  for (const list of page.querySelectorAll("[data-list]")) mergeList(document.getElementById(list.id), list, done);
  for (const entry of page.querySelectorAll("[data-entry]")) {
    if (!entry.closest("[data-list]")) bring(document.getElementById(entry.id), entry, done);
  }
  showTyped();
  restore(focus);
}

// ---- Another product: no dose or vial that was typed for one stays in a field of another

const typedFor = (entry) => entry.querySelector("[data-typed-for]")?.value;
const isOf = (page, entry) => (typedFor(entry) ?? page.dataset.ofProduct) === page.dataset.ofProduct;

// These entries will be replaced, so that no key goes on into an emptied field; what was not saved is kept as text.
function takeOutOfAnotherProduct(page) {
  const name = document.getElementById("workbench").dataset.ofProductName;
  for (const entry of document.querySelectorAll("#workbench [data-entry]")) {
    if (isOf(page, entry)) continue;
    const text = isDirty(entry) ? inputsOf(entry).filter(isChanged).map(inWords).join(" · ") : "";
    if (text) keepTyped(entry.id, `Typed for ${name || "no product"} and not saved: ${text}`);
    delete entry.dataset.dirty;
    entry.dataset.replace = "yes";
  }
  for (const input of document.querySelectorAll("#workbench [data-typed-for]")) {
    if (!input.closest("[data-entry]")) input.value = page.dataset.ofProduct;
  }
}

function inWords(input) {
  const label = input.getAttribute("aria-label") ?? input.labels?.[0]?.textContent.trim() ?? "";
  if (input.type === "checkbox") return `${label}: ${input.checked ? "yes" : "no"}`;
  return `${label}: ${input.selectedOptions?.[0]?.text ?? input.value}`;
}

// Tokens and keys differ in every copy; a part that shows the same stays, with the focus and the press it may have.
function shown(part) {
  const copy = part.cloneNode(true);
  for (const input of copy.querySelectorAll("input[type=hidden]")) input.remove();
  return copy.innerHTML;
}

function mergeList(old, list, done) {
  const fresh = [...list.children];
  const ids = new Set(fresh.map((entry) => entry.id));
  for (const entry of [...old.children]) {
    if (!ids.has(entry.id) && (entry === done || !isDirty(entry))) entry.remove();
  }
  let before = null;
  for (const entry of fresh.reverse()) {
    const there = document.getElementById(entry.id);
    if (there) {
      before = bring(there, entry, done);
    } else {
      old.insertBefore(entry, before);
      process(entry);
      before = entry;
    }
  }
}

// The element that stands in the page afterwards.
function bring(old, entry, done) {
  if (!old) return entry;
  if (isDirty(old)) {
    if (old === done && versionOf(old)) versionOf(old).value = versionOf(entry).value;
    return old;
  }
  const isTypedInto = old.contains(document.activeElement) && !old.dataset.replace;
  if (isTypedInto && sameInputs(old, entry) && !(done === old && !versionOf(entry))) {
    for (const input of inputsOf(entry)) follow(old.querySelector(`[name="${input.name}"]`), input);
    old.className = entry.className;
    return old;
  }
  old.replaceWith(entry);
  process(entry);
  return entry;
}

const sameInputs = (one, other) =>
  inputsOf(one).map((input) => input.name).join() === inputsOf(other).map((input) => input.name).join();

// What the page came with follows too: it is what a choice that is given up returns to.
function follow(old, input) {
  for (const [place, option] of [...(old.options ?? [])].entries()) {
    option.defaultSelected = input.options[place]?.defaultSelected ?? false;
  }
  if (old.type === "checkbox") old.checked = input.checked;
  else if (old.value !== input.value) old.value = input.value;
}

function followVersions(old, part) {
  const versions = part.querySelectorAll("input[type=hidden][name=version]");
  old.querySelectorAll("input[type=hidden][name=version]").forEach((input, place) => {
    input.value = versions[place]?.value ?? input.value;
  });
}

function whereFocusIs() {
  const active = document.activeElement;
  if (!active || active === document.body) return null;
  return {
    id: active.id,
    muscle: active.dataset?.muscle,
    side: active.dataset?.side,
    within: active.closest("[id]:not(input):not(select):not(textarea):not(button)")?.id,
    gone: active,
  };
}

function restore(focus) {
  if (!focus || focus.gone.isConnected) return;
  // The next key must not go on in the field of another product.
  const isOver = focus.gone.closest("[data-replace]");
  if (isOver) return document.getElementById("save-status").focus({ preventScroll: true });
  const again = (focus.id && document.getElementById(focus.id))
    || (focus.muscle && document.querySelector(
      `#${CSS.escape(focus.within ?? "workbench")} [data-muscle="${focus.muscle}"][data-side="${focus.side}"]`));
  if (again) again.focus({ preventScroll: true });
}

function process(element) {
  window.htmx?.process(element);
}
