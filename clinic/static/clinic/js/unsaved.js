// Protects text typed into a form: leaving the page asks first. The form is sent by this script, so that it stays on
// the page until the server has accepted it. The session page saves by itself; see planning's saving.js.

import { element, fieldsOf, isChanged, placeToBegin, showBusy, showDone } from "./elements.js";
import { extend, headers, logInAgain, loginUrl, OTHER, person, renewTokens, watchTheLogin } from "./login.js";

const WAIT_MS = 60000;
const LEAVE = "This page contains text that is not saved. Leave it and lose that text?";
const DISCARD = "Another form on this page contains text that is not saved. Continue and lose that text?";
const AWAY = "The server is not responding. Your text is still here. Try again in a moment.";
const FAILED = "Something went wrong on the server. Your text is still here. Try again in a moment.";
const ENDED = "Your login has ended. Your text is still here. Log in to save it.";

let leaving = false;

// The forms of Django's admin site load their scripts with the page; only the browser itself can show its responses.
const isOurPage = document.getElementById("main") !== null;

const isGuarded = (form) => form.matches("main form[method=post]:not([role=search])") && !form.closest("#workbench");
const guarded = () => [...document.querySelectorAll("form")].filter(isGuarded);

function isUnsaved(form) {
  // The checkboxes in a list of the admin site are not text.
  if (form.id === "changelist-form") return false;
  const fields = fieldsOf(form).filter((field) => !["hidden", "password"].includes(field.type));
  if (fields.some(isChanged) || form.dataset.unsaved) return true;
  // A rejected form is shown again with the typed text.
  return form.querySelector(".errorlist, .has-error, [aria-invalid=true], .errornote") !== null
    && fields.some((field) => field.matches("input:not([type=checkbox], [type=radio]), textarea") && field.value);
}

watchTheLogin();
mark();
for (const change of ["htmx:afterSettle", "page:shown"]) document.addEventListener(change, mark);

function mark() {
  for (const form of guarded()) form.dataset.guarded = "yes";
}

window.addEventListener("beforeunload", (event) => {
  if (!leaving && guarded().some(isUnsaved)) event.preventDefault();
});
window.addEventListener("pageshow", () => {
  leaving = false;
  for (const form of guarded()) delete form.dataset.sending;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const lost = guarded().filter((form) => event.detail.target.contains(form) && isUnsaved(form));
  if (lost.length && !window.confirm(LEAVE)) event.preventDefault();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !isGuarded(form) || form.dataset.asked) return;
  event.preventDefault();
  if (form.dataset.sending) return;
  if (guarded().some((other) => other !== form && isUnsaved(other)) && !window.confirm(DISCARD)) return;
  form.dataset.sending = "yes";
  const pressed = event.submitter ?? form;
  showBusy(pressed);
  const sent = isOurPage ? send(form, event.submitter) : askThenSubmit(form, event.submitter);
  sent.catch(() => say(form, FAILED)).finally(() => {
    if (leaving) return;
    delete form.dataset.sending;
    showDone(pressed);
  });
});

async function send(form, submitter) {
  const url = submitter?.hasAttribute("formaction") ? submitter.formAction : actionOf(form);
  const data = new FormData(form, submitter);
  data.delete("csrfmiddlewaretoken");
  const typed = fieldsOf(form).filter((field) => isChanged(field) || form.dataset.unsaved);
  say(form);
  let response;
  do {
    response = await post(url, data);
    if (!response) return say(form, AWAY);
  } while (response.status === 401 && (await isBack(form, response)));
  return take(form, response, typed);
}

// A field may be named *action* too.
const actionOf = (form) => new URL(form.getAttribute("action") ?? "", window.location.href).href;

async function post(url, body) {
  try {
    return await fetch(url, { method: "POST", body, headers: headers("form"), signal: AbortSignal.timeout(WAIT_MS) });
  } catch {
    return null;
  }
}

// Whether the same user is logged in again, so that the form can be sent again.
async function isBack(form, response) {
  const { message, login } = await response.clone().json();
  if (login !== loginUrl) {
    say(form, `${message} `, element("a", { href: login, target: "_blank", rel: "noopener" }, "Do it in a new tab"));
    return false;
  }
  const outcome = await logInAgain();
  if (outcome === "other") sayOther(form);
  else if (outcome !== "back") say(form, ENDED);
  return outcome === "back";
}

