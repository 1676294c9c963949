// Keys. An element that has one says so: <button data-key="a" data-does="Approve and go on">. The
// key presses it, or puts the cursor into it; nothing happens while somebody types, with Ctrl, Alt
// or Meta, or when the settings switch keys off (<html data-shortcuts="off">).
const FIELDS = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button], [type=submit])";
const MAY_REPEAT = new Set(["+", "=", "-"]);

export const areOn = () => document.documentElement.dataset.shortcuts !== "off";

export function offerShortcuts() {
  const dialog = document.getElementById("shortcuts");
  document.addEventListener("keydown", (event) => {
    if (!areOn() || !isFree(event) || dialog?.open) return;
    if (event.key === "?") open(dialog);
    else if (!press(event)) return;
    event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open=shortcuts]")) open(dialog);
    else if (event.target === dialog) dialog.close(); // beside it
  });
}

function isFree(event) {
  const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.isComposing;
  return isPlain && !event.defaultPrevented && !event.target.closest?.(FIELDS);
}

function press(event) {
  const key = event.key.toLowerCase();
  const target = withKeys().find((element) => keysOf(element).includes(key));
  if (!target || (event.repeat && !MAY_REPEAT.has(key))) return Boolean(target);
  if (target.matches(FIELDS)) target.focus();
  else target.click();
  return true;
}

function open(dialog) {
  const list = dialog.querySelector("dl");
  const known = new Map(withKeys().map((element) => [element.dataset.key, element.dataset.does]));
  list.replaceChildren(...[...known].flatMap(([keys, does]) => [term(keys), make("dd", does)]));
  dialog.querySelector("[data-none]").hidden = known.size > 0;
  dialog.showModal();
}

function term(keys) {
  const dt = make("dt");
  dt.append(...keys.split(" ").map((key) => make("kbd", key.toUpperCase())));
  return dt;
}

function make(name, words = "") {
  const element = document.createElement(name);
  element.textContent = words;
  return element;
}

const keysOf = (element) => element.dataset.key.split(" ");

function withKeys() {
  return [...document.querySelectorAll("[data-key]")].filter(
    (element) => !element.disabled && !element.hasAttribute("aria-disabled") && element.checkVisibility(),
  );
}
