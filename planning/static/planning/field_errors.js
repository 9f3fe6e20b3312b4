// Messages of the server next to a field.

export const isBox = (input) => input.type === "checkbox" || input.type === "radio";

// Boxes and buttons of one question share its error.
const errorId = (input) => `${(isBox(input) && input.name) || input.id || input.name}_error`;

export function showErrors(input, messages) {
  if (!input) return;
  clearErrors(input);
  const list = document.createElement("ul");
  list.className = "errorlist";
  list.id = errorId(input);
  for (const message of messages) {
    const item = document.createElement("li");
    item.textContent = message;
    list.append(item);
  }
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", list.id);
  (input.closest(".doserow, .radios, .heads") ?? input).after(list);
}

export function clearErrors(input) {
  const same = isBox(input) ? document.querySelectorAll(`[name="${CSS.escape(input.name)}"]`) : [input];
  for (const each of same) each.removeAttribute("aria-invalid");
  document.getElementById(errorId(input))?.remove();
}
