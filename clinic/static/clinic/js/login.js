// The user who opened the page, how long their login lasts, and logging in again in a dialog. Typed text stays
// in its fields and is never stored in the browser.

import { button, element, openDialog } from "./elements.js";

const POLL_MS = 3000;
const WAIT_MS = 10000;

const page = document.querySelector("meta[name=collum-login]");
const { dataset } = page;
export const person = page.content;
export const loginUrl = dataset.loginUrl;

export const OTHER = "Another user is logged in now. Your entries were not saved. Your text is still here.";

function token() {
  return document.cookie.match(/(?:^|; )(?:__Host-|__Secure-)?csrftoken=([^;]+)/)?.[1] ?? "";
}

// Every request names the user who opened the page, and is stored for that user only.
export const headers = (sentBy) => ({ "X-Requested-With": sentBy, "X-Person": person, "X-CSRFToken": token() });

// For a form that the browser sends by itself.
export function renewTokens(form) {
  for (const field of form.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token();
}

// {person, seconds_left, can_be_extended}; null if the server does not respond. The request does not count as
// activity.
async function ask(method) {
  try {
    const response = await fetch(dataset.sessionUrl, {
      method,
      headers: headers("fetch"),
      signal: AbortSignal.timeout(WAIT_MS),
    });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

export const whoIsLoggedIn = () => ask("GET");
export const extend = () => ask("POST");

// ---- The end of the login

let checkAt = 0;
let checking;
let countdown = null;

export function watchTheLogin() {
  checkIn(Number(dataset.secondsLeft) - Number(dataset.warningSeconds));
  // Timers of a hidden page, or of a computer that was asleep, run late.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() >= checkAt) check();
  });
  document.addEventListener("input", reportTyping, { capture: true });
  // A search stores nothing, so that it can be sent under a login that began after the page was loaded.
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = token();
    delete event.detail.parameters.csrfmiddlewaretoken;
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[role=search]")) renewTokens(event.target);
  }, { capture: true });
}

function checkIn(seconds) {
  clearTimeout(checking);
  checkAt = Date.now() + Math.max(seconds, 0) * 1000;
  checking = setTimeout(check, Math.max(seconds, 0) * 1000);
}

async function check() {
  const state = await whoIsLoggedIn();
  if (!state) return checkIn(POLL_MS / 1000);
  if (state.person === null) {
    countdown?.close();
    return logInAgain();
  }
  // The server rejects what is sent from this page, because it was shown to another user; the countdown is not needed.
  if (state.person !== person) return countdown?.close();
  return follow(state);
}

function follow(state) {
  if (state.seconds_left > Number(dataset.warningSeconds)) {
    countdown?.close();
    return checkIn(state.seconds_left - Number(dataset.warningSeconds));
  }
  countdown ??= countDown(state);
  countdown.endAt(Date.now() + state.seconds_left * 1000);
  // Another tab may have extended the login in the meantime.
  return checkIn(Math.min(state.seconds_left + 1, POLL_MS / 1000));
}

