// Copies a record as plain text; if the browser does not allow it, the link opens the text.

function start() {
  for (const link of document.querySelectorAll("[data-copies]")) {
    link.addEventListener("click", async (event) => {
      if (!navigator.clipboard) return;
      event.preventDefault();
      try {
        const response = await fetch(link.href, { headers: { "X-Requested-With": "fetch" } });
        if (!response.ok) throw new Error("refused");
        await navigator.clipboard.writeText(await response.text());
        document.getElementById("copied").textContent = "Copied.";
      } catch {
        window.location.assign(link.href);
      }
    });
  }
}

start();
document.addEventListener("page:shown", start);
