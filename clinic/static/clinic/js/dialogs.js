// Dialogs over a page. They are made when they are needed: a page that needs none has none of their fields.

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

// The title has the focus at first, so that a key that was meant for a field of the page selects nothing here.
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
