// Keys for the whole page: "/" goes to the search box, "?" lists the keys, j and k go through the rows, and a letter
// follows the visible element with that letter in data-key. They work outside fields, without Ctrl, Alt or Meta, and
// not at all if the user has switched them off (data-keys="off" on the root element). A key opens or goes to something;
// it never sends a form, except that of an Undo button, of a free time for a moved visit, and of a button with that letter in data-row-key in the row
// that has the focus: what it does can be undone.

import { button, element, openDialog } from "./elements.js";

const OPENS = "a[href], button[type=button], summary, .undo button, .freetimes button";
const FIELDS = "input, select, textarea";
const GOES_TO = `${FIELDS}, g[tabindex]`;

const inField = (target) => target.closest(`${FIELDS}, [contenteditable]`);
const isVisible = (each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true });
const visible = (selector) => [...document.querySelectorAll(selector)].filter(isVisible);
// On a narrow window the links of the navigation are folded, and their keys work.
const withKey = () => [...document.querySelectorAll("[data-key]")]
  .filter((each) => (isVisible(each) || each.matches("nav a")) && each.matches(`${OPENS}, ${GOES_TO}`));

document.addEventListener("keydown", (event) => {
  if (document.documentElement.dataset.keys === "off" || event.defaultPrevented || event.isComposing) return;
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (inField(event.target)) {
    if (event.key === "Escape") inField(event.target).blur();
  } else if (does(event.key, event.repeat)) {
    event.preventDefault();
  }
});

function does(key, isRepeated) {
  if (key === "j" || key === "k") return goToRow(key === "j" ? 1 : -1);
  if (isRepeated) return false;
  const inRow = document.activeElement.closest("[data-row]")?.querySelectorAll("[data-row-key]") ?? [];
  const ofRow = [...inRow].find((each) => each.dataset.rowKey === key);
  if (ofRow) {
    ofRow.click();
    return true;
  }
  if (key === "/") return goToField(document.getElementById("find"));
  if (key === "?") return listKeys();
  const found = withKey().find((each) => each.dataset.key === key);
  if (!found) return false;
  if (found.matches(GOES_TO)) return goToField(found);
  found.click();
  return true;
}

function goToField(field) {
  if (!field || !isVisible(field)) return false;
  field.focus();
  field.select?.();
  return true;
}

// ---- Rows: the focus is on the row's main link, which Enter follows

const rows = () => visible("main [data-row]").filter(mainLink);
const mainLink = (row) => row.querySelector("a[data-row-main]");

function goToRow(step) {
  const all = rows();
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const next = at < 0 ? all[0] : all[at + step];
  if (next) {
    mainLink(next).focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    next.dataset.at = "";
  }
  return all.length > 0;
}

document.addEventListener("focusout", (event) => {
  const row = event.target.closest?.("[data-row]");
  if (row && !row.contains(event.relatedTarget)) delete row.dataset.at;
});

// ---- The list of the keys

const label = (each) =>
  (each.dataset.keyName ?? each.getAttribute("aria-label") ?? each.labels?.[0]?.textContent ?? textWithoutCount(each))
    .replace(/\s+/g, " ").trim();

function textWithoutCount(each) {
  const copy = each.cloneNode(true);
  copy.querySelector(".count")?.remove();
  return copy.textContent;
}

function keysOfPage() {
  const keys = new Map();
  for (const each of withKey()) if (!keys.has(each.dataset.key)) keys.set(each.dataset.key, label(each));
  if (visible("#find").length) keys.set("/", "Find a patient");
  for (const each of visible("[data-row-key]")) keys.set(each.dataset.rowKey, `In a row: ${label(each).split(",")[0]}`);
  if (rows().length) keys.set("j", "Next row").set("k", "Previous row").set("Enter", "Open the row");
  return keys.set("Esc", "Leave the field").set("?", "This list");
}

function listKeys() {
  const list = element("dl", { className: "keylist" });
  for (const [key, name] of keysOfPage()) {
    list.append(element("div", {}, element("dt", {}, element("kbd", {}, key)), element("dd", {}, name)));
  }
  const hint = element("p", { className: "hint" }, "Keys work outside fields. They do not sign or delete anything.");
  const close = button("Close", "btn btn-primary", () => dialog.close());
  const dialog = openDialog("Keys of this page", [list, hint, element("div", { className: "formactions" }, close)]);
  return true;
}
