// The table of contents stands open where there is room, and says which part is being read.
const ROOM = "(min-width: 860px)"; // as in css/reader.css

export function offerContents() {
  const contents = document.querySelector("[data-unfold]");
  if (!contents) return;
  const room = matchMedia(ROOM);
  const unfold = () => { contents.open = room.matches; };
  unfold();
  room.addEventListener("change", unfold);
  contents.addEventListener("click", (event) => {
    if (event.target.closest("a") && !room.matches) contents.open = false;
  });
  follow(contents);
}

function follow(contents) {
  const links = new Map([...contents.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
  const inView = new Set();
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) inView[isIntersecting ? "add" : "delete"](target);
    const first = [...inView].sort((a, b) => a.offsetTop - b.offsetTop)[0];
    if (first) point(links, links.get(first.id));
  }, { rootMargin: "-10% 0px -60%" });
  for (const section of document.querySelectorAll("[data-section]")) watch.observe(section);
}

function point(links, here) {
  for (const link of links.values()) {
    if (link === here) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
  }
  if (here && !here.contains(document.activeElement)) {
    const list = here.closest("[tabindex]");
    const top = here.offsetTop - list.offsetTop;
    if (top < list.scrollTop || top > list.scrollTop + list.clientHeight - 44) list.scrollTop = top - 44;
  }
}
