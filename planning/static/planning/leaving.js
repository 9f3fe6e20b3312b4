// Links that leave a page with entries that save themselves: what was typed is saved first.

import { flush, letGo, sayNotYet } from "./saving.js";
import { statusForNow } from "./server.js";
import { allAdded } from "./waiting.js";

document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-after-saving], [data-lets-go]");
  if (!link) return;
  event.preventDefault();
  statusForNow("Saving …");
  await allAdded();
  if ("letsGo" in link.dataset) await letGo();
  if (await flush()) window.location.assign(link.href);
  else sayNotYet();
});
