// Shows unsaved text that was typed for another product as read-only text. It stays until something is saved in its
// place or the user dismisses it.

const shown = new Map();

export function keepTyped(id, text) {
  const dismiss = document.createElement("button");
  dismiss.type = "button";
  dismiss.className = "btn btn-link";
  dismiss.textContent = "Dismiss";
  const line = document.createElement("span");
  line.className = "conflict";
  line.append(`${text} `, dismiss);
  dismiss.addEventListener("click", () => {
    shown.set(id, shown.get(id).filter((each) => each !== line));
    line.remove();
    (firstFieldOf(document.getElementById(id)) ?? document.getElementById("save-status")).focus();
  });
  shown.set(id, [...(shown.get(id) ?? []), line]);
}

const firstFieldOf = (entry) => entry?.querySelector("input.dose, input:not([type=hidden])");

// Next to its fields, or above the page if the fields are gone.
export function showTyped() {
  for (const [id, texts] of shown) {
    const itsOwn = document.getElementById(id)?.querySelector("[data-status]");
    const place = itsOwn ?? document.getElementById("typed-before");
    for (const line of texts) {
      if (line.parentElement !== place) place.append(line);
    }
  }
}

export function forgetTyped(id) {
  for (const line of shown.get(id) ?? []) line.remove();
  shown.delete(id);
}
