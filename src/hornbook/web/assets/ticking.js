// Time that runs needs no request: count on from what the server said, by this browser's own clock.
import { duration, span } from "./words.js";

export function keepTicking() {
  const anchors = new WeakMap();
  const passed = (clock, said) => {
    let anchor = anchors.get(clock);
    if (anchor?.said !== said) {
      anchor = { said, at: performance.now() };
      anchors.set(clock, anchor);
    }
    return (performance.now() - anchor.at) / 1000;
  };
  const tick = () => {
    for (const clock of document.querySelectorAll("[data-elapsed]")) {
      const said = clock.dataset.elapsed;
      write(clock, duration(Number(said) + passed(clock, said)));
    }
    for (const clock of document.querySelectorAll("[data-countdown]")) {
      const { countdown, pattern, over } = clock.dataset;
      const left = Math.round(Number(countdown) - passed(clock, countdown));
      write(clock, left > 0 ? pattern.replace("{time}", span(left)) : over);
    }
  };
  tick();
  setInterval(tick, 1000);
}

// The text node stays the same one: a selection that reaches into it is kept.
function write(clock, words) {
  if (clock.textContent === words) return;
  if (clock.childNodes.length === 1) clock.firstChild.nodeValue = words;
  else clock.textContent = words;
}
