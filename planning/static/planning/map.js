// The neck map is one Tab stop: the arrow keys, Home and End go through its regions, from left to right in each view. The
// key m goes to the region that had the focus last.

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
let map = null;
let current = null;

const nameOf = (region) => `${region.dataset.muscle} ${region.dataset.side}`;

function middle(region) {
  const box = region.getBoundingClientRect();
  return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
}

function regions() {
  return [...map.querySelectorAll("svg")].flatMap((view) =>
    [...view.querySelectorAll("g[data-muscle]")]
      .map((region) => ({ region, ...middle(region) }))
      .sort((one, other) => one.x - other.x || one.y - other.y)
      .map(({ region }) => region));
}

// Again after the server's copy was merged into the page.
function setStop() {
  const all = regions();
  const stop = all.find((region) => nameOf(region) === current) ?? all[0];
  for (const region of all) {
    const isStop = region === stop;
    const tabindex = isStop ? "0" : "-1";
    if (region.getAttribute("tabindex") !== tabindex) region.setAttribute("tabindex", tabindex);
    if (!isStop) delete region.dataset.key;
    else if (!region.dataset.key) Object.assign(region.dataset, { key: "m", keyName: "The neck map" });
  }
}

function goTo(region) {
  current = nameOf(region);
  setStop();
  region.focus();
}

const isRegion = (element) => map !== null && element.matches?.("g[data-muscle]") && map.contains(element);

document.addEventListener("focusin", ({ target }) => {
  if (!isRegion(target) || nameOf(target) === current) return;
  current = nameOf(target);
  setStop();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !isRegion(event.target)) return;
  const all = regions();
  const next = { Home: all[0], End: all.at(-1) }[event.key] ?? all[all.indexOf(event.target) + STEPS[event.key]];
  if (!next && !(event.key in STEPS)) return;
  event.preventDefault();
  if (next) goTo(next);
});

function start() {
  map = document.getElementById("part-map");
  if (!map) return;
  setStop();
  // Once it is open: its regions have no place before.
  map.closest("[popover]")?.addEventListener("toggle", setStop);
  new MutationObserver(setStop).observe(map, { childList: true, subtree: true, attributeFilter: ["tabindex"] });
}

start();
document.addEventListener("page:shown", start);
