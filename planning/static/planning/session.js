// The page of an open session: rows are added from the map or the quick box, and saved when they lose the focus.

import { showErrors } from "./field_errors.js";
import { inputsOf, isChanged, merge } from "./merge.js";
import { bringProduct, textOnPage } from "./product.js";
import { announce, post, status, statusForNow, statusWhileTyping } from "./server.js";
import "./map.js";
import "./leaving.js";
import { startMissing } from "./missing.js";
import { allAdded, inOrder, showWaiting } from "./waiting.js";
import "./not_given.js";
import { firstFieldOf, goToDoses, inNextRow, lastDose, rows, startAtWork, whoInjected } from "./work.js";
import { anythingUnsaved, anythingUnsent, flush, saveNow, sayNotYet, startSaving } from "./saving.js";

startSaving();
startAtWork({ isBusy: startMissing() || anythingUnsaved() || anythingUnsent() });

// ---- Adding rows

async function add(form, data) {
  await flush();
  const before = new Set(rows().map((row) => row.id));
  const answer = await post(form.action, data);
  if (!answer.page) return answer;
  merge(answer.page);
  const added = rows().filter((row) => !before.has(row.id));
  if (added.length) announceAdded(added);
  return { ...answer, added };
}

function announceAdded(added) {
  const undo = document.createElement("button");
  undo.type = "button";
  undo.className = "btn btn-link";
  undo.textContent = "Undo";
  undo.addEventListener("click", async () => {
    for (const row of added) {
      const button = document.querySelector(`#${row.id} [data-does="remove"]`);
      if (button) await perform(button);
    }
    document.getElementById("quick-box").focus();
  });
  announce(`Added: ${added.map((row) => row.dataset.name).join(" and ")} · `, undo);
}

function goToRow(muscle, side) {
  const row = rows().find((each) => each.dataset.muscleRow === muscle && each.dataset.sideRow === side);
  if (!row) return false;
  firstFieldOf(row)?.focus();
  row.scrollIntoView({ block: "nearest" });
  return true;
}

async function press(choice) {
  const { muscle, side } = choice.dataset;
  if (!("anotherVial" in choice.dataset) && goToRow(muscle, side)) return;
  const form = document.getElementById("map-form");
  const data = new FormData(form);
  data.set("muscle", muscle);
  data.set("side", side);
  if ("anotherVial" in choice.dataset) data.set("another_vial", "on");
  choice.setAttribute("aria-busy", "true");
  statusForNow("Adding …");
  const answer = await inOrder(() => add(form, data));
  choice.removeAttribute("aria-busy");
  if (answer.page) sayAdded(answer);
  else showRefusal(form, { message: "Not added.", ...answer });
}

// The box is empty again at once, so that the next text is not joined to this one.
async function addTyped(form) {
  const box = document.getElementById("quick-box");
  const typed = box.value.trim();
  document.getElementById("quick-error").replaceChildren();
  if (!typed) return afterTheLastTyped(form);
  const data = new FormData(form);
  const entry = showWaiting(typed);
  box.value = "";
  document.getElementById("quick-matches").replaceChildren();
  box.focus();
  statusForNow(`Adding ${typed} …`);
  const answer = await inOrder(() => add(form, data));
  if (answer.page) {
    entry.done();
    sayAdded(answer);
  } else {
    await sayNotAdded(entry, typed, answer);
  }
}

// Everything is added: go to the dose fields.
async function afterTheLastTyped(form) {
  await allAdded();
  const box = document.getElementById("quick-box");
  if (box.value || document.activeElement !== box) return;
  if (rows().length) firstFieldOf(rows()[0]).focus();
  else await sendEmpty(form);
}

async function sendEmpty(form) {
  const answer = await add(form, new FormData(form));
  if (!answer.page) document.getElementById("quick-error").textContent = reasonOf(answer);
}

function sayAdded(answer) {
  if (!answer.added.length) status("This row is already in the list.");
  else sayStored(answer);
}

async function sayNotAdded(entry, typed, answer) {
  const message = reasonOf(answer);
  entry.giveBack(message);
  statusForNow(`Not added: ${typed}`);
  if (answer.product_changed) await bringProduct(answer);
  else document.getElementById("quick-error").textContent = message;
  document.getElementById("quick-box").dispatchEvent(new Event("now"));  // shows what fits, or where to write it
}

const reasonOf = (answer) => Object.values(answer.errors ?? {}).flat().join(" ") || answer.message || "Not added.";

function sayStored(answer) {
  if (anythingUnsaved()) statusWhileTyping();
  else status(`Saved ${answer.savedAt}`);
}

// A search that was still running when the row was added must not reopen the cleared box.
document.addEventListener("htmx:afterSwap", (event) => {
  const box = document.getElementById("quick-box");
  if (event.target.id === "quick-matches" && !box.value.trim()) event.target.replaceChildren();
});

// ---- Buttons for actions on the session

async function perform(button) {
  button.setAttribute("aria-busy", "true");
  statusForNow("Saving …");
  await allAdded();
  await performNow(button);
  button.removeAttribute("aria-busy");
}

