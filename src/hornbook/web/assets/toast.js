// What was done lies over the screen for ten seconds, with the way back; a pointer or the focus
// on it stops the clock. What was not done stays until it is dismissed.
const LASTS = 10_000;

export function showToasts() {
  arm();
  document.addEventListener("htmx:after:swap", arm);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) clearToast();
  });
}

export function toast(tone, said, undo = "") {
  const template = document.querySelector(`template[data-told=${tone}]`);
  const notice = template.content.firstElementChild.cloneNode(true);
  notice.querySelector("span").textContent = said;
  const form = notice.querySelector("form");
  if (undo) form.action = undo;
  else form?.remove();
  document.getElementById("flash").replaceChildren(notice);
  arm();
}

// A flash as the server renders it.
export function showFlash(flash) {
  document.getElementById("flash").replaceWith(flash);
  arm();
}

export function clearToast() {
  document.getElementById("flash").replaceChildren();
}

function arm() {
  for (const notice of document.querySelectorAll("[data-toast]:not([data-armed], .bad)")) {
    notice.dataset.armed = "";
    countDown(notice);
  }
}

function countDown(notice) {
  let left = LASTS;
  let since = 0;
  let timer = 0;
  const go = () => {
    since = performance.now();
    timer = setTimeout(() => notice.remove(), left);
  };
  const pause = () => {
    if (!timer) return;
    clearTimeout(timer);
    timer = 0;
    left -= performance.now() - since;
  };
  const resume = () => {
    if (!timer && !notice.matches(":hover, :focus-within")) go();
  };
  for (const event of ["pointerenter", "focusin"]) notice.addEventListener(event, pause);
  for (const event of ["pointerleave", "focusout"]) notice.addEventListener(event, () => setTimeout(resume));
  go();
}
