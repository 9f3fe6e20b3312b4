// Entries save themselves: when they lose the focus, or two seconds after the last key. They are saved one after the
// other, so that each is sent with the version from the save before. Entries that could not be saved stay and are
// tried again, and leaving the page warns.

import { backAgain, logInAgain, loginUrl } from "../clinic/js/login.js";
import { clearErrors, isBox, showErrors } from "./field_errors.js";
import { inputsOf, isChanged, isDirty, merge } from "./merge.js";
import { bringProduct } from "./product.js";
import { fresh, post, status, statusWhileTyping } from "./server.js";
import { forgetTyped, showTyped } from "./typed.js";

const QUIET_MS = 2000;
const RETRY_MS = 3000;

const timers = new WeakMap();
let queue = Promise.resolve();

const entries = () => [...document.querySelectorAll("[data-saves]")];
const unsaved = () => entries().filter(isDirty);
const blocked = (entry) => entry.dataset.refused === "yes";

export const anythingUnsaved = () => unsaved().length > 0;
// Forms that are sent only by their own button, such as a consent, count as unsaved until then.
export const anythingUnsent = () => document.querySelector("[data-does-form][data-dirty=yes]") !== null;

export function startSaving() {
  takeWhatWasTypedBefore();
  document.addEventListener("input", (event) => {
    const entry = event.target.closest("[data-saves]");
    if (entry && event.target.name) typed(entry, event.target);
    const form = event.target.closest("[data-entry][data-does-form]");
    if (form) form.dataset.dirty = isFilledIn(form) ? "yes" : "no";
  });
  document.addEventListener("focusout", (event) => {
    const entry = event.target.closest("[data-saves]");
    if (entry && isDirty(entry) && !blocked(entry) && !entry.contains(event.relatedTarget)) {
      saveSoon(entry, { now: true });
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (anythingUnsaved() || anythingUnsent()) event.preventDefault();
  });
}

// The user may have typed before this script started; that text counts as typed now.
function takeWhatWasTypedBefore() {
  for (const entry of entries()) {
    for (const input of inputsOf(entry).filter(isChanged)) typed(entry, input);
  }
  for (const form of document.querySelectorAll("[data-entry][data-does-form]")) {
    if (isFilledIn(form)) form.dataset.dirty = "yes";
  }
}

const isFilledIn = (form) => inputsOf(form).some((input) => input.type !== "hidden" && input.value);

function typed(entry, input) {
  entry.dataset.dirty = "yes";
  statusWhileTyping();
  clearErrors(input);
  // Lot and expiry of a scanned code wait until the user confirms them, also if something else is typed.
  if ("scanned" in entry.dataset) return;
  delete entry.dataset.refused;
  if (entry.dataset.saves !== "on-leave") saveSoon(entry, { now: input.type === "checkbox" && entry.dataset.saves === "" });
}

export function saveSoon(entry, { now = false } = {}) {
  clearTimeout(timers.get(entry));
  if (now) enqueue(entry);
  else timers.set(entry, setTimeout(() => enqueue(entry), QUIET_MS));
}

// What the user sends, also again after an error.
export function saveNow(entry) {
  delete entry.dataset.refused;
  for (const input of inputsOf(entry)) clearErrors(input);
  saveSoon(entry, { now: true });
}

function enqueue(entry) {
  queue = queue.then(() => save(entry)).catch((error) => status(`Not saved: ${error.message}`, "bad"));
  return queue;
}

// True if everything typed is stored, false if something could not be. An action selected by the user also waits for
// the login.
export async function flush() {
  await saveAll();
  if (waiting && (await logInAgain()) === "back") await saveAll();
  return !anythingUnsaved();
}

function saveAll() {
  for (const entry of unsaved()) {
    if (!blocked(entry)) {
      clearTimeout(timers.get(entry));
      enqueue(entry);
    }
  }
  return queue;
}

// Unsaved text is discarded: leaving no longer asks, after pending requests have finished.
export function letGo() {
  for (const entry of unsaved()) delete entry.dataset.dirty;
  for (const form of document.querySelectorAll("[data-does-form]")) delete form.dataset.dirty;
  return queue;
}

const formOf = (entry) => (entry instanceof HTMLFormElement ? entry : entry.querySelector("form"));

function contentOf(entry) {
  const data = new FormData();
  for (const input of inputsOf(entry)) {
    if (!isBox(input) || input.checked) data.append(input.name, input.value);
  }
  return data;
}

const asText = (data) => JSON.stringify([...data].filter(([name]) => !name.endsWith("version")));

async function save(entry) {
  // While saving is not possible, the page's message stays and is not announced again.
  if (waiting || !entry.isConnected || !isDirty(entry) || blocked(entry)) return;
  const sent = asText(contentOf(entry));
  status("Saving …");
  // A form that creates a record is sent once: its fields are locked during the request.
  entry.inert = entry.dataset.saves === "on-leave";
  const answer = await post(formOf(entry).action, contentOf(entry), { bySelf: true });
  entry.inert = false;
  delete entry.dataset.scanned;
  if (answer.page) {
    if (asText(contentOf(entry)) === sent) delete entry.dataset.dirty;
    else saveSoon(entry);
    forgetTyped(entry.id);
    say(entry, "");
    const isBehind = anotherUserChanged(answer.page, entry);
    merge(answer.page, { done: entry });
    if (isBehind) await bringTheRest();
    if (!anythingUnsaved()) status(`Saved ${answer.savedAt}`);
    else if (unsaved().some(blocked)) status("Not saved: check the marked fields.", "bad");
    return;
  }
  await notSaved(entry, answer);
}

// The response to a row contains that row only. It names the versions of all others, which may be newer than this
// page.
function anotherUserChanged(page, entry) {
  if (page.querySelector("[data-list]")) return false; // it contains all rows
  const others = ({ dataset }) => dataset.versions.split(" ").filter((each) => !each.startsWith(`${entry.id}:`)).join();
  return others(document.getElementById("workbench")) !== others(page);
}

async function bringTheRest() {
  const now = await fresh();
  if (now.page) merge(now.page);
}

async function notSaved(entry, answer) {
  if (answer.away) {
    status(`Not saved: ${answer.message}`, "bad");
    timers.set(entry, setTimeout(() => enqueue(entry), RETRY_MS));
    return;
  }
  if (answer.login === loginUrl) {
    waitForTheLogin();
    return;
  }
  entry.dataset.refused = "yes";
  if (answer.product_changed) {
    // The next entries in the queue are sent with the product in this response, or not at all.
    await bringProduct(answer);
    return;
  }
  if (answer.stored) showConflict(entry, answer);
  if (answer.scanned) showScan(entry, answer.scanned);
  const errors = Object.entries(answer.errors ?? {});
  if (!answer.stored) {
    for (const [name, messages] of errors) showErrors(entry.querySelector(`[name="${CSS.escape(name)}"]`), messages);
  }
  const why = answer.message || errors.flatMap(([, messages]) => messages).join(" ");
  status(`Not saved${entry.dataset.name ? ` (${entry.dataset.name})` : ""}: ${why}`, "bad");
}

let waiting = false;

// Shown once, so that its buttons stay in place; everything unsaved is saved after the same user has logged in again.
async function waitForTheLogin() {
  if (waiting) return;
  waiting = true;
  await backAgain(sayWhoIsLoggedIn);
  waiting = false;
  saveAll();
}

let loggedIn = "";

function sayWhoIsLoggedIn(who) {
  loggedIn = who;
  if (who === "other") {
    status("Not saved: another user is logged in now. Your text stays here, and is saved when you log in again.", "bad");
    return;
  }
  const link = document.createElement("a");
  link.href = loginUrl;
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = "Log in in a new tab";
  status("Not saved: your login has ended. Your text stays here. ", "bad");
  const place = document.getElementById("save-status");
  place.append(button("Log in here", logInAgain), " or ", link, ", then this is saved automatically.");
}

// The next action waits until everything is saved.
export function sayNotYet() {
  if (waiting) sayWhoIsLoggedIn(loggedIn);
  else status("Not saved yet: check the marked fields, or wait for the server.", "bad");
}

// ---- Messages in an entry

function say(entry, ...what) {
  entry.querySelector("[data-status]")?.replaceChildren(...what);
  showTyped();
}

// Another user, or this one in another tab, has stored a different value: both are shown, and the user decides.
function showConflict(entry, answer) {
  const stored = Object.values(answer.stored).map(({ label, value }) => `${label}: ${value}`).join(" · ");
  const keep = button("Keep what I typed", () => {
    entry.querySelector("input[name$=version]").value = answer.version;
    delete entry.dataset.refused;
    decided(entry);
    saveSoon(entry, { now: true });
  });
  const take = button("Use what is stored", async () => {
    const now = await fresh();
    if (!now.page) return;
    delete entry.dataset.dirty;
    delete entry.dataset.refused;
    decided(entry);
    merge(now.page, { done: entry });
    status(`Saved ${now.savedAt}`);
  });
  const message = document.createElement("span");
  message.className = "conflict";
  message.textContent = `${answer.stored_by} stored: ${stored} `;
  say(entry, message, keep, take);
}

// A scanned code was read: its lot and expiry are in their fields, and are saved after the user has confirmed them.
function showScan(entry, scanned) {
  entry.dataset.scanned = "yes";
  const read = (field) => Object.entries(scanned).find(([name]) => name.endsWith(field))?.[1] ?? "";
  entry.querySelector("input[name$=lot_number]").value = read("lot_number");
  entry.querySelector("input[name$=expiry]").value = read("expiry");
  const confirm = button("Confirm lot and expiry", () => formOf(entry).requestSubmit());
  say(entry, confirm);
  // If the user is typing elsewhere already, the focus stays there.
  if (document.activeElement === document.body || entry.contains(document.activeElement)) confirm.focus();
}

// The question and its buttons are removed; the focus returns to its field.
function decided(entry) {
  say(entry, "");
  (entry.querySelector("input.dose") ?? inputsOf(entry).find((input) => input.type !== "hidden"))?.focus();
}

function button(label, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-link";
  made.textContent = label;
  made.addEventListener("click", press);
  return made;
}
