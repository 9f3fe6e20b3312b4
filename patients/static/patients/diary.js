// Arrow keys in the diary, and moving a visit with the mouse. Both are optional: free times and *Move…* are links.

start();
document.addEventListener("page:shown", start);

function start() {
  const diary = document.getElementById("diary");
  const form = document.getElementById("drag-form");
  if (!diary) return;
  useOneTabStop(diary);
  if (form) useTheMouse(diary, form);
}

// Tab goes to one free time; from there, arrow keys move within a column and between columns.
function useOneTabStop(diary) {
  const stops = [...diary.querySelectorAll("a[data-time]")];
  if (!stops.length) return;
  for (const stop of stops) stop.tabIndex = -1;
  (stops.find((stop) => stop.closest(".free:not(.past)")) ?? stops[0]).tabIndex = 0;

  const columns = byColumn(stops);
  diary.addEventListener("keydown", (event) => {
    const stop = event.target.closest("a[data-time]");
    if (!stop) return;
    const next = neighbour(columns, stop, event.key);
    if (!next) return;
    event.preventDefault();
    stop.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}

function columnOf(stop) {
  return Number(stop.dataset.column);
}

function byColumn(stops) {
  const columns = new Map();
  for (const stop of stops) columns.set(columnOf(stop), [...(columns.get(columnOf(stop)) ?? []), stop]);
  return columns;
}

function neighbour(columns, stop, key) {
  const own = columns.get(columnOf(stop));
  const place = own.indexOf(stop);
  if (key === "ArrowDown") return own[place + 1];
  if (key === "ArrowUp") return own[place - 1];
  if (key === "Home") return own[0];
  if (key === "End") return own.at(-1);
  if (key !== "ArrowLeft" && key !== "ArrowRight") return null;
  const step = key === "ArrowRight" ? 1 : -1;
  const other = columns.get(columnOf(stop) + step);
  return other?.find((each) => each.dataset.time >= stop.dataset.time) ?? other?.at(-1);
}

function useTheMouse(diary, form) {
  let held = null;
  diary.addEventListener("dragstart", (event) => {
    held = event.target.closest?.("[data-moves-to]");
    if (!held) return;
    held.classList.add("dragging");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", ""); // Firefox does not start dragging without it; the data stays in this page
  });
  diary.addEventListener("dragend", () => {
    held?.classList.remove("dragging");
    aim(null);
    held = null;
  });
  diary.addEventListener("dragover", (event) => {
    const place = held && event.target.closest("td.free, td.closed");
    if (place) event.preventDefault();
    aim(place);
  });
  diary.addEventListener("drop", (event) => {
    const time = held && event.target.closest("td.free, td.closed")?.querySelector("a[data-time]");
    if (!time) return;
    event.preventDefault();
    move(form, held, time);
  });

  function aim(place) {
    for (const each of diary.querySelectorAll(".aimed")) each.classList.remove("aimed");
    place?.classList.add("aimed");
  }
}

function move(form, visit, time) {
  form.action = visit.dataset.movesTo;
  form.addEventListener("formdata", ({formData}) => {
    formData.set("patient_seen", visit.dataset.patient);
    for (const name of ["version", "minutes"]) formData.set(name, visit.dataset[name]);
    for (const name of ["clinician", "day", "time"]) formData.set(name, time.dataset[name]);
  }, {once: true});
  form.requestSubmit();
}
