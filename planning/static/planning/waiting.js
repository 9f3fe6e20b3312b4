// What was sent to be added and is not answered yet: one after the other, each shown at once with its text. A rejected
// text returns to the quick box if that is empty; otherwise it stays in the list, so that neither text is lost.

let queue = Promise.resolve();
let running = 0;

export function inOrder(work) {
  running += 1;
  queue = queue.then(work).catch((error) => ({ message: `Not added: ${error.message}` })).finally(() => { running -= 1; });
  return queue;
}

export const allAdded = () => queue;

const box = () => document.getElementById("quick-box");
const list = () => document.getElementById("quick-waiting");

window.addEventListener("beforeunload", (event) => {
  if (running || list()?.childElementCount) event.preventDefault();
});

export function showWaiting(text) {
  const item = document.createElement("p");
  item.className = "waitingentry";
  item.setAttribute("aria-busy", "true");
  item.textContent = `${text} · adding …`;
  list().append(item);
  return {
    done: () => item.remove(),
    giveBack: (message) => giveBack(item, text, message),
  };
}

function giveBack(item, text, message) {
  if (!box().value) {
    item.remove();
    box().value = text;
    return;
  }
  const again = document.createElement("button");
  again.type = "button";
  again.className = "btn btn-link";
  again.textContent = "Type it again";
  again.addEventListener("click", () => {
    item.remove();
    box().value = text;
    box().focus();
    box().select();
  });
  item.removeAttribute("aria-busy");
  item.replaceChildren(`Not added: ${text}. ${message} `, again);
}
