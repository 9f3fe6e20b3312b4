// The pages of the course: the day that a number comes to, and back; and one press for what was asked and is absent.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY = 24 * 60 * 60 * 1000;

const inTime = (isoDay) => {
  const [year, month, day] = isoDay.split("-").map(Number);
  return Date.UTC(year, month - 1, day);
};

function inWords(givenOn, number, date) {
  if (date) return `day ${Math.round((inTime(date) - givenOn) / DAY)}`;
  if (!/^[0-9]{1,4}$/.test(number)) return "";
  const on = new Date(givenOn + Number(number) * DAY);
  return `${on.getUTCDate()} ${MONTHS[on.getUTCMonth()]} ${on.getUTCFullYear()}`;
}

function start() {
  for (const form of document.querySelectorAll("form[data-given-on]")) {
    const givenOn = inTime(form.dataset.givenOn);
    for (const pair of form.querySelectorAll("[data-day-pair]")) {
      const [number, date] = pair.querySelectorAll("input");
      const show = () => {
        const words = inWords(givenOn, number.value.trim(), date.value);
        pair.querySelector("output").textContent = words && `= ${words}`;
      };
      pair.addEventListener("input", show);
      show();
    }
  }

  const button = document.querySelector("[data-others-absent]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => {
      for (const symptom of document.querySelectorAll("[data-symptom]")) {
        if (symptom.querySelector("input[value='']:checked")) symptom.querySelector("input[value='absent']").checked = true;
      }
    });
  }
}

start();
document.addEventListener("page:shown", start);
