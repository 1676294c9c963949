// The page image: larger and smaller, moved by drag, wheel and fingers; boxes marked on it.
const STEP = 1.25;
const MEMORY = "hornbook-zoom";
const SCREEN_SIDE = 1600;
const CLOSE = 2; // times the full resolution

// Kept from page to page: the fit, or a width with a place.
const view = JSON.parse(sessionStorage.getItem(MEMORY) ?? '{"fit":"width"}');

export function offerZoom(review) {
  const leaf = review.querySelector(".leaf");
  const page = leaf?.querySelector("svg.page");
  if (!page) return { mark() {} };
  const picture = new Picture(leaf, page, review.querySelector("[data-zoom-level]"));
  review.querySelector(".tools").addEventListener("click", (event) => {
    const wanted = event.target.closest("[data-zoom]")?.dataset.zoom;
    if (wanted) picture.command(wanted);
  });
  followPointer(leaf, picture);
  followFingers(leaf, picture);
  return picture;
}

class Picture {
  constructor(leaf, page, level) {
    Object.assign(this, { leaf, page, level });
    [, , this.width, this.height] = page.getAttribute("viewBox").split(" ").map(Number);
    new ResizeObserver(() => this.fit()).observe(leaf);
    leaf.addEventListener("scroll", () => this.remember(), { passive: true });
  }

  // Called again with every change of the frame: after the page came into view, or a window's size.
  fit() {
    if (!this.leaf.clientWidth) return;
    const isNew = !this.isPlaced;
    this.isPlaced = true;
    if (view.fit) this.resize(this.fitting(view.fit));
    else this.resize(view.scale * this.leaf.clientWidth);
    if (isNew) this.place();
  }

  place() {
    const quoted = this.page.querySelector("rect:not([class])");
    if (quoted) return quoted.scrollIntoView({ block: "center", inline: "center" });
    if (view.fit) return;
    this.leaf.scrollTo(view.x * this.leaf.scrollWidth, view.y * this.leaf.scrollHeight);
  }

  fitting(fit) {
    const { clientWidth, clientHeight } = this.leaf;
    return fit === "width" ? clientWidth : Math.min(clientWidth, (clientHeight * this.width) / this.height);
  }

  command(wanted) {
    if (wanted === "in" || wanted === "out") return this.zoom(wanted === "in" ? STEP : 1 / STEP);
    view.fit = wanted;
    this.resize(this.fitting(wanted));
    this.remember();
  }

  // The point of the image under (x, y), else the middle, stays where it is.
  zoom(factor, x, y) {
    const frame = this.leaf.getBoundingClientRect();
    const before = this.page.getBoundingClientRect();
    const [px, py] = [x ?? frame.left + frame.width / 2, y ?? frame.top + frame.height / 2];
    const [fx, fy] = [(px - before.left) / before.width, (py - before.top) / before.height];
    const smallest = this.fitting("page") / 2;
    view.fit = null;
    this.resize(Math.max(smallest, Math.min(this.width * CLOSE, before.width * factor)));
    const after = this.page.getBoundingClientRect();
    this.leaf.scrollBy(after.left + fx * after.width - px, after.top + fy * after.height - py);
    this.remember();
  }

  resize(width) {
    this.page.style.width = `${width}px`;
    this.level.value = `${Math.round((width / this.leaf.clientWidth) * 100)}%`;
    const sharpness = (SCREEN_SIDE * this.width) / Math.max(this.width, this.height, SCREEN_SIDE);
    if (width * devicePixelRatio > sharpness * 1.2) this.sharpen();
  }

  sharpen() {
    const image = this.page.querySelector("image");
    if (image.getAttribute("href") !== this.page.dataset.full) image.setAttribute("href", this.page.dataset.full);
  }

  remember() {
    view.scale = this.page.clientWidth / this.leaf.clientWidth;
    view.x = this.leaf.scrollLeft / this.leaf.scrollWidth;
    view.y = this.leaf.scrollTop / this.leaf.scrollHeight;
    sessionStorage.setItem(MEMORY, JSON.stringify(view));
  }

  // Mark a box (left, top, right, bottom) of the kind "word" or "line"; none takes the mark away.
  mark(kind, box) {
    const [left, top, right, bottom] = box ?? [0, 0, 0, 0];
    const rect = this.page.querySelector(`rect.${kind}`);
    const place = { x: left, y: top, width: right - left, height: bottom - top };
    for (const [name, value] of Object.entries(place)) rect.setAttribute(name, value);
    if (box) rect.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function followPointer(leaf, picture) {
  leaf.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return; // also what a pinch on a touchpad sends
    event.preventDefault();
    picture.zoom(Math.exp(-Math.max(-50, Math.min(50, event.deltaY)) / 100), event.clientX, event.clientY);
  }, { passive: false });
  leaf.addEventListener("dblclick", (event) => {
    if (view.fit === "width") picture.zoom(2, event.clientX, event.clientY);
    else picture.command("width");
  });
  leaf.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || event.button) return;
    leaf.setPointerCapture(event.pointerId);
    leaf.classList.add("is-held");
  });
  leaf.addEventListener("pointermove", (event) => {
    if (leaf.hasPointerCapture(event.pointerId)) leaf.scrollBy(-event.movementX, -event.movementY);
  });
  leaf.addEventListener("lostpointercapture", () => leaf.classList.remove("is-held"));
}

// One finger scrolls as everywhere; two zoom.
function followFingers(leaf, picture) {
  let apart = 0;
  const span = ([a, b]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  leaf.addEventListener("touchstart", ({ touches }) => {
    if (touches.length === 2) apart = span(touches);
  }, { passive: true });
  leaf.addEventListener("touchmove", (event) => {
    if (event.touches.length !== 2) return;
    event.preventDefault();
    const [a, b] = event.touches;
    const now = span(event.touches);
    picture.zoom(now / apart, (a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2);
    apart = now;
  }, { passive: false });
}
