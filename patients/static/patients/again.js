// Shows the day that a number of weeks comes to, counted from the day that the question names.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function show(question) {
  const typed = question.querySelector("[name$=weeks]").value.trim();
  const due = question.querySelector("output");
  if (!/^[0-9]{1,3}$/.test(typed) || Number(typed) === 0) {
    due.textContent = "";
    return;
  }
  const [year, month, day] = question.dataset.countedFrom.split("-").map(Number);
  const on = new Date(Date.UTC(year, month - 1, day + 7 * Number(typed)));
  due.textContent = `= ${on.getUTCDate()} ${MONTHS[on.getUTCMonth()]} ${on.getUTCFullYear()}`;
}

function start() {
  for (const question of document.querySelectorAll("fieldset.again")) {
    question.addEventListener("input", () => show(question));
    show(question);
  }
}

start();
document.addEventListener("page:shown", start);
