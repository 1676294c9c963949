// A desktop notification when a job ends that nobody is looking at; for whoever asked for it.
export function offerNotices() {
  const root = document.documentElement;
  if (!("Notification" in window)) return;
  // The button is in every running card; the style sheet shows it only where it is of use.
  const offer = () => root.classList.toggle("may-notify", Notification.permission !== "denied");
  offer();
  document.addEventListener("click", async (event) => {
    if (!event.target.closest("#notify")) return;
    const answer = await Notification.requestPermission();
    offer();
    if (answer !== "granted") return;
    root.dataset.notifications = "on";
    await fetch("/settings", {
      method: "POST",
      headers: { "HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded" },
      body: "notifications=on",
    });
  });
  tellEndings();
}

function tellEndings() {
  let wasActive = isActive();
  document.addEventListener("htmx:after:swap", () => {
    const hasEnded = wasActive && !isActive();
    wasActive = isActive();
    const isWanted = document.hidden && document.documentElement.dataset.notifications === "on";
    // The tab gets its new title right after this event.
    if (hasEnded && isWanted) queueMicrotask(tell);
  });
}

function isActive() {
  return document.querySelector("[data-live]")?.dataset.live === "active";
}

function tell() {
  const { say } = document.querySelector("[data-say]").dataset;
  try {
    // The tag makes one notification of those of several tabs.
    const notice = new Notification(document.title, { body: say, tag: location.pathname });
    notice.onclick = () => window.focus();
  } catch {
    // Phones want a service worker for this; there the title has to do.
  }
}
