// A dot on the tab's icon tells from afar whether the job runs, is done, or needs somebody.
const COLOURS = { run: "#4f6bef", good: "#2f9e63", warn: "#d98a00", bad: "#e0483e" };

export function followIcon() {
  const link = document.querySelector("link[rel=icon]");
  const plain = link.href;
  let shown = "";
  const show = () => {
    const wanted = document.querySelector("[data-icon]")?.dataset.icon ?? "";
    if (wanted === shown) return;
    shown = wanted;
    link.href = COLOURS[wanted] ? drawn(COLOURS[wanted]) : plain;
  };
  show();
  document.addEventListener("htmx:after:swap", show);
}

function drawn(colour) {
  const book = document.querySelector("#i-book path").getAttribute("d");
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><path d="${book}" fill="none" stroke="${dark ? "#9db0ff" : "#2f4bc7"}" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/><circle cx="15" cy="15" r="4.6" fill="${colour}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
