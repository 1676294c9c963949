// What is typed is kept: in this browser at once, at the server a second later. Whoever typed other
// words meanwhile, here or elsewhere, is shown beside; nothing is overwritten without a choice.
import { text } from "../texts.js";

const PAUSE = 1000;
const TRY_AGAIN = 4000;

export class Draft {
  constructor(review) {
    this.form = review.querySelector("#text-form");
    this.field = review.querySelector("textarea");
    this.state = review.querySelector("#draft-state");
    this.discard = review.querySelector("#discard");
    this.panel = review.querySelector("#conflict");
    this.address = review.dataset.drafts;
    this.kept = this.field.value;
    this.busy = Promise.resolve();
    this.choices = 0;
    const user = document.querySelector(".who span")?.textContent;
    this.memory = `hornbook-draft ${user} ${this.address}`;
    this.field.addEventListener("input", () => this.typed());
    this.panel.addEventListener("click", (event) => this.choose(event));
    if (this.isAsking) this.holdOut();
    else this.restore();
  }

  // A form without a script takes a second press for a choice. Here the choice is made in the panel,
  // and until then the words are kept as what they are: typed over something older.
  holdOut() {
    this.goBackTo(this.panel.dataset);
    this.holdHere();
    this.save();
  }

  goBackTo({ revision, stamp }) {
    this.form.elements.revision.value = revision;
    this.form.elements.stamp.value = stamp;
  }

  get isAsking() {
    return !this.panel.hidden;
  }

  get isTyped() {
    return this.field.value !== this.kept;
  }

  // What the form would send, for the button `done`.
  fields(done) {
    const fields = new URLSearchParams(new FormData(this.form));
    fields.set("do", done);
    return fields;
  }

  typed() {
    this.isOver = false;
    this.holdHere();
    this.say("saving");
    this.later(PAUSE);
  }

  later(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  // One at a time, so that each knows the stamp of the one before.
  save({ keepalive = false } = {}) {
    clearTimeout(this.timer);
    this.busy = this.busy.then(() => this.send(keepalive));
    return this.busy;
  }

  async send(keepalive) {
    if (this.isOver) return;
    const { choices } = this;
    const sent = this.field.value;
    this.say("saving");
    try {
      const response = await fetch(this.address, {
        method: "PUT",
        body: this.fields("draft"),
        headers: { accept: "application/json" },
        keepalive,
      });
      const reply = await response.json();
      if (!response.ok) throw new Error(reply.detail);
      this.answered(sent, reply, choices === this.choices);
    } catch {
      this.say("keptHere");
      this.later(TRY_AGAIN);
    }
  }

  // A reply to what was sent before the choice asks for it once more: `isCurrent` tells them apart.
  answered(sent, { stamp, conflict }, isCurrent) {
    if (stamp !== undefined) {
      this.form.elements.stamp.value = stamp;
      this.kept = sent;
      if (this.field.value === sent) this.letGo();
      this.say(stamp ? "draftSaved" : "saved");
      this.discard.hidden = !stamp;
    }
    if (conflict && isCurrent) this.ask(conflict);
  }

  ask({ sentence, text: other, revision, stamp }) {
    const { elements } = this.form;
    elements.other_revision.value = revision;
    elements.other_stamp.value = stamp;
    this.panel.querySelector("[data-sentence]").textContent = sentence;
    this.panel.querySelector("[data-text]").textContent = other;
    if (this.panel.hidden) this.panel.hidden = false;
    this.panel.scrollIntoView({ block: "nearest" });
    this.say("");
  }

  choose(event) {
    const choice = event.target.closest("[data-choice]")?.dataset.choice;
    if (!choice) return;
    event.preventDefault();
    this.choices += 1;
    const { other_revision: revision, other_stamp: stamp } = this.form.elements;
    this.goBackTo({ revision: revision.value, stamp: stamp.value });
    if (choice === "other") this.field.value = this.panel.querySelector("[data-text]").textContent;
    this.panel.hidden = true;
    this.isOver = false;
    this.holdHere();
    this.field.focus();
    this.save();
  }

  // Leaving the page: what was typed in the last second goes out now.
  leave() {
    clearTimeout(this.timer);
    if (this.isTyped && !this.isOver && !this.isAsking) this.save({ keepalive: true });
  }

  // What is done next leaves the text alone: it stays a draft.
  async flush() {
    if (this.isTyped && !this.isAsking) await this.save();
  }

  // A decision takes the text along: the draft is not sent any more.
  async stop() {
    clearTimeout(this.timer);
    this.isOver = true;
    await this.busy;
  }

  resume() {
    this.isOver = false;
    if (this.isTyped) this.typed();
  }

  restore() {
    const found = JSON.parse(localStorage.getItem(this.memory) ?? "null");
    if (!found || this.field.readOnly) return;
    if (found.text === this.field.value) return this.letGo();
    this.field.value = found.text;
    this.goBackTo(found);
    this.save();
  }

  holdHere() {
    const { revision, stamp } = this.form.elements;
    const held = { text: this.field.value, revision: revision.value, stamp: stamp.value };
    localStorage.setItem(this.memory, JSON.stringify(held));
  }

  letGo() {
    localStorage.removeItem(this.memory);
  }

  say(name) {
    const words = name && text(name);
    if (this.state.textContent !== words) this.state.textContent = words;
    this.state.classList.toggle("is-lost", name === "keptHere");
  }
}
