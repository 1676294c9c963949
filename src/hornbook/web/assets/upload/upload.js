// The form that files are picked in, and what it turns into while they are sent.
import { lookNow } from "../live.js";
import { text } from "../texts.js";
import { Choice, noun } from "./choice.js";
import { acceptDrops, offerFolder, pickedIn } from "./picking.js";
import { Report } from "./report.js";
import { Parcel, Sender } from "./sender.js";

export function offerUpload() {
  const form = document.getElementById("upload");
  if (form) new Upload(form);
}

class Upload {
  choice = null;
  parcels = [];
  sender = null;

  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=file]");
    this.submit = document.getElementById("send");
    this.selected = document.getElementById("selected");
    this.panel = document.getElementById("sending");
    this.again = document.getElementById("send-again");
    this.cancel = document.getElementById("send-no-more");
    this.report = new Report(this.panel);
    this.submit.disabled = true;
    this.listen();
  }

  listen() {
    const choose = (picked) => this.choose(picked);
    this.input.addEventListener("change", () => choose(pickedIn(this.input)));
    offerFolder(document.getElementById("pick-folder"), choose);
    acceptDrops(this.form.querySelector(".drop"), choose);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.choice?.picked.length) this.send(this.choice.picked.map((one) => new Parcel(one)));
    });
    this.again.addEventListener("click", () => this.sendAgain());
    this.cancel.addEventListener("click", () => this.sender?.stop());
    window.addEventListener("beforeunload", (event) => {
      if (this.sender) event.preventDefault();
    });
  }

  choose(picked) {
    if (this.sender || !picked.length) return;
    this.choice = new Choice(picked, this.form);
    const num = this.choice.picked.length;
    this.say(text(noun("selected", this.choice.picked), { num }));
    this.tell(this.choice.summary, this.choice.order);
    this.submit.disabled = num === 0;
    this.form.toggleAttribute("data-holding", num > 0);
  }

  async sendAgain() {
    const failed = this.parcels.filter(({ state }) => state === "failed");
    for (const parcel of failed) Object.assign(parcel, { state: "waiting", why: "", tries: 0, notBefore: 0 });
    await this.send(this.parcels, failed);
  }

  async send(parcels, due = parcels) {
    this.parcels = parcels;
    this.sender = new Sender(this.form.dataset.manifest, () => this.showFirst());
    this.begin();
    try {
      await this.sender.send(due);
    } catch (error) {
      for (const parcel of due) parcel.state = "left";
      this.problem = this.sender.isStopped ? "" : error.message;
    }
    this.finish();
  }

  begin() {
    this.problem = "";
    this.isShowing = false;
    this.form.hidden = true;
    this.form.dataset.sending = this.form.dataset.holding = "";
    this.again.hidden = true;
    this.cancel.hidden = false;
    this.report.begin(this.parcels, this.sender.line);
    this.panel.focus();
  }

  finish() {
    const hadFocus = this.panel.contains(document.activeElement) || document.activeElement === document.body;
    const { isStopped } = this.sender;
    this.sender = null;
    this.report.end();
    this.form.hidden = false;
    this.cancel.hidden = true;
    delete this.form.dataset.sending;
    if (isStopped || this.problem) this.keepRest();
    else this.conclude();
    if (hadFocus) (this.again.hidden ? this.selected : this.again).focus();
    lookNow();
  }

  // Stopped half-way, or not even begun: what was not sent stays selected, to be sent by one press.
  keepRest() {
    const rest = this.parcels.filter(({ state }) => state === "left" || state === "failed");
    this.choose(rest);
    const sent = this.parcels.length - rest.length;
    this.say(this.problem || text("stopped", { sent, total: this.parcels.length, left: rest.length }));
  }

  conclude() {
    const count = (...states) => this.parcels.filter(({ state }) => states.includes(state)).length;
    const failed = count("failed");
    const parts = [text(noun("uploaded", this.parcels), { num: count("sent") })];
    for (const [name, num] of [["there", count("there")], ["failed", failed], ["refused", count("refused")]]) {
      if (num) parts.push(text(name, { num }));
    }
    this.form.reset();
    this.choice = null;
    this.submit.disabled = true;
    this.say(parts.join(", "));
    this.tell("", "");
    this.again.hidden = !failed;
    this.again.textContent = text("retry", { num: failed });
    this.form.toggleAttribute("data-holding", failed > 0);
  }

  say(words) {
    this.selected.textContent = words;
  }

  tell(summary, order) {
    document.getElementById("sum").textContent = summary;
    document.getElementById("order").textContent = order;
  }

  // The first page shows at once; those after it come with the poll, every few seconds.
  showFirst() {
    if (!this.isShowing) lookNow();
    this.isShowing = true;
  }
}
