// Review at speed: the next page is shown before the server has answered; when it refuses, the page
// comes back with what was typed.
import { areOn } from "../shortcuts.js";
import { text } from "../texts.js";
import { tellLocalTimes } from "../times.js";
import { clearToast, showFlash, toast } from "../toast.js";
import { forget, forgetAll, load, prefetch, take } from "./deck.js";
import { Draft } from "./draft.js";
import { Dropped, inLine, post } from "./line.js";
import { offerZoom } from "./picture.js";
import { offerWords } from "./words.js";

const LOOK_AGAIN = 2000;
const DECISIONS = new Set(["approve", "reject"]);
const TEXTS = new Set(["save", "mine"]);

let now; // the page that is shown
let turns = 0; // how often another page was shown or asked for: only the latest wish counts
let known = null; // how far the review is, and what can be undone, after the last answer

export function offerReview() {
  const element = document.getElementById("review");
  if (!element) return;
  now = { element, title: document.title, address: location.pathname + location.search };
  settle();
  document.addEventListener("click", follow);
  document.addEventListener("submit", submit);
  document.addEventListener("keydown", keys);
  addEventListener("popstate", () => go(location.pathname + location.search, { isNew: false }));
  addEventListener("pagehide", () => now.draft?.leave());
  addEventListener("online", () => now.draft?.isTyped && now.draft.save());
}

// A page that has just come into view, for the first time or again.
function settle() {
  const { element } = now;
  if (!now.picture) {
    now.picture = offerZoom(element);
    if (element.querySelector("#text-form")) now.draft = new Draft(element);
    offerWords(element, now.picture);
  }
  dress(element);
  tellLocalTimes(element);
  prefetch(element.dataset.after)?.catch(() => {});
  prefetchTwo(element.dataset.due);
  if ("growing" in element.dataset) setTimeout(lookAgain, LOOK_AGAIN, now);
}

async function prefetchTwo(address) {
  const shown = now;
  const next = await prefetch(address)?.catch(() => null);
  if (next && now === shown) prefetch(next.element.dataset.due)?.catch(() => {});
}

function show(page, { isNew = true, isQuiet = false } = {}) {
  turns += 1;
  const isLost = !isQuiet || now.element.contains(document.activeElement);
  now.draft?.leave();
  now.element.replaceWith(page.element);
  now = page;
  document.title = page.title;
  if (isNew && page.address !== location.pathname + location.search) history.pushState(null, "", page.address);
  settle();
  if (isLost) page.element.querySelector("h1").focus({ preventScroll: true });
  if (!isQuiet) scrollTo(0, 0);
}

async function go(address, options) {
  turns += 1;
  const turn = turns;
  try {
    const page = await take(address);
    if (turn === turns) show(page, options);
  } catch (error) {
    toast("bad", text("notLoaded", { why: error.message }));
  }
}

// The page was prefetched, and has changed since.
async function refresh(page) {
  const fresh = await load(page.address).catch(() => null);
  const isTouched = page.isDeciding || page.draft?.isTyped || page.draft?.isAsking;
  if (fresh && now === page && !isTouched) show(fresh, { isNew: false, isQuiet: true });
}

async function lookAgain(page) {
  if (now !== page) return;
  const fresh = await load(page.address).catch(() => null);
  if (now !== page) return;
  const isSame = fresh?.element.dataset.version === page.element.dataset.version;
  const isBusy = page.element.querySelector("input:focus, input[type=file]:valid"); // a file is chosen
  if (!fresh || isBusy || (isSame && fresh.address === page.address)) setTimeout(lookAgain, LOOK_AGAIN, page);
  else show(fresh, { isNew: false, isQuiet: true });
}

// Links between pages.
function follow(event) {
  const link = event.target.closest("#review a[rel], #review .chips a, #review .done a.button");
  const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.button;
  if (!link?.href || !isPlain || !new URL(link.href).pathname.endsWith("/review")) return;
  event.preventDefault();
  clearToast();
  go(new URL(link.href).pathname + new URL(link.href).search);
}

function submit(event) {
  const { target, submitter } = event;
  const done = target.id === "reject" ? "reject" : submitter?.value;
  if (target.matches("form") && new URL(target.action).pathname.endsWith("/undo")) {
    event.preventDefault();
    undo(target.getAttribute("action"));
  } else if (target.id === "text-form" || target.id === "reject" || target.id === "read-again") {
    event.preventDefault();
    if (DECISIONS.has(done)) decide(done);
    else send(target, submitter);
  }
}

