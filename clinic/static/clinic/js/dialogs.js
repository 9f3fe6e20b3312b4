// Dialogs. They are created when needed, so that a page without dialogs does not contain their fields.

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export function button(label, className, onClick) {
  const made = element("button", { type: "button", className }, label);
  made.addEventListener("click", onClick);
  return made;
}

let number = 0;

// The title has the focus first, so that a key meant for a field of the page does not select anything here.
export function openDialog(title, children) {
  const heading = element("h2", { id: `over-title-${(number += 1)}`, tabIndex: -1, autofocus: true }, title);
  const dialog = element("dialog", { className: "over" }, heading, ...children);
  dialog.setAttribute("aria-labelledby", heading.id);
  const { activeElement } = document;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (activeElement?.isConnected) activeElement.focus({ preventScroll: true });
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
