// The server writes times as everybody can read them, in UTC; here they become the reader's own, in
// the words of their language: <time datetime="…" data-local="text">, or "title" to add it only there.
export function tellLocalTimes(within = document) {
  for (const time of within.querySelectorAll("time[data-local]")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    time.title = written(moment, { dateStyle: "full", timeStyle: "medium" });
    if (time.dataset.local === "text") {
      time.textContent = written(moment, { dateStyle: "medium", timeStyle: "short" });
    }
  }
}

export function keepLocalTimes() {
  tellLocalTimes();
  document.addEventListener("htmx:after:swap", () => tellLocalTimes());
}

function written(moment, style) {
  return new Intl.DateTimeFormat(document.documentElement.lang, style).format(moment);
}
