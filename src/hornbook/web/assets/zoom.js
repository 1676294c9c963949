// The page image larger and smaller; the steps are classes, because styles may not be inline.
const STEPS = 4;

export function offerZoom() {
  const leaf = document.querySelector(".leaf");
  if (!leaf) return;
  let step = 1;
  const show = (wanted) => {
    leaf.classList.remove(`zoom-${step}`);
    step = Math.min(STEPS, Math.max(1, wanted));
    leaf.classList.add(`zoom-${step}`);
  };
  const buttons = { "zoom-in": () => show(step + 1), "zoom-out": () => show(step - 1), "zoom-fit": () => show(1) };
  for (const [id, act] of Object.entries(buttons)) {
    document.getElementById(id)?.addEventListener("click", act);
  }
  leaf.querySelector("rect")?.scrollIntoView({ block: "center" });
}
