// The second step of a login, in the dialog over a page: a code, or a passkey.

import { credentialFor } from "./credentials.js";
import { button, element } from "./elements.js";

const WAIT_MS = 10000;
const AWAY = "The server is not responding. Try again in a moment.";

// Shows the step in place of `form`. `say` shows messages, `done` is called when a step was accepted, and `again` if
// the login must begin again.
export async function showSecondStep(form, { url, token, say, done, again }) {
  const ask = async (method, body) => {
    try {
      const headers = { "X-Requested-With": "fetch", "X-CSRFToken": token() };
      const response = await fetch(url, { method, body, headers, signal: AbortSignal.timeout(WAIT_MS) });
      // The first step is no longer valid, or was completed in another tab.
      if (response.redirected) return null;
      return response.ok ? await response.json() : { messages: [AWAY] };
    } catch {
      return { messages: [AWAY] };
    }
  };
  const code = element("input", {
    id: "again-code", name: "code", className: "form-control vTextField", required: true, autocomplete: "one-time-code",
    inputMode: "numeric", maxLength: 20,
  });
  const step = element("form", { method: "post", action: url },
    element("label", { className: "form-label", htmlFor: code.id }, "Code"), code,
    element("p", { className: "hint" }, "Six digits from your authenticator app, or a recovery code."));
  const actions = element("div", { className: "formactions" },
    element("button", { className: "btn btn-primary button", type: "submit" }, "Log in"));
  step.append(actions);

  const take = async (answer) => {
    if (answer === null) return again();
    say(answer.messages);
    options = answer.passkey_options ?? options;
    if (!answer.messages.length) return done();
    return undefined;
  };
  const send = (name, value) => {
    const body = new FormData();
    body.append(name, value);
    return ask("POST", body).then(take);
  };
  step.addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = code.value;
    code.value = "";
    code.focus();
    await send("code", typed);
  });
  const first = await ask("GET");
  if (first === null) return again();
  let options = first.passkey_options;
  if (options) {
    actions.append(button("Use a passkey", "btn btn-outline-primary button", async () => {
      try {
        await send("credential", await credentialFor("get", options));
      } catch (refusal) {
        say([refusal.message]);
      }
    }));
  }
  say(first.messages);
  form.hidden = true;
  form.after(step);
  code.focus();
  return undefined;
}
