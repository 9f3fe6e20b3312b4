// Shows the day that a number of weeks comes to, counted from the day of the injections.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const form = document.getElementById("sign-form");
const weeks = form.querySelector("[name=weeks]");
const due = document.getElementById("due");

function show() {
  const typed = weeks.value.trim();
  if (!/^[0-9]{1,3}$/.test(typed) || Number(typed) === 0) {
    due.textContent = "";
    return;
  }
  const [year, month, day] = form.dataset.givenOn.split("-").map(Number);
  const on = new Date(Date.UTC(year, month - 1, day + 7 * Number(typed)));
  due.textContent = `= ${on.getUTCDate()} ${MONTHS[on.getUTCMonth()]} ${on.getUTCFullYear()}`;
}

// An amendment does not ask when the patient should be seen again.
if (weeks) {
  weeks.addEventListener("input", show);
  show();
}
