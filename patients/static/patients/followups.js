// The keys 1 to 5 book one of the free times, only while the focus is in a follow-up's opened row or on its Book link.

const TEXT_FIELD = "input:not([type=radio]), textarea, select, [contenteditable]";

document.addEventListener("keydown", (event) => {
  if (!/^[1-5]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.matches(TEXT_FIELD)) return;
  openedFrom(event.target)?.querySelectorAll("button[name=take]")[Number(event.key) - 1]?.click();
});

function openedFrom(element) {
  const tools = element.getAttribute("aria-controls");
  return element.closest(".calling") ?? (tools && document.getElementById(tools));
}
