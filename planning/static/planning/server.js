// Sends the page's requests to the server and returns the result.

import { headers, logInAgain, loginUrl } from "../clinic/js/login.js";

// {page, announcement, savedAt} if it succeeded; otherwise {errors, message, …} from the server. `away` means that the
// server did not respond, `login` that the login has ended or is another user's. An action selected by the user waits
// until they are logged in again; automatic saving (`bySelf`) does not open a dialog while the user types.
export async function post(url, data, { bySelf = false } = {}) {
  const answer = await postOnce(url, data);
  const isEnded = answer.status === 401 && answer.login === loginUrl;
  return isEnded && !bySelf && (await logInAgain()) === "back" ? postOnce(url, data) : answer;
}

async function postOnce(url, data) {
  let response;
  data.delete("csrfmiddlewaretoken");
  try {
    response = await fetch(url, {
      method: "POST",
      body: data,
      headers: headers("fetch"),
      signal: AbortSignal.timeout(20000),
    });
  } catch {
    return { away: true, message: "the server is not responding. Your text stays here, and saving is tried again." };
  }
  if (response.ok) return readPage(await response.text());
  if (response.status >= 500) {
    return { away: true, message: "the server had an error. Your text stays here, and saving is tried again." };
  }
  const answer = await response.json().catch(() => ({ message: "the server rejected the request." }));
  return { ...answer, status: response.status };
}

function readPage(text) {
  const page = new DOMParser().parseFromString(text, "text/html").getElementById("workbench");
  if (!page) return { message: "this page can no longer be changed. Reload it.", status: 409 };
  return { page, announcement: page.dataset.announcement, savedAt: page.dataset.savedAt };
}

// {text}, or {message} if it is not available.
export async function get(url) {
  try {
    const response = await fetch(url, { headers: headers("fetch"), signal: AbortSignal.timeout(20000) });
    if (response.ok) return { text: await response.text() };
    return await response.json();
  } catch {
    return { message: "the server is not responding. Try again in a moment." };
  }
}

export async function fresh() {
  const answer = await get(window.location.pathname);
  return answer.text ? readPage(answer.text) : {};
}

export function status(message, kind = "good") {
  const place = document.getElementById("save-status");
  place.textContent = message;
  place.closest(".savebar").classList.toggle("bad", kind === "bad");
}

// Received, and not answered yet.
export function statusForNow(message) {
  if (!document.querySelector("#savebar.bad")) status(message);
}

// A message about a failure stays until something is saved.
export function statusWhileTyping() {
  if (!document.querySelector("#savebar.bad")) status("Unsaved changes.");
}

export function announce(message, ...more) {
  document.getElementById("announce").replaceChildren(message, ...more);
}
