// What is shown while files are sent and when they were: the whole in one line, and of the files only
// those that are on their way or failed, so that thousands cost no more than a dozen.
import { text } from "../texts.js";
import { megabytes, span } from "../words.js";
import { Pace } from "./pace.js";

const REDRAW = 250;
const MOST_LINES = 12;
const SPEAK_AT_MOST = 10_000;
const BY_STATE = ["sending", "waiting", "failed", "refused"];

export class Report {
  lines = new Map(); // parcel -> its line in the list

  constructor(panel) {
    this.panel = panel;
    this.headline = panel.querySelector("[data-part=headline]");
    this.note = panel.querySelector("[data-part=note]");
    this.voice = panel.querySelector("[data-part=voice]");
    this.bar = panel.querySelector("progress");
    this.list = panel.querySelector("ul");
    this.more = panel.querySelector("[data-part=more]");
  }

  begin(parcels, line) {
    Object.assign(this, { parcels, line, pace: new Pace(), isOver: false, spoken: { quarter: 0, failed: 0, at: 0 } });
    this.panel.hidden = false;
    this.draw();
    this.timer = setInterval(() => this.draw(), REDRAW);
  }

  // The losses stay in the list; without any there is nothing left to show.
  end() {
    clearInterval(this.timer);
    this.isOver = true;
    this.draw();
    this.voice.textContent = "";
    this.note.hidden = true;
    this.panel.hidden = !this.lines.size;
  }

  draw() {
    const { total, arrived, bytes, of } = this.sums();
    this.pace.add(bytes);
    const seconds = this.isOver ? null : this.pace.secondsFor(of - bytes);
    const parts = [text("sent", { sent: arrived, total }), text("bytes", { sent: megabytes(bytes), total: megabytes(of) })];
    if (seconds !== null && !this.line.isLost) parts.push(text("timeLeft", { time: span(seconds) }));
    write(this.headline, parts.join(" · "));
    this.bar.max = of || 1;
    this.bar.value = bytes;
    this.note.hidden = !this.line.isLost;
    write(this.note.lastElementChild, text(this.line.isOffline ? "offline" : "lost"));
    this.drawLines();
    this.speak(arrived, total);
  }

  sums() {
    const sums = { total: this.parcels.length, arrived: 0, bytes: 0, of: 0 };
    for (const { file, state, loaded } of this.parcels) {
      const isThere = state === "sent" || state === "there";
      sums.arrived += isThere ? 1 : 0;
      sums.of += file.size;
      sums.bytes += isThere ? file.size : Math.min(loaded, file.size);
    }
    return sums;
  }

  // Only what has begun: most of those that wait have not been tried yet.
  drawLines() {
    const shown = this.parcels.filter(
      ({ state, why }) => BY_STATE.includes(state) && (state !== "waiting" || why),
    );
    shown.sort((one, other) => BY_STATE.indexOf(one.state) - BY_STATE.indexOf(other.state));
    const wanted = new Set(shown.slice(0, MOST_LINES));
    for (const [parcel, line] of this.lines) {
      if (wanted.has(parcel) && line.dataset.state === lookOf(parcel)) continue;
      line.remove();
      this.lines.delete(parcel);
    }
    let before = null;
    for (const parcel of wanted) {
      const line = this.lineOf(parcel);
      const place = before ? before.nextElementSibling : this.list.firstElementChild;
      if (line !== place) this.list.insertBefore(line, place);
      before = line;
    }
    this.more.hidden = shown.length <= MOST_LINES;
    write(this.more, text("more", { num: shown.length - MOST_LINES }));
  }

  lineOf(parcel) {
    const line = this.lines.get(parcel) ?? this.newLine(parcel);
    const bar = line.querySelector("progress");
    if (bar) bar.value = parcel.file.size ? parcel.loaded / parcel.file.size : 0;
    const why = line.querySelector("[data-part=why]");
    if (why) write(why, withoutName(parcel));
    return line;
  }

  newLine(parcel) {
    const look = lookOf(parcel);
    const template = this.panel.querySelector(`template[data-line=${look}]`);
    const line = template.content.firstElementChild.cloneNode(true);
    line.dataset.state = look;
    line.querySelector("[data-part=name]").textContent = parcel.file.name;
    line.querySelector("progress")?.setAttribute("aria-label", parcel.file.name);
    this.lines.set(parcel, line);
    return line;
  }

  // Quarters and new failures, and nothing more often than every ten seconds.
  speak(arrived, total) {
    const failed = this.parcels.filter(({ state }) => state === "failed" || state === "refused").length;
    const quarter = Math.floor((4 * arrived) / (total || 1));
    const isNews = quarter > this.spoken.quarter || failed > this.spoken.failed;
    const now = performance.now();
    if (!isNews || now - this.spoken.at < SPEAK_AT_MOST) return;
    this.spoken = { quarter, failed, at: now };
    const parts = [text("sent", { sent: arrived, total })];
    if (failed) parts.push(text("failed", { num: failed }));
    write(this.voice, parts.join(", "));
  }
}

function lookOf({ state }) {
  return { sending: "sending", waiting: "waiting" }[state] ?? "lost";
}

// The server's sentences begin with the file's name, which stands there already.
function withoutName({ file, why }) {
  const rest = why.startsWith(file.name) ? why.slice(file.name.length).replace(/^:? /, "") : why;
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
