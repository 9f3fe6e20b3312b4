// Arrow keys in the diary, moving a visit with the mouse, and the line of now, which goes on. All are optional: free
// times and *Move…* are links.

const ROW_MINUTES = 5;
const NEAR_ROWS = 2;
const EVERY_MS = 20_000;

start();
document.addEventListener("page:shown", start);

function start() {
  const diary = document.getElementById("diary");
  const form = document.getElementById("drag-form");
  if (!diary) return;
  useOneTabStop(diary);
  if (form) useTheMouse(diary, form);
  if (diary.dataset.minute) keepNow(diary);
  for (const each of document.querySelectorAll("[data-prints], .arrows")) each.hidden = false;
  if (window.matchMedia("(max-width: 640px)").matches) document.querySelector(".choices").open = false;
  if (diary.scrollWidth > diary.clientWidth) goToToday(diary);
}

function goToToday(diary) {
  const column = diary.querySelector(".dh[aria-current]")?.parentElement;
  if (column) diary.scrollLeft = column.offsetLeft - diary.querySelector(".edge").offsetWidth;
}

// Tab goes to one free time; from there, arrow keys move within a column and between columns.
function useOneTabStop(diary) {
  const stops = [...diary.querySelectorAll("a[data-time]")];
  if (!stops.length) return;
  for (const stop of stops) stop.tabIndex = -1;
  (shown(stops).find((stop) => stop.matches(".free:not(.past)")) ?? shown(stops)[0] ?? stops[0]).tabIndex = 0;

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

// A phone shows one column only.
function shown(stops) {
  return stops.filter((stop) => stop.getClientRects().length);
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
  const other = shown(columns.get(columnOf(stop) + step) ?? []);
  return other.find((each) => each.dataset.time >= stop.dataset.time) ?? other.at(-1);
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
    const place = held && event.target.closest("a[data-time]");
    if (place) event.preventDefault();
    aim(place);
  });
  diary.addEventListener("drop", (event) => {
    const time = held && event.target.closest("a[data-time]");
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

// ---- Now

// From the time on the server, so that neither the clock nor the time zone of this device matters.
function keepNow(diary) {
  const opened = Date.now();
  const first = Number(diary.dataset.minute);
  const timer = setInterval(() => {
    if (!diary.isConnected) clearInterval(timer);
    else showNow(diary, first + Math.floor((Date.now() - opened) / 60_000));
  }, EVERY_MS);
}

function showNow(diary, minute) {
  const row = Math.floor(minute / ROW_MINUTES);
  const time = Number(diary.dataset.firstHour) * 60 + minute;
  const hours = [...diary.querySelectorAll(".edge .rows > :not(.now)")];
  const isShown = minute >= 0 && row < hours.length * (60 / ROW_MINUTES);
  for (const each of diary.querySelectorAll(".edge .now, .nowline")) {
    each.hidden = !isShown;
    if (isShown) place(each, "at", row);
  }
  for (const each of diary.querySelectorAll("[data-now]")) {
    each.textContent = [time / 60, time % 60].map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
  }
  for (const each of diary.querySelectorAll(".gone-by[data-today]")) {
    each.hidden = row < 1;
    place(each, "for", Math.min(Math.max(row, 1), hours.length * (60 / ROW_MINUTES)));
  }
  for (const [hour, each] of hours.entries()) {
    each.classList.toggle("near", isShown && Math.abs(hour * (60 / ROW_MINUTES) - row) <= NEAR_ROWS);
  }
}

function place(each, where, row) {
  each.className = each.className.replace(new RegExp(`\\b${where}-\\d+`), `${where}-${row}`);
}
