// Brings a fresh copy of the workbench into the page without touching what somebody is typing.
//
// Parts (data-part) are shown only, and replaced. Entries (data-entry) are typed into: one with unsaved text is left
// alone; one that has the focus keeps its inputs, and their values follow; any other is replaced. One that was sent
// and stands no longer goes, whatever was typed into it.

export const isDirty = (entry) => entry.dataset.dirty === "yes";

export const inputsOf = (entry) => [...entry.querySelectorAll("input[name], select[name], textarea[name]")];

// Whether an input holds something else than the page came with.
export const isChanged = (input) => {
  if (input.type === "hidden") return false;
  if (input.type === "checkbox") return input.checked !== input.defaultChecked;
  if (input.options) return [...input.options].some((option) => option.selected !== option.defaultSelected);
  return input.value !== input.defaultValue;
};
const versionOf = (entry) => entry.querySelector("input[name$=version]");

// `done` is an entry that was just sent: what it holds is stored. `whole` replaces all, where nothing is unsaved.
export function merge(page, { done = null, whole = false } = {}) {
  const workbench = document.getElementById("workbench");
  const focus = whereFocusIs();
  if (whole) {
    workbench.replaceWith(page);
    process(page);
    restore(focus);
    return;
  }
  for (const [name, value] of Object.entries(page.dataset)) workbench.dataset[name] = value;
  for (const part of page.querySelectorAll("[data-part]")) {
    const old = document.getElementById(part.id);
    if (old && shown(old) !== shown(part)) {
      old.replaceWith(part);
      process(part);
    }
  }
  for (const list of page.querySelectorAll("[data-list]")) mergeList(document.getElementById(list.id), list, done);
  for (const entry of page.querySelectorAll("[data-entry]")) {
    if (!entry.closest("[data-list]")) bring(document.getElementById(entry.id), entry, done);
  }
  restore(focus);
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
  if (old.contains(document.activeElement) && sameInputs(old, entry) && !(done === old && !versionOf(entry))) {
    for (const input of inputsOf(entry)) follow(old.querySelector(`[name="${input.name}"]`), input);
    for (const button of entry.querySelectorAll("button[name]")) {
      old.querySelector(`button[name="${button.name}"]`).value = button.value;
    }
    old.className = entry.className;
    return old;
  }
  old.replaceWith(entry);
  process(entry);
  return entry;
}

const sameInputs = (one, other) =>
  inputsOf(one).map((input) => input.name).join() === inputsOf(other).map((input) => input.name).join();

function follow(old, input) {
  if (old.type === "checkbox") old.checked = input.checked;
  else if (old.value !== input.value) old.value = input.value;
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
  const again = (focus.id && document.getElementById(focus.id))
    || (focus.muscle && document.querySelector(
      `#${CSS.escape(focus.within ?? "workbench")} [data-muscle="${focus.muscle}"][data-side="${focus.side}"]`));
  if (again) again.focus({ preventScroll: true });
}

function process(element) {
  window.htmx?.process(element);
}
