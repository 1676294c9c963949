// Uploading: first a manifest, so that the order is fixed and a closed tab costs nothing; then one
// raw PUT per file, four at a time, tried again until it is refused for a reason.
import { count, megabytes } from "./words.js";

const AT_ONCE = 4;
const TRIES = 8;
const LONGEST_WAIT = 8000;
const KINDS = /\.(png|jpe?g|tiff?|webp)$/i;

class Refused extends Error {}

export function offerUpload() {
  const form = document.getElementById("upload");
  if (form) new Uploader(form);
}

class Uploader {
  files = [];
  failed = new Map(); // position -> the sentence that says why; may be tried again
  refused = new Map(); // position -> the sentence that says why; trying again would not help
  active = new Map(); // position -> its line in the list

  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=file]");
    this.submit = form.querySelector("button");
    this.again = document.getElementById("send-again");
    this.say = document.getElementById("selected");
    this.report = document.getElementById("sending");
    this.submit.disabled = true;
    this.input.addEventListener("change", () => this.choose([...this.input.files]));
    this.again.addEventListener("click", () => this.send());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.acceptDrops(form.querySelector(".drop"));
  }

  acceptDrops(zone) {
    const over = (event) => {
      event.preventDefault();
      zone.classList.toggle("over", event.type === "dragover");
    };
    zone.addEventListener("dragover", over);
    zone.addEventListener("dragleave", over);
    zone.addEventListener("drop", async (event) => {
      over(event);
      const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry());
      this.choose((await Promise.all(entries.map(filesBelow))).flat());
    });
  }

  choose(files) {
    const largest = Number(this.form.dataset.largest);
    const images = files.filter((file) => KINDS.test(file.name));
    this.files = images.filter((file) => file.size > 0 && file.size <= largest);
    const total = this.files.reduce((sum, file) => sum + file.size, 0);
    const notes = this.files.length ? [megabytes(total)] : [];
    this.note(notes, files.length - images.length, "not an image");
    this.note(notes, images.length - this.files.length, "empty or too large");
    this.say.textContent = `Selected: ${count(this.files.length, "image")}`;
    this.showOrder(notes.join(", "));
    this.submit.disabled = this.files.length === 0;
  }

  note(notes, skipped, why) {
    if (skipped) notes.push(`${skipped} skipped (${why})`);
  }

  showOrder(notes) {
    const natural = new Intl.Collator("en", { numeric: true });
    const names = this.files.map((file) => file.name).sort(natural.compare);
    const shown = names.length > 6 ? [...names.slice(0, 3), "…", ...names.slice(-3)] : names;
    document.getElementById("order").textContent = [notes, shown.join(" · ")]
      .filter(Boolean)
      .join(": ");
  }

  async send() {
    this.submit.disabled = true;
    this.again.hidden = true;
    this.failed.clear();
    this.refused.clear();
    this.report.hidden = false;
    this.form.dataset.sending = "";
    try {
      this.batch = await this.announce();
      await this.sendMissing();
    } catch (error) {
      this.say.textContent = error.message;
    }
    delete this.form.dataset.sending;
    this.finish();
  }

  async announce() {
    const files = this.files.map(({ name, size }) => ({ name, size }));
    return persist(() => request("POST", this.form.dataset.manifest, JSON.stringify({ files })));
  }

  async sendMissing() {
    const picked = new Map();
    for (const file of this.files) {
      const key = `${file.size}/${file.name}`;
      picked.set(key, [...(picked.get(key) ?? []), file]);
    }
    const jobs = this.batch.files
      .map((slot) => ({ ...slot, file: picked.get(`${slot.size}/${slot.name}`)?.shift() }))
      .filter((slot) => slot.state === "missing" && slot.file);
    this.sent = this.batch.files.length - jobs.length;
    this.there = this.batch.files.filter((slot) => slot.state === "already_there").length;
    this.show();
    const worker = async () => {
      for (let job = jobs.shift(); job; job = jobs.shift()) await this.sendOne(job);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  async sendOne(slot) {
    const address = `${this.form.dataset.manifest}/${encodeURIComponent(this.batch.batch_id)}/${slot.position}`;
    const bar = this.addLine(slot);
    try {
      const got = await persist(() => request("PUT", address, slot.file, (part) => (bar.value = part)));
      this.sent += 1;
      if (got?.state === "already_there") this.there += 1;
      if (this.sent % AT_ONCE === 1) window.htmx.trigger("#job", "refresh");
    } catch (error) {
      const losses = error instanceof Refused ? this.refused : this.failed;
      losses.set(slot.position, named(slot.name, error.message));
    }
    this.active.get(slot.position)?.remove();
    this.active.delete(slot.position);
    this.show();
  }

  addLine(slot) {
    const line = document.createElement("li");
    const name = document.createElement("span");
    const bar = document.createElement("progress");
    name.textContent = slot.name;
    bar.className = "thin";
    bar.value = 0;
    bar.setAttribute("aria-label", slot.name);
    line.append(name, bar);
    this.report.querySelector("ul").append(line);
    this.active.set(slot.position, line);
    return bar;
  }

  show() {
    const total = this.batch.files.length;
    this.report.querySelector("p").textContent = `${this.sent} of ${total} uploaded`;
    Object.assign(this.report.querySelector("progress"), { max: total, value: this.sent });
  }

  finish() {
    const list = this.report.querySelector("ul");
    list.replaceChildren();
    for (const why of [...this.failed.values(), ...this.refused.values()].slice(0, 20)) {
      const line = document.createElement("li");
      line.className = "bad";
      line.textContent = why;
      list.append(line);
    }
    this.again.hidden = this.failed.size === 0;
    this.again.textContent = `Retry ${this.failed.size} failed`;
    this.submit.disabled = !this.batch;
    if (this.batch && !this.failed.size) this.reset();
    this.report.hidden = !list.childElementCount;
    window.htmx.trigger("#job", "refresh");
  }

  reset() {
    this.form.reset();
    this.files = [];
    this.submit.disabled = true;
    const notes = [`Uploaded: ${count(this.sent - this.there, "image")}`];
    if (this.there) notes.push(`${this.there} already there`);
    if (this.refused.size) notes.push(`${this.refused.size} refused`);
    this.say.textContent = notes.join(", ");
    document.getElementById("order").textContent = "";
  }
}

function named(name, why) {
  return why.startsWith(name) ? why : `${name}: ${why}`;
}

async function filesBelow(entry) {
  if (!entry) return [];
  if (entry.isFile) return [await new Promise((done, fail) => entry.file(done, fail))];
  const reader = entry.createReader();
  const found = [];
  // A folder is read in portions, until an empty one.
  for (;;) {
    const portion = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!portion.length) return (await Promise.all(found.map(filesBelow))).flat();
    found.push(...portion);
  }
}

// A refusal (4xx) has a reason; anything else may pass, so it is tried again, ever later.
async function persist(attempt) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Refused || tries === TRIES) throw error;
      const wait = Math.min(LONGEST_WAIT, 250 * 2 ** tries);
      await new Promise((done) => setTimeout(done, wait * (0.5 + Math.random() / 2)));
    }
  }
}

// XMLHttpRequest, because fetch tells nothing of an upload's progress.
function request(method, address, body, onProgress) {
  return new Promise((done, fail) => {
    const call = new XMLHttpRequest();
    call.open(method, address);
    call.responseType = "json";
    call.timeout = 120_000;
    if (typeof body === "string") call.setRequestHeader("Content-Type", "application/json");
    else call.setRequestHeader("Content-Type", "application/octet-stream");
    call.upload.onprogress = (event) => onProgress?.(event.loaded / event.total);
    call.onload = () => {
      const why = call.response?.detail ?? `The server answered ${call.status}.`;
      if (call.status < 300) done(call.response);
      else if (call.status < 500 && call.status !== 429 && call.status !== 408) fail(new Refused(why));
      else fail(new Error(why));
    };
    call.onerror = call.ontimeout = () => fail(new Error("The connection was lost."));
    call.send(body);
  });
}