async function performNow(button) {
  const changesPhase = button.dataset.does === "phase";
  const form = button.form;
  const seen = form.querySelector("[data-typed-for]");
  const product = seen?.value;
  const saved = await flush();
  if (changesPhase && !saved) {
    sayNotYet();
    return;
  }
  if (changesPhase && anythingUnsent()) {
    status("Not saved yet: record the consent that you typed, or clear its fields.", "bad");
    return;
  }
  // Read it only now, because saving may have changed the versions in the page.
  const data = new FormData(form);
  if (button.name) data.set(button.name, button.value);
  // But only for the product for which the button was selected.
  if (seen) data.set(seen.name, product);
  const answer = await post(button.hasAttribute("formaction") ? button.formAction : form.action, data);
  if (answer.page) {
    const done = form.closest("[data-entry]");
    if (done === form && "doesForm" in form.dataset) delete form.dataset.dirty;
    merge(answer.page, { done, whole: changesPhase });
    button.closest(":popover-open")?.hidePopover();
    sayStored(answer);
    if (changesPhase) goToDoses();
    if (answer.announcement) announce(answer.announcement);
  } else {
    showRefusal(form, answer);
  }
}

// Leaves the page, so what was typed is saved first; the form then has the version of that save.
async function endSession(form, { name, value }) {
  statusForNow("Saving …");
  await allAdded();
  if (!(await flush())) {
    sayNotYet();
    return;
  }
  // A form in the response to a script has no CSRF token.
  const { value: token } = document.querySelector("[name=csrfmiddlewaretoken]");
  const more = { [name]: value, csrfmiddlewaretoken: token };
  for (const [key, text] of Object.entries(more)) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: key, value: text }));
  }
  form.submit();
}

function showRefusal(form, answer) {
  if (answer.product_changed) return bringProduct(answer);
  const errors = Object.entries(answer.errors ?? {});
  for (const [name, messages] of errors) showErrors(form.querySelector(`[name="${name}"]`), messages);
  status(answer.message || errors.flatMap(([, messages]) => messages).join(" ") || "Not done.", "bad");
}

// ---- The product

async function chooseProduct(form) {
  statusForNow("Saving …");
  await allAdded();
  if (!(await flush())) sayNotYet();
  form.querySelector("[name$=text_on_page]").value = textOnPage() ? "on" : "";
  const answer = await post(form.action, new FormData(form));
  if (answer.page) {
    form.querySelector("[name$=empties_confirmed]").value = "";
    merge(answer.page, { done: form, whole: !anythingUnsaved() && !anythingUnsent() });
    if (!anythingUnsaved()) status(`Saved ${answer.savedAt}`);
    return;
  }
  const message = Object.values(answer.errors ?? {}).flat().join(" ");
  if (answer.stored) return bringProduct(answer);
  if (!message) {
    status(answer.message || "Not saved: the product.", "bad");
    return restoreProduct(form);
  }
  const confirmed = form.querySelector("[name$=empties_confirmed]");
  if (confirmed.value === "on" || !(await askWhetherToEmpty(message))) {
    confirmed.value = "";
    return restoreProduct(form);
  }
  confirmed.value = "on";
  return chooseProduct(form);
}

function restoreProduct(form) {
  for (const option of form.querySelectorAll("option")) option.selected = option.defaultSelected;
}

function askWhetherToEmpty(message) {
  const dialog = document.getElementById("product-change");
  dialog.querySelector("[data-message]").textContent = message;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

for (const button of document.querySelectorAll("#product-change [data-answer]")) {
  button.addEventListener("click", () => button.closest("dialog").close(button.dataset.answer));
}

// ---- Events

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest("#workbench")) return;
  const button = event.submitter;
  event.preventDefault();
  if (form.id === "quick-form") addTyped(form);
  else if (button && "does" in button.dataset) perform(button);
  else if (button && "ends" in button.dataset) endSession(form, button);
  else if (form.id === "vial-new") addVial(form);
  else if (form.closest("[data-saves]")) saveNow(form.closest("[data-saves]"));
}, { capture: true });

document.addEventListener("click", (event) => {
  const choice = event.target.closest("#workbench [data-muscle]");
  if (choice) press(choice);
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-product]");
  if (form) chooseProduct(form);
});
// It may have been selected before this script started.
for (const form of document.querySelectorAll("[data-product]")) {
  if (inputsOf(form).some(isChanged)) chooseProduct(form);
}

document.addEventListener("keydown", (event) => {
  const region = event.target.closest("g[data-muscle]");
  if (region && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    press(region);
    return;
  }
  // The only button of a row's or a vial's form removes it, so Enter must not submit the form.
  const inNewVial = event.shiftKey && event.target.matches("#vial-new input");
  if (event.key === "Enter" && (inNewVial || event.target.matches("#injections input, #part-vials input"))) {
    event.preventDefault();
    if (event.target.closest("#injections")) inNextRow(event.target, event.shiftKey ? -1 : 1)?.focus();
    else if (event.shiftKey) lastDose()?.focus();
    else leaveVial(event.target.closest("[data-saves]"));
  }
});

// Enter in a vial saves it, and then goes to who injected; a scanned code is confirmed first.
async function leaveVial(entry) {
  saveNow(entry);
  if (await flush()) whoInjected()?.focus();
}

async function addVial(form) {
  saveNow(form);
  if (await flush()) (whoInjected()?.value ? document.querySelector("#another-vial summary") : whoInjected())?.focus();
}
