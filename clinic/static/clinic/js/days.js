// Dates as the pages show them. A date comes from the server as YYYY-MM-DD, without a time zone.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_MS = 24 * 60 * 60 * 1000;

const inTime = (isoDay) => {
  const [year, month, day] = isoDay.split("-").map(Number);
  return Date.UTC(year, month - 1, day);
};

export const daysBetween = (first, last) => Math.round((inTime(last) - inTime(first)) / DAY_MS);

// The date that many days after `isoDay`: "3 Mar 2027".
export function dateAfter(isoDay, days) {
  const on = new Date(inTime(isoDay) + days * DAY_MS);
  return `${on.getUTCDate()} ${MONTHS[on.getUTCMonth()]} ${on.getUTCFullYear()}`;
}