async function take(form, response, typed) {
  const location = response.headers.get("X-Location");
  if (location) return leaveFor(location);
  if (response.status === 401) return undefined;
  if (response.headers.get("Content-Disposition")?.startsWith("attachment")) return download(response);
  if (response.headers.get("Content-Type")?.startsWith("application/json")) {
    const { message, login } = await response.json();
    return login ? sayOther(form) : say(form, message);
  }
  if (response.status >= 500) return say(form, FAILED);
  const answer = new DOMParser().parseFromString(await response.text(), "text/html");
  if (![200, 409, 422].includes(response.status)) {
    const messages = answer.querySelectorAll("main h1, main section > p:first-of-type");
    return say(form, [...messages].map((each) => each.textContent.trim()).join(": ") || FAILED);
  }
  const action = form.getAttribute("action");
  const values = new Map(typed.map((field) => [field.name, field.value]));
  showPage(answer);
  for (const again of guarded().filter((each) => each.getAttribute("action") === action)) {
    const isThere = (field) => field.value && field.type !== "hidden" && values.get(field.name) === field.value;
    if (fieldsOf(again).some(isThere)) again.dataset.unsaved = "yes";
  }
  return undefined;
}

function leaveFor(location) {
  leaving = true;
  const target = new URL(location, window.location.href);
  const isHere = target.pathname === window.location.pathname && target.search === window.location.search;
  if (!isHere || !target.hash) return window.location.assign(target);
  // A link to a part of the same page would not reload it.
  window.history.replaceState(null, "", target);
  return window.location.reload();
}

async function download(response) {
  const [, name] = response.headers.get("Content-Disposition").match(/filename="?([^";]+)/) ?? [];
  const url = URL.createObjectURL(await response.blob());
  element("a", { href: url, download: name ?? "" }).click();
  URL.revokeObjectURL(url);
}

// Check the login first; then the browser sends the form as usual.
async function askThenSubmit(form, submitter) {
  say(form);
  let state = await extend();
  if (state?.person === null) {
    const outcome = await logInAgain();
    if (!outcome) return say(form, ENDED);
    state = await extend();
  }
  if (!state) return say(form, AWAY);
  if (state.person !== person) return sayOther(form);
  renewTokens(form);
  leaving = true;
  form.dataset.asked = "yes";
  form.requestSubmit(submitter);
  delete form.dataset.asked;
  // A response that is a file does not replace the page.
  setTimeout(() => {
    leaving = false;
    delete form.dataset.sending;
  }, WAIT_MS);
  return undefined;
}

function sayOther(form) {
  const { logoutUrl } = document.querySelector("meta[name=collum-login]").dataset;
  const link = element("a", { href: logoutUrl, target: "_blank", rel: "noopener" }, "Log out in a new tab");
  say(form, `${OTHER} `, link, ", then send it again.");
}

// Shows the result next to the form's buttons; an empty message removes it. The focus does not move.
function say(form, ...messages) {
  for (const old of document.querySelectorAll("[data-not-saved]")) old.remove();
  if (!messages.length) return;
  const notice = element("p", { className: "notice error errornote", role: "alert" }, ...messages);
  notice.dataset.notSaved = "";
  const actions = form.querySelector(":scope .formactions, :scope .submit-row");
  // Dragging a visit sends a hidden form.
  if (!form.checkVisibility()) document.querySelector("main").prepend(notice);
  else if (actions) actions.before(notice);
  else form.append(notice);
}

// Shows the page with which the server responded to a form, as if the browser had loaded it.

const SCRIPTS_AND_STYLES = "script[type=module][src], link[rel=stylesheet]";
const addressOf = (each) => each.getAttribute("src") ?? each.getAttribute("href");

export function showPage(answer) {
  bringScriptsAndStyles(answer);
  for (const each of answer.querySelectorAll("noscript")) each.remove();
  document.title = answer.title;
  for (const { name, value } of answer.body.attributes) document.body.setAttribute(name, value);
  // An open dialog belongs to the login, not to the page.
  const dialogs = document.querySelectorAll("dialog.over");
  document.body.replaceChildren(...answer.body.childNodes, ...dialogs);
  window.htmx?.process(document.body);
  window.scrollTo(0, 0);
  (placeToBegin() ?? document.querySelector("[autofocus]"))?.focus();
  document.dispatchEvent(new Event("page:shown"));
}

// Scripts that are already loaded stay, and are notified of the new page.
function bringScriptsAndStyles(answer) {
  const present = new Set([...document.querySelectorAll(SCRIPTS_AND_STYLES)].map(addressOf));
  for (const each of answer.head.querySelectorAll(SCRIPTS_AND_STYLES)) {
    if (present.has(addressOf(each))) continue;
    const copy = document.createElement(each.localName);
    for (const { name, value } of each.attributes) copy.setAttribute(name, value);
    document.head.append(copy);
  }
}
