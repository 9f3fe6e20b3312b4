// Shows unsaved text that was typed for another product as read-only text. It stays until something is saved in its
// place or the user dismisses it.

const shown = new Map();

export function keepTyped(id, text) {
  const dismiss = document.createElement("button");
  dismiss.type = "button";
  dismiss.className = "btn btn-link";
  dismiss.textContent = "Dismiss";
  const words = document.createElement("span");
  words.className = "conflict";
  words.append(`${text} `, dismiss);
  dismiss.addEventListener("click", () => {
    shown.set(id, shown.get(id).filter((each) => each !== words));
    words.remove();
    (firstFieldOf(document.getElementById(id)) ?? document.getElementById("save-status")).focus();
  });
  shown.set(id, [...(shown.get(id) ?? []), words]);
}

const firstFieldOf = (entry) => entry?.querySelector("input.dose, input:not([type=hidden])");

// Next to its fields, or above the page if the fields are gone.
export function showTyped() {
  for (const [id, texts] of shown) {
    const itsOwn = document.getElementById(id)?.querySelector("[data-status]");
    const place = itsOwn ?? document.getElementById("typed-before");
    for (const words of texts) {
      if (words.parentElement !== place) place.append(words);
    }
  }
}

export function forgetTyped(id) {
  for (const words of shown.get(id) ?? []) words.remove();
  shown.delete(id);
}