function countDown(state) {
  let end;
  const left = element("span", { className: "timeleft" });
  const show = () => {
    const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  const dialog = openDialog("Your login ends soon", [
    element("p", {}, "Time left: ", left),
    element("p", {}, state.can_be_extended
      ? "You have not been active here for a while. Text that you typed and did not save is still on this page."
      : "A login ends after twelve hours and cannot be extended. Save what you typed, then log in again."),
    element("div", { className: "formactions" },
      state.can_be_extended
        ? button("Stay logged in", "btn btn-primary button", async () => {
            const extended = await extend();
            if (extended?.person === person) follow(extended);
            else check();
          })
        : button("Close", "btn btn-primary button", () => dialog.close())),
  ]);
  const ticking = setInterval(show, 1000);
  dialog.addEventListener("close", () => {
    clearInterval(ticking);
    if (countdown?.dialog === dialog) countdown = null;
    // A warning that was closed without an extension is not opened again; the login is checked when it ends.
    if (!closedByUs) checkIn((end - Date.now()) / 1000 + 1);
  });
  let closedByUs = false;
  return {
    dialog,
    endAt(time) {
      end = time;
      show();
    },
    close() {
      closedByUs = true;
      dialog.close();
    },
  };
}

// ---- Typing is activity

let reportedAt = Date.now();

async function reportTyping() {
  if (Date.now() - reportedAt < Number(dataset.typingSeconds) * 1000) return;
  reportedAt = Date.now();
  const state = await extend();
  if (state?.person === person) follow(state);
}

// ---- Logging in again

let asking = null;

// Resolves to "back" once the user of this page is logged in again, "other" if another user is, "" if it was
// cancelled.
export function logInAgain() {
  asking ??= askToLogIn().finally(() => {
    asking = null;
  });
  return asking;
}

async function askToLogIn() {
  const outcome = await new Promise(openLoginDialog);
  if (outcome === "back") {
    document.dispatchEvent(new Event("login:back"));
    check();
  }
  return outcome;
}

function openLoginDialog(resolve) {
  let outcome = "";
  const username = input("again-username", { name: "login", autocomplete: "username", value: dataset.username });
  const password = input("again-password", { name: "password", type: "password", autocomplete: "current-password" });
  username.autocapitalize = "none";
  const refusal = element("div", { role: "alert" });
  const say = (messages) => refusal.replaceChildren(...messages.map(paragraph));
  const form = element("form", { method: "post", action: loginUrl },
    element("label", { className: "form-label", htmlFor: username.id }, "User name"), username,
    element("label", { className: "form-label", htmlFor: password.id }, "Password"), password,
    element("div", { className: "formactions" },
      element("button", { className: "btn btn-primary button", type: "submit" }, "Log in"),
      button("Not now", "btn btn-outline-primary button", () => dialog.close())));
  const dialog = openDialog("Your login has ended", [
    element("p", {}, `Your unsaved text is still on this page. Log in as ${dataset.name} to continue.`),
    refusal,
    form,
  ]);
  const look = async () => {
    const state = await whoIsLoggedIn();
    if (!dialog.open || !state?.person) return;
    outcome = state.person === person ? "back" : "other";
    dialog.close();
  };
  const again = () => {
    form.parentNode.querySelector(`form[action="${dataset.secondStepUrl}"]`)?.remove();
    form.hidden = false;
    say(["Type your password again."]);
    password.focus();
    return look();
  };
  const polling = setInterval(look, POLL_MS);
  look();
  dialog.addEventListener("close", () => {
    clearInterval(polling);
    resolve(outcome);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { messages, next } = await logIn(new FormData(form));
    // Before any waiting, because the user may be typing the next entry already.
    password.value = "";
    password.focus();
    say(messages);
    if (next === dataset.secondStepUrl) {
      // Few users need it, so it is not part of every page.
      const { showSecondStep } = await import("./second-step.js");
      await showSecondStep(form, { url: next, token, say, done: look, again });
    } else if (next) refusal.replaceChildren(theNextStep(next));
    await look();
  });
  password.focus();
}

function input(id, attributes) {
  return element("input", { id, className: "form-control vTextField", required: true, ...attributes });
}

// Uses the login page's view, with the same failure count. Resolves to the error messages, and the next step if the
// password is not enough.
async function logIn(data) {
  let response;
  try {
    response = await fetch(loginUrl, {
      method: "POST",
      body: data,
      // With this header, allauth responds with JSON.
      headers: { "X-Requested-With": "XMLHttpRequest", "X-CSRFToken": token() },
      signal: AbortSignal.timeout(WAIT_MS),
    });
  } catch {
    return { messages: ["The server is not responding. Try again in a moment."] };
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return { messages: [], next: (await whoIsLoggedIn())?.person ? null : answer.location ?? loginUrl };
  const { errors = [], fields = {} } = answer.form ?? {};
  const messages = [...errors, ...Object.values(fields).flatMap((field) => field.errors)];
  return { messages: messages.length ? messages : ["You are not logged in. Try again."] };
}

const paragraph = (message) => element("p", { className: "notice error errornote" }, message);

function theNextStep(location) {
  const link = element("a", { href: location, target: "_blank", rel: "noopener" }, "Finish it in a new tab");
  return element("p", { className: "notice warning" }, "The login needs another step. ", link, ", then continue here.");
}

// Resolves once the user of this page is logged in again, in any tab. Until then, `onChange` is called with "ended" if the
// login has ended, or "other" if another user is logged in.
export function backAgain(onChange) {
  return new Promise((resolve) => {
    let reported;
    const look = async () => {
      const state = await whoIsLoggedIn();
      if (!state) return undefined;
      if (state.person === person) return done();
      const now = state.person === null ? "ended" : "other";
      if (now !== reported) onChange(now);
      reported = now;
      return undefined;
    };
    const polling = setInterval(look, POLL_MS);
    const done = () => {
      clearInterval(polling);
      document.removeEventListener("login:back", done);
      resolve();
    };
    document.addEventListener("login:back", done);
    look();
  });
}
