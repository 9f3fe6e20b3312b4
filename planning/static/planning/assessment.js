// The page of an assessment: each group of fields saves itself. The postures are one Tab stop, and so are the
// symptoms: the arrow keys go through them. A letter goes to each group.

import "./leaving.js";
import { merge } from "./merge.js";
import { anythingUnsaved, flush, saveNow, sayNotYet, startSaving } from "./saving.js";
import { post, status } from "./server.js";

const group = (name) => document.getElementById(`group-${name}`);
const postures = () => [...group("posture").querySelectorAll("input[type=checkbox]")];
const symptoms = () => [...group("symptoms").querySelectorAll("[data-symptom]")];
const radiosOf = (symptom) => [...symptom.querySelectorAll("input[type=radio]")];
const answerOf = (symptom) => radiosOf(symptom).find((radio) => radio.checked) ?? radiosOf(symptom)[0];
const symptomOf = (element) => element.closest("[data-symptom]");

// ---- Tab stops, and the letter of each group

const last = { posture: 0, symptom: 0 };

function setTabIndex(elements, isStop) {
  for (const each of elements) {
    const wanted = isStop ? null : "-1";
    if (each.getAttribute("tabindex") === wanted) continue;
    if (isStop) each.removeAttribute("tabindex");
    else each.setAttribute("tabindex", wanted);
  }
}

// Again after the server's copy was merged into the page.
function setStops() {
  postures().forEach((box, at) => setTabIndex([box], at === last.posture));
  symptoms().forEach((symptom, at) => setTabIndex(symptom.querySelectorAll("input, select"), at === last.symptom));
  for (const form of document.querySelectorAll("#workbench form[data-letter]")) setLetter(form, firstOf(form));
}

function firstOf(form) {
  if (form === group("posture")) return postures()[last.posture];
  if (form === group("symptoms")) return answerOf(symptoms()[last.symptom]);
  return form.querySelector("input:checked, input[type=text], select, textarea");
}

function setLetter(form, field) {
  for (const other of form.querySelectorAll("[data-key]")) if (other !== field) delete other.dataset.key;
  if (field.dataset.key) return;
  Object.assign(field.dataset, { key: form.dataset.letter, keyName: form.dataset.name });
}

document.addEventListener("focusin", ({ target }) => {
  const at = { posture: postures().indexOf(target), symptom: symptoms().indexOf(symptomOf(target)) };
  for (const each of ["posture", "symptom"]) if (at[each] >= 0) last[each] = at[each];
  setStops();
});

// ---- Keys

const middle = (element) => {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
};

// The posture in the next or previous line of the drawings, in the same column.
function inNextLine(box, step) {
  const from = middle(box);
  const beyond = postures().map((each) => ({ each, ...middle(each) })).filter(({ y }) => (y - from.y) * step > 4);
  const nearest = beyond.sort((a, b) => Math.abs(a.y - from.y) - Math.abs(b.y - from.y))[0];
  const line = beyond.filter(({ y }) => nearest && Math.abs(y - nearest.y) < 4);
  return line.sort((a, b) => Math.abs(a.x - from.x) - Math.abs(b.x - from.x))[0]?.each;
}

function nextPosture(box, key) {
  const all = postures();
  const at = all.indexOf(box);
  const steps = { ArrowRight: () => all[at + 1], ArrowLeft: () => all[at - 1], Home: () => all[0], End: () => all.at(-1) };
  const lines = { ArrowDown: () => inNextLine(box, 1), ArrowUp: () => inNextLine(box, -1) };
  return { ...steps, ...lines }[key];
}

// Left and right choose the answer, as in any group of radio buttons.
function nextSymptom(radio, key) {
  const all = symptoms();
  const at = all.indexOf(symptomOf(radio));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[key];
  return to === undefined ? undefined : () => all[to] && answerOf(all[to]);
}

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const next = (target.matches("#group-posture input[type=checkbox]") && nextPosture(target, key))
    || (target.matches("#group-symptoms input[type=radio]") && nextSymptom(target, key));
  if (next) {
    event.preventDefault();
    next()?.focus();
  } else if (key === "Enter" && target.matches("#workbench [data-saves] :is(input, select)")) {
    event.preventDefault();
    saveNow(target.closest("[data-saves]"));
  }
});

// ---- Answers

// One side of a posture.
document.addEventListener("input", ({ target }) => {
  if (!target.matches("#group-posture [name$=-posture]:checked")) return;
  const posture = target.value.split("-")[0];
  for (const box of postures()) if (box !== target && box.value.split("-")[0] === posture) box.checked = false;
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-others-absent]")) return;
  const unanswered = symptoms().filter((symptom) => answerOf(symptom).value === "");
  for (const symptom of unanswered) {
    const absent = symptom.querySelector("input[value=absent]");
    absent.checked = true;
    absent.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

// ---- Forms

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest("#workbench")) return;
  event.preventDefault();
  if ("saves" in form.dataset) saveNow(form);
  else repeat(form, event.submitter);
}, { capture: true });

async function repeat(form, button) {
  if (!(await flush())) return sayNotYet();
  const answer = await post(form.action, new FormData(form, button));
  if (answer.page) {
    merge(answer.page, { whole: !anythingUnsaved() });
    return status(`Saved ${answer.savedAt}`);
  }
  const messages = Object.values(answer.errors ?? {}).flat();
  return status(answer.message || messages.join(" ") || "Not saved.", "bad");
}

// ---- Start

startSaving();
setStops();
new MutationObserver(setStops).observe(document.getElementById("workbench"), {
  childList: true, subtree: true, attributeFilter: ["tabindex", "data-key"],
});
const isElsewhere = document.activeElement !== document.body || document.querySelector("[data-focus-here]");
if (!isElsewhere && !window.location.hash) postures()[0].focus();
