// What was typed for one product never goes to another: it becomes read-only text.

import { inputsOf, isDirty, merge } from "./merge.js";
import { fresh, status } from "./server.js";
import { rows } from "./work.js";

const typedInto = (input) => input.type !== "hidden" && (input.type === "checkbox" ? input.checked : input.value);

// Whether a change of product would delete something on this page, stored or not.
export function textOnPage() {
  const doses = [...document.querySelectorAll("#injections input.dose")];
  const vials = [...document.querySelectorAll("#workbench .vial")].flatMap(inputsOf);
  return [...doses, ...vials].some(typedInto) || rows().some(isDirty);
}

// The server rejected something typed for another product: the page now shows the current session.
export async function bringProduct(answer) {
  status(`Not saved: ${answer.message}`, "bad");
  const now = await fresh();
  if (now.page) merge(now.page);
}
