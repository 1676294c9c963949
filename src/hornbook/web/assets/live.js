// A screen with a [data-live] element keeps itself current: htmx polls, this file sees to how often,
// and to what is said when no answer comes.
import { followIcon } from "./favicon.js";
import { keepFocus } from "./focus.js";
import { offerNotices } from "./notices.js";
import { text } from "./texts.js";
import { keepTicking } from "./ticking.js";
import { toast } from "./toast.js";

const IDLE_POLL = 15_000;
const ACTIVE_POLL = 3_000;
const HIDDEN_LONG = 300_000;
const SPEAK_AT_MOST = 10_000;
const NOT_READY = [502, 503, 504];

export function followJob() {
  const poller = document.querySelector("[data-live]");
  if (!poller) return;
  keepTicking();
  thinOutPolls(poller.id);
  warnWhenOffline(poller.id);
  keepFocus();
  speakProgress();
  followIcon();
  offerNotices();
}

// Every 3 s while a job runs or the connection is lost; every 15 s when nothing happens, or nobody
// has looked for five minutes; at once when somebody looks again.
function thinOutPolls(pollerId) {
  let lastPoll = 0;
  let hiddenSince = document.hidden ? performance.now() : null;
  document.addEventListener("visibilitychange", () => {
    hiddenSince = document.hidden ? performance.now() : null;
    if (!document.hidden && performance.now() - lastPoll > ACTIVE_POLL) lookNow();
  });
  document.addEventListener("htmx:config:request", (event) => {
    const { sourceElement, sourceEvent } = event.detail.ctx;
    if (sourceElement.id !== pollerId) return;
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

export function lookNow() {
  document.body.dispatchEvent(new CustomEvent("refresh"));
}

// A poll that fails says so until one succeeds; an action that fails says that it was not done.
function warnWhenOffline(pollerId) {
  const banner = document.getElementById("offline");
  const isPoll = (event) => event.detail.ctx?.sourceElement?.id === pollerId;
  const warn = (why) => {
    document.getElementById("offline-why").textContent = text(why);
    banner.hidden = false;
  };
  document.addEventListener("htmx:error", (event) => {
    if (isPoll(event)) warn("unreachable");
    else if (event.detail.ctx?.sourceElement.matches("form")) toast("bad", text("notDoneNoAnswer"));
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
    if (!isPoll(event)) {
      if (status >= 400) toast("bad", text("notDone", { status }));
    } else if (status >= 400) {
      warn(NOT_READY.includes(status) ? "restarting" : "failing");
    } else if (!banner.hidden) {
      banner.hidden = true;
    }
  });
}

// Screen readers hear quarters, failures and endings, and nothing more often than every ten seconds.
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
