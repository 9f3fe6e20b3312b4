// Minutes that the server wrote go on while the page is open, by the time since it was loaded: the clock of the device
// may differ.

const MINUTE_MS = 60_000;
let shown = performance.now();
document.addEventListener("page:shown", () => (shown = performance.now()));

function durationInWords(minutes) {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (!hours) return `${rest} min`;
  return rest ? `${hours} h ${rest} min` : `${hours} h`;
}

function goOn() {
  const since = Math.floor((performance.now() - shown) / MINUTE_MS);
  for (const each of document.querySelectorAll("[data-minutes]")) {
    each.textContent = durationInWords(Number(each.dataset.minutes) + since);
  }
}

setInterval(goOn, MINUTE_MS / 6);
