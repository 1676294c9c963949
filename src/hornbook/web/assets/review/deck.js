// Pages of the review, fetched as the server renders them and held ready before they are needed.
const ready = new Map();

// A page as it is shown: its part of the document, its title, and where it is.
export async function load(address, request = {}) {
  const response = await fetch(address, { ...request, headers: { accept: "text/html" } });
  const at = new URL(response.url);
  if (at.pathname === "/login") location.reload();
  const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
  const review = parsed.getElementById("review");
  if (!review) throw new Error(parsed.querySelector("main p")?.textContent ?? String(response.status));
  for (const image of review.querySelectorAll("svg.page image")) warm(image.getAttribute("href"));
  return {
    element: document.adoptNode(review),
    title: parsed.title,
    address: at.pathname + at.search,
    flash: document.adoptNode(parsed.getElementById("flash")),
  };
}

export function prefetch(address) {
  if (!address) return null;
  if (!ready.has(address)) {
    const loading = load(address);
    ready.set(address, loading);
    loading.catch(() => ready.delete(address));
  }
  return ready.get(address);
}

// The page if it was prefetched, else from the server; it is handed out once.
export function take(address) {
  const found = ready.get(address) ?? load(address);
  ready.delete(address);
  return found;
}

export const forget = (address) => ready.delete(address);

export const forgetAll = () => ready.clear();

function warm(href) {
  const image = new Image();
  image.src = href;
  image.decode().catch(() => {});
}
