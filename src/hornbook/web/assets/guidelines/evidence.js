// The words of the page behind a statement, shown beside the text. Without this file a page mark
// leads to a screen of its own, from which the panel is filled here.
const BESIDE = "(min-width: 1180px)"; // as in css/reader.css
const MARGIN = 1.08; // round the quoted words, when they fill the frame

export function offerEvidence() {
  const panel = document.getElementById("evidence");
  if (panel) new Evidence(panel).listen();
}

class Evidence {
  constructor(aside) {
    this.aside = aside;
    this.panel = aside.querySelector("[data-panel]");
    this.slot = aside.querySelector("[data-slot]");
    this.title = aside.querySelector("h2");
    this.marks = [...document.querySelectorAll("a[data-source]")];
    this.at = -1;
  }

  listen() {
    document.addEventListener("click", (event) => {
      const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
      const mark = event.target.closest("a[data-source]");
      if (!mark || !isPlain) return;
      event.preventDefault();
      this.show(this.marks.indexOf(mark));
      this.title.focus({ preventScroll: true });
    });
    this.aside.addEventListener("click", (event) => this.press(event.target.closest("button")));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.at >= 0 && !document.querySelector("dialog[open]")) this.close();
    });
    matchMedia(BESIDE).addEventListener("change", () => this.cover());
  }

  press(button) {
    if (!button || button.ariaDisabled === "true") return;
    if (button.dataset.step) this.show(this.at + Number(button.dataset.step));
    if ("close" in button.dataset) this.close();
    if ("whole" in button.dataset) this.fit(button);
  }

  async show(at) {
    const mark = this.marks[at];
    if (!mark) return;
    this.open(at);
    this.point(at);
    this.waiting?.abort();
    this.waiting = new AbortController();
    try {
      const reply = await fetch(`${mark.href}&part=panel`, { signal: this.waiting.signal });
      if (!reply.ok || reply.redirected) throw new Error(reply.statusText);
      this.fill(await reply.text());
    } catch (error) {
      if (error.name !== "AbortError") location.assign(mark.href);
    }
  }

  // Say which statement it is, in the text and in the panel.
  point(at) {
    for (const other of this.marks) other.removeAttribute("aria-current");
    const [mark, where] = [this.marks[at], this.aside.querySelector("[data-where]")];
    mark.setAttribute("aria-current", "true");
    mark.closest("li").scrollIntoView({ block: "nearest" });
    where.textContent = where.dataset.pattern.replace("{at}", at + 1).replace("{all}", this.marks.length);
    for (const button of this.aside.querySelectorAll("[data-step]")) {
      // Not `disabled`, which would drop the focus.
      button.ariaDisabled = this.marks[at + Number(button.dataset.step)] ? null : "true";
    }
  }

  fill(html) {
    this.slot.innerHTML = html;
    this.leaf = this.slot.querySelector(".leaf");
    this.enlarge();
  }

  // As large as the quoted words allow, in the middle of the frame.
  enlarge() {
    const [page, boxes] = [this.leaf?.querySelector("svg.page"), this.quoted()];
    if (!page || !boxes.length) return;
    const width = page.viewBox.baseVal.width;
    const [left, right] = [Math.min(...boxes.map((box) => box.x)), Math.max(...boxes.map((box) => box.x + box.width))];
    const top = Math.min(...boxes.map((box) => box.y));
    const wanted = (this.leaf.clientWidth * width) / ((right - left) * MARGIN);
    const shown = Math.max(this.leaf.clientWidth, Math.min(width, wanted));
    page.style.width = `${shown}px`;
    const scale = shown / width;
    this.leaf.scrollTo({
      left: ((left + right) / 2) * scale - this.leaf.clientWidth / 2,
      top: top * scale - this.leaf.clientHeight / 3,
    });
  }

  fit(button) {
    const isWhole = button.ariaPressed !== "true";
    button.ariaPressed = String(isWhole);
    if (!isWhole) return this.enlarge();
    const { width, height } = this.leaf.querySelector("svg.page").viewBox.baseVal;
    const most = Math.min(this.leaf.clientWidth, (this.leaf.clientHeight * width) / height);
    this.leaf.querySelector("svg.page").style.width = `${most}px`;
  }

  quoted() {
    return [...this.leaf.querySelectorAll("rect")].map((rect) => rect.getBBox());
  }

  // Shown for a statement; for none (-1) put away.
  open(at) {
    this.at = at;
    this.panel.hidden = at < 0;
    this.aside.querySelector("[data-idle]").hidden = at >= 0;
    this.aside.classList.toggle("is-open", at >= 0);
    this.cover();
    if (at >= 0) this.aside.scrollIntoView({ block: "nearest" });
  }

  // Where the panel lies over the text, nothing behind it can be reached.
  cover() {
    const isOver = this.at >= 0 && !matchMedia(BESIDE).matches;
    for (const other of document.querySelectorAll(".reader > :not(.evidence)")) other.inert = isOver;
  }

  close() {
    const mark = this.marks[this.at];
    mark.removeAttribute("aria-current");
    this.waiting?.abort();
    this.open(-1);
    this.slot.replaceChildren();
    mark.focus({ preventScroll: true });
  }
}
