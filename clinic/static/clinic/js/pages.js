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
  (document.querySelector("[data-focus-here]") ?? document.querySelector("[autofocus]"))?.focus();
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
