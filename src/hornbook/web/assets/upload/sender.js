// Sends files: first a manifest, so that the order is fixed and a closed tab costs nothing; then one
// raw PUT per file, four at a time, each tried again until it is refused for a reason.
import { text } from "../texts.js";
import { backOff, Line } from "./line.js";
import { request, Unanswered } from "./request.js";

const AT_ONCE = 4;
const TRIES = 6;
const LONGEST_WAIT = 5_000;
const KEPT = { page: "sent", received: "sent", already_there: "there", refused: "refused" };

// A file on its way. `state` is waiting, sending, sent, there (the book has it already), failed (may
// be tried again), refused (trying again would not help) or left (not sent, by the user's wish).
export class Parcel {
  state = "waiting";
  why = "";
  loaded = 0;
  tries = 0;
  notBefore = 0;

  constructor({ file, path }) {
    this.file = file;
    this.path = path;
  }
}

export class Sender {
  line = new Line();
  queue = [];
  stopping = new AbortController();
  sleepers = new Set();

  constructor(address, onArrival) {
    this.address = address;
    this.onArrival = onArrival;
  }

  // Ends when none of the parcels waits any more. Throws Unanswered when they could not be announced.
  async send(parcels) {
    const goOn = () => {
      this.line.answered(); // as good as: the time offline does not count
      this.wake();
    };
    window.addEventListener("online", goOn);
    try {
      await this.announce(parcels);
      await Promise.all(Array.from({ length: AT_ONCE }, () => this.work()));
    } finally {
      window.removeEventListener("online", goOn);
    }
  }

  stop() {
    this.stopping.abort();
    this.hold("left", "");
    this.wake();
  }

  get isStopped() {
    return this.stopping.signal.aborted;
  }

  async announce(parcels) {
    const files = parcels.map(({ file, path }) => ({ name: path, size: file.size }));
    const batch = await this.persist(() => this.call("POST", this.address, JSON.stringify({ files })));
    const slots = new Map(batch.files.map((slot) => [slot.position, slot]));
    batch.positions.forEach((position, index) => {
      const [slot, parcel] = [slots.get(position), parcels[index]];
      parcel.address = `${this.address}/${encodeURIComponent(batch.batch_id)}/${position}`;
      parcel.state = KEPT[slot.state] ?? "waiting";
      parcel.why = slot.error ?? "";
      parcel.position = position;
    });
    this.queue = parcels.filter(({ state }) => state === "waiting");
    this.queue.sort((one, other) => one.position - other.position);
  }

  // The manifest is tried again for the same reasons as a file.
  async persist(attempt) {
    for (let tries = 1; ; tries += 1) {
      await this.nap(this.line.pause);
      try {
        return await attempt();
      } catch (error) {
        const isOver = error.isAway ? this.line.isHopeless : !error.isFault || tries === TRIES;
        if (isOver || this.isStopped) throw error;
        if (error.isFault) await this.nap(backOff(tries, LONGEST_WAIT));
      }
    }
  }

  async work() {
    for (let parcel = await this.next(); parcel; parcel = await this.next()) await this.attempt(parcel);
  }

  // The first parcel whose time has come; nothing when none is left.
  async next() {
    while (this.queue.length && !this.isStopped) {
      const now = performance.now();
      const ready = this.queue.findIndex(({ notBefore }) => notBefore <= now);
      if (ready >= 0 && !this.line.pause) return this.queue.splice(ready, 1)[0];
      const due = Math.min(...this.queue.map(({ notBefore }) => notBefore)) - now;
      await this.nap(Math.max(due, this.line.pause));
    }
    return null;
  }

  async attempt(parcel) {
    parcel.state = "sending";
    parcel.loaded = 0;
    try {
      const onProgress = (loaded) => (parcel.loaded = loaded);
      const got = await this.call("PUT", parcel.address, parcel.file, onProgress);
      parcel.state = KEPT[got.state] ?? "sent";
      parcel.why = got.error ?? "";
      this.onArrival();
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      await this.judge(parcel, error);
    }
  }

  async judge(parcel, error) {
    parcel.why = error.message;
    parcel.loaded = 0;
    const isGone = error.status === 0 && !(await isReadable(parcel.file));
    if (this.isStopped) {
      parcel.state = "left";
    } else if (isGone) {
      parcel.state = "refused";
      parcel.why = text("changed");
    } else if (error.isAway && !this.line.isHopeless) {
      this.comeBack(parcel, 0);
    } else if (error.isFault && (parcel.tries += 1) < TRIES) {
      this.comeBack(parcel, backOff(parcel.tries, LONGEST_WAIT));
    } else {
      parcel.state = error.isAway || error.isFault || error.isHindrance ? "failed" : "refused";
      if (error.isAway || error.isShutOut) this.hold("failed", error.message);
    }
  }

  // At the end of the queue: a file that fails again and again must not hold up the others.
  comeBack(parcel, wait) {
    parcel.state = "waiting";
    parcel.notBefore = performance.now() + wait;
    this.queue.push(parcel);
  }

  hold(state, why) {
    for (const parcel of this.queue.splice(0)) Object.assign(parcel, { state, why });
  }

  async call(method, address, body, onProgress) {
    const { signal } = this.stopping;
    try {
      const got = await request(method, address, body, { signal, onProgress });
      this.line.answered();
      return got;
    } catch (error) {
      if (error.isAway) this.line.noAnswer(error.wait);
      else this.line.answered();
      throw error;
    }
  }

  nap(milliseconds) {
    if (milliseconds <= 0 || this.isStopped) return Promise.resolve();
    return new Promise((done) => {
      const wake = () => {
        this.sleepers.delete(wake);
        done();
      };
      this.sleepers.add(wake);
      if (milliseconds < Infinity) setTimeout(wake, milliseconds);
    });
  }

  wake() {
    for (const wake of this.sleepers) wake();
  }
}

// A file that was changed, moved or deleted since it was picked cannot be sent, however often.
async function isReadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
