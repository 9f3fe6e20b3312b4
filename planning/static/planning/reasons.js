// The list of reasons why something is not given today: a number chooses the reason with that number, only while the
// list is open. Opening the list never chooses anything.

const isPlain = (event) => !(event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing);

document.addEventListener("keydown", (event) => {
  const list = event.target.closest?.("[data-reasons]");
  if (!list || !isPlain(event) || !/^[1-9]$/.test(event.key)) return;
  if (document.documentElement.dataset.keys === "off") return;
  const choice = list.querySelectorAll("[data-choice]")[Number(event.key) - 1];
  if (!choice) return;
  event.preventDefault();
  choice.click();
});
