// A form or a button with `data-passkey` asks for a passkey before the form is sent.

import { credentialFor } from "./credentials.js";
import { element } from "./elements.js";

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const asking = event.submitter?.dataset.passkey ? event.submitter : form;
  const field = form.elements.namedItem("credential");
  if (!asking.dataset.passkey) {
    // The answer of another button is not sent with this one.
    if (field?.value) field.value = "";
    return;
  }
  if (field.value) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const error = form.querySelector("[data-passkey-error]");
  error.hidden = true;
  try {
    const value = await credentialFor(asking.dataset.passkey, asking.dataset.options);
    field.replaceWith(element("input", { type: "hidden", name: field.name, value }));
  } catch (refusal) {
    error.textContent = refusal.message;
    error.hidden = false;
    return;
  }
  form.requestSubmit(event.submitter);
}, { capture: true });
