// The book screen keeps itself current: htmx polls, this file looks after what polling disturbs.
import { duration } from "./words.js";

const IDLE_POLL = 15_000;
const HIDDEN_LONG = 300_000;
const SPEAK_AT_MOST = 10_000;

export function followJob() {
  const poller = document.querySelector("[data-live]");
  if (!poller) return;
  tickElapsed();
  thinOutPolls();
  warnWhenOffline(poller.id);
  keepFocus();
  speakProgress();
}

// Elapsed time needs no request: count on from what the server said, by this browser's own clock.
function tickElapsed() {
  const anchors = new WeakMap();
  const tick = () => {
    for (const clock of document.querySelectorAll("[data-elapsed]")) {
      let anchor = anchors.get(clock);
      if (anchor?.said !== clock.dataset.elapsed) {
        anchor = { said: clock.dataset.elapsed, at: performance.now() };
        anchors.set(clock, anchor);
      }
      const text = duration(Number(anchor.said) + (performance.now() - anchor.at) / 1000);
      if (clock.textContent !== text) clock.textContent = text;
    }
  };
  setInterval(tick, 1000);
}

// Every 3 s while a job runs or the connection is lost; every 15 s when nothing happens, or nobody
// has looked for five minutes.
function thinOutPolls() {
  let lastPoll = 0;
  let hiddenSince = null;
  document.addEventListener("visibilitychange", () => {
    hiddenSince = document.hidden ? performance.now() : null;
  });
  document.addEventListener("htmx:config:request", (event) => {
    const { sourceElement, sourceEvent } = event.detail.ctx;
    if (!sourceElement.matches("[data-live]")) return;
    const now = performance.now();
    const unseen = hiddenSince !== null && now - hiddenSince > HIDDEN_LONG;
    const idle = sourceElement.dataset.live !== "active" && !document.querySelector("[data-sending]");
    const lost = !document.getElementById("offline").hidden;
    if (sourceEvent?.type === "every" && ((idle && !lost) || unseen) && now - lastPoll < IDLE_POLL) {
      event.preventDefault();
    } else {
      lastPoll = now;
    }
  });
}

// A poll that fails says so until one succeeds; an action that fails says that it was not done.
function warnWhenOffline(pollerId) {
  const banner = document.getElementById("offline");
  const isPoll = (event) => event.detail.ctx?.sourceElement?.id === pollerId;
  document.addEventListener("htmx:error", (event) => {
    if (isPoll(event)) banner.hidden = false;
    else if (event.detail.ctx?.sourceElement.matches("form")) sayNotDone("no answer came");
  });
  document.addEventListener("htmx:before:response", (event) => {
    const { raw, status } = event.detail.ctx.response;
    // Led to the login, or refused for want of one: the session is over. Not found: the book is.
    if (raw.redirected || status === 401 || (status === 404 && isPoll(event))) {
      event.preventDefault();
      // Files picked or being sent would be forgotten; the uploader says what to do instead.
      if (!document.querySelector("[data-holding]")) location.reload();
    }
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { status } = event.detail.ctx.response;
    if (isPoll(event)) banner.hidden = status < 400;
    else if (status >= 400) sayNotDone(`the server answered ${status}`);
  });
}

function sayNotDone(why) {
  const notice = document.createElement("p");
  notice.className = "notice bad";
  notice.setAttribute("role", "alert");
  notice.textContent = `That was not done: ${why}. Try again.`;
  document.getElementById("flash").replaceChildren(notice);
}

// A pressed button may vanish with its row's state: hand the focus to the row, never to <body>.
function keepFocus() {
  let home = null;
  document.addEventListener("htmx:before:swap", () => {
    home = document.activeElement?.closest("[data-home]")?.id ?? null;
  });
  document.addEventListener("htmx:after:swap", () => {
    if (!home || document.activeElement !== document.body) return;
    const row = document.getElementById(home);
    (row?.querySelector("a[href], button:not([disabled])") ?? row)?.focus({ preventScroll: true });
  });
}

// Screen readers hear quarters and endings, and nothing more often than every ten seconds.
function speakProgress() {
  const voice = document.getElementById("voice");
  let said = null;
  let last = -SPEAK_AT_MOST;
  const consider = () => {
    const sentence = document.querySelector("[data-say]")?.dataset.say;
    if (!sentence || sentence === said || performance.now() - last < SPEAK_AT_MOST) return;
    if (said !== null) voice.textContent = sentence;
    said = sentence;
    last = performance.now();
  };
  consider();
  document.addEventListener("htmx:after:swap", consider);
}
