// A pressed button may vanish with its row's state: the focus goes to the row, then to the row's
// new action as soon as there is one; to a neighbour when the row itself has left the list; and
// never to <body>.
export function keepFocus() {
  let place = null;
  document.addEventListener("htmx:before:swap", () => {
    const home = document.activeElement?.closest("[data-home]");
    if (home) place = { id: home.id, ...neighbours(home), isWaiting: home === document.activeElement };
    else if (document.activeElement !== document.body) place = null;
  });
  document.addEventListener("htmx:after:swap", () => {
    if (!place) return;
    const home = document.getElementById(place.id);
    const isLost = document.activeElement === document.body;
    const isWaiting = place.isWaiting && document.activeElement === home;
    if (!isLost && !isWaiting) return;
    const action = home?.querySelector(".act a, .act button");
    const next = home ?? document.getElementById(place.after) ?? document.getElementById(place.before);
    (action ?? next ?? document.querySelector("[data-home]"))?.focus({ preventScroll: true });
  });
}

function neighbours(row) {
  return { after: row.nextElementSibling?.id, before: row.previousElementSibling?.id };
}
