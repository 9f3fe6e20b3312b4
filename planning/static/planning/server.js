// How this page speaks with the server, and says what became of it.

function token() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
}

// Who typed what stands here: nothing of it is to be stored, or shown anew, under another log-in.
const headers = () => ({
  "X-Requested-With": "fetch",
  "X-Person": document.getElementById("workbench").dataset.person,
});

// {page, words, savedAt} when it was done; else {errors, sentence, …} as the server answered, with `away` where it
// did not answer at all.
export async function post(url, data) {
  let response;
  data.delete("csrfmiddlewaretoken");
  try {
    response = await fetch(url, {
      method: "POST",
      body: data,
      headers: { ...headers(), "X-CSRFToken": token() },
      signal: AbortSignal.timeout(20000),
    });
  } catch {
    return { away: true, sentence: "the server does not answer. What you typed stays here and is tried again." };
  }
  if (response.ok) return readPage(await response.text());
  if (response.status >= 500) {
    return { away: true, sentence: "the server could not do it. What you typed stays here and is tried again." };
  }
  const answer = await response.json().catch(() => ({ sentence: "the server refused it." }));
  return { ...answer, status: response.status };
}

function readPage(text) {
  const page = new DOMParser().parseFromString(text, "text/html").getElementById("workbench");
  if (!page) return { sentence: "this session is no longer open. Reload the page.", status: 409 };
  return { page, words: page.dataset.words, savedAt: page.dataset.savedAt };
}

// {text}, or {sentence} where it cannot be had.
export async function get(url) {
  try {
    const response = await fetch(url, { headers: headers(), signal: AbortSignal.timeout(20000) });
    if (response.ok) return { text: await response.text() };
    return await response.json();
  } catch {
    return { sentence: "the server does not answer. Try again in a moment." };
  }
}

export async function fresh() {
  const answer = await get(window.location.pathname);
  return answer.text ? readPage(answer.text) : {};
}

export function status(sentence, kind = "good") {
  const place = document.getElementById("save-status");
  place.textContent = sentence;
  place.closest(".savebar").classList.toggle("bad", kind === "bad");
}

export function announce(sentence, ...more) {
  document.getElementById("announce").replaceChildren(sentence, ...more);
}
