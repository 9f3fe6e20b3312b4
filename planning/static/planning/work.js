// Where the work of a session is: the product, then the first empty dose, and after the rows the vial, who injected and
// the next step.

const workbench = () => document.getElementById("workbench");
export const rows = () => [...document.querySelectorAll("#injections > tr")];
const isOpen = (field) => field.checkVisibility();

export const whoInjected = () => document.querySelector("#details-form [name$=operator]");
export const firstFieldOf = (row) =>
  [row.querySelector("input.dose"), ...row.querySelectorAll("input:not([type=hidden]), select")]
    .find((field) => field && isOpen(field));

const doses = () => [...document.querySelectorAll("#injections input.dose")].filter(isOpen);
const firstEmptyDose = () => doses().find((dose) => !dose.value && !dose.closest(".notgiven"));
const nextStep = () => document.querySelector("#part-signbar [data-does=phase], #part-signbar [data-key=s]");
const isRecording = () => workbench().dataset.phase === "recording";

function lotOfFirstVial() {
  const lots = document.querySelectorAll("#part-vials [name$=lot_number], #vial-new [name$=lot_number]");
  return [...lots].find(isOpen);
}

// The next step after the rows: the vial, then who injected. A plan has neither.
export const afterTheRows = () => (isRecording() ? (lotOfFirstVial() ?? whoInjected()) : nextStep());

function afterTheDoses() {
  if (!isRecording()) return nextStep();
  const stillEmpty = [lotOfFirstVial(), whoInjected()].find((field) => field && !field.value);
  return stillEmpty ?? document.getElementById("to-sign") ?? nextStep();
}

function whereTheWorkIs() {
  const product = document.querySelector("#product-form select");
  if (!product.value) return product;
  if (!rows().length) return document.getElementById("quick-box");
  return firstEmptyDose() ?? afterTheDoses();
}

export function goToWork() {
  show(whereTheWorkIs());
}

// In another phase, its first empty dose or its first dose.
export function goToDoses() {
  show(firstEmptyDose() ?? doses()[0]);
}

// The page scrolls only if the field is not in sight.
function show(field) {
  if (!field) return;
  field.focus({ preventScroll: true });
  const { top, bottom } = field.getBoundingClientRect();
  const above = document.querySelector(".banner")?.getBoundingClientRect().bottom ?? 0;
  const below = document.getElementById("savebar").getBoundingClientRect().top;
  if (top < above || bottom > below) field.scrollIntoView({ block: "center" });
}

// Once, when the page opens, and not if the user or the page has put the focus somewhere already.
export function startAtWork({ isBusy }) {
  const skip = document.querySelector("a.skip");
  skip.textContent = "Skip to the work";
  skip.addEventListener("click", (event) => {
    event.preventDefault();
    goToWork();
  });
  const isElsewhere = document.activeElement !== document.body || document.querySelector("[data-focus-here]");
  if (!isBusy && !isElsewhere && !window.location.hash) goToWork();
}

// ---- Enter in a row or a vial

// The same field of the next or the previous row, or its dose if that field is not open.
export function inNextRow(input, step) {
  const all = rows();
  const at = all.indexOf(input.closest("tr")) + step;
  if (at < 0) return input;
  if (at === all.length) return afterTheRows();
  const same = all[at].querySelector(`[data-field="${input.dataset.field}"]:not([type=checkbox])`);
  return same && isOpen(same) ? same : firstFieldOf(all[at]);
}

export function lastDose() {
  return doses().at(-1);
}