function keys(event) {
  if (event.target !== now.draft?.field || event.isComposing) return;
  if (event.key === "Escape") now.element.querySelector("h1").focus({ preventScroll: true });
  else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && areOn()) {
    event.preventDefault();
    decide("approve");
  }
}

// Approve or reject, and go on at once.
async function decide(done) {
  const page = now;
  const { draft, element } = page;
  if (draft.isAsking || page.isDeciding) return askFirst(page);
  page.isDeciding = true;
  const body = draft.fields(done);
  const answer = inLine(async () => {
    if (done === "reject") await draft.flush();
    await draft.stop();
    return post(draft.form.getAttribute("action"), body, text("noAnswer"));
  });
  const isOver = answer.then((reply) => decided(page, reply), (error) => comeBack(page, error));
  const next = element.dataset.due && (await take(element.dataset.due).catch(() => null));
  if (next && now === page && page.isDeciding !== "refused") show(next);
  await isOver;
}

function askFirst({ draft }) {
  if (!draft.isAsking) return;
  draft.panel.focus();
  toast("bad", text("choose"));
}

function decided(page, reply) {
  page.isDeciding = false;
  page.draft.letGo();
  page.draft.kept = page.draft.field.value;
  forget(page.address);
  known = reply;
  dress(now.element);
  if (reply.said) toast("good", reply.said, reply.undo);
  if (now === page) {
    forget(reply.next);
    return go(reply.next);
  }
  if (now.address === reply.next && Number(now.element.dataset.version) !== reply.version) refresh(now);
}

// The first page that was refused is shown again, as it was left.
function comeBack(page, error) {
  page.isDeciding = "refused";
  if (error instanceof Dropped) {
    page.draft.resume();
    page.isDeciding = false;
    return;
  }
  forgetAll();
  if (now !== page) show(page);
  page.isDeciding = false;
  page.draft.resume();
  if (error.reply?.conflict) page.draft.ask(error.reply.conflict);
  const sorry = text("notDecided", { number: page.element.dataset.number, why: error.message });
  toast("bad", error.also ? `${sorry} ${text("alsoLost", { num: error.also })}` : sorry);
}

async function undo(address) {
  const queue = new URL(location.href).searchParams.get("queue");
  const to = new URL(address, location.href);
  if (queue) to.searchParams.set("queue", queue);
  try {
    const reply = await inLine(() => post(to.href, new URLSearchParams(), text("noAnswer")));
    forgetAll();
    known = { ...known, undo: reply.undo, undoWords: reply.undo_words };
    if (!reply.to.endsWith("/review") && !reply.to.includes("/review?")) return location.assign(reply.to);
    const page = await load(reply.to);
    known = null; // the page was rendered after the undo
    show(page);
    toast("good", reply.said);
  } catch (error) {
    if (!(error instanceof Dropped)) toast("bad", error.message);
  }
}

// Any other button: the answer is the page itself.
async function send(form, submitter) {
  const { draft } = now;
  const body = draft.fields(draft.isAsking && submitter?.value === "save" ? "mine" : submitter?.value);
  const action = submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  const takesText = TEXTS.has(submitter?.value) || submitter?.id === "discard";
  if (!takesText) await draft.flush();
  await draft.stop();
  if (!draft.isAsking) body.set("stamp", draft.form.elements.stamp.value);
  try {
    const page = await load(action, { method: "POST", body });
    if (takesText || !draft.isTyped) draft.letGo();
    forgetAll();
    known = null;
    show(page);
    showFlash(page.flash);
  } catch (error) {
    draft.resume();
    toast("bad", error.message === "Failed to fetch" ? text("noAnswer") : error.message);
  }
}

// A page that was prefetched says what was true then: bring it up to date.
function dress(element) {
  if (!known) return;
  const bar = element.querySelector(".meter progress");
  if (bar && known.total) {
    bar.value = known.approved;
    bar.max = known.total;
    element.querySelector("#approved")?.replaceChildren(text("progress", known));
  }
  for (const count of element.querySelectorAll("[data-count]")) {
    count.textContent = known.counts?.[count.dataset.count] ?? count.textContent;
  }
  const form = element.querySelector("form.undo");
  if (form && known.undo !== undefined) {
    form.hidden = !known.undo;
    form.action = known.undo;
    form.querySelector("button").title = known.said ?? known.undoWords ?? "";
  }
}
