// Doubtful words: a chip selects its word in the text and shows it on the image. Going through them by
// key stays on the chips, where no letter is typed over a word; the text has the word selected when
// one enters it. The line that the cursor stands in is marked on the image too.
import { text } from "../texts.js";

export function offerWords(review, picture) {
  const field = review.querySelector("textarea");
  if (!field) return;
  const chips = [...review.querySelectorAll(".doubt")];
  let chosen = -1;
  const choose = (index) => {
    chosen = index;
    chips.forEach((chip, at) => chip.setAttribute("aria-pressed", at === index));
    const chip = chips[index];
    picture.mark("word", chip.dataset.box.split(",").map(Number));
    if (!select(field, chip)) document.getElementById("voice").textContent = text("notFound");
  };
  chips.forEach((chip, index) => chip.addEventListener("click", () => choose(index)));
  review.querySelector("[data-next-doubt]")?.addEventListener("click", () => {
    choose((chosen + 1) % chips.length);
    chips[chosen].focus();
  });
  field.addEventListener("input", () => {
    for (const chip of chips) chip.classList.toggle("is-gone", find(field, chip) < 0);
  });
  followCursor(field, picture);
}

const wordOf = (chip) => chip.querySelector(".word").textContent;

// Where the word stands: of all places that hold it, the one nearest to where it was read.
function find(field, chip) {
  const [word, start] = [wordOf(chip), Number(chip.dataset.start)];
  let best = -1;
  for (let at = field.value.indexOf(word); at >= 0; at = field.value.indexOf(word, at + 1)) {
    if (best < 0 || Math.abs(at - start) < Math.abs(best - start)) best = at;
  }
  return best;
}

function select(field, chip) {
  const at = find(field, chip);
  if (at < 0) return false;
  field.setSelectionRange(at, at + wordOf(chip).length);
  // Only a field that gains the focus scrolls to its selection.
  field.blur();
  field.focus();
  return true;
}

function followCursor(field, picture) {
  const boxes = (field.dataset.lines ?? "").split(";").filter(Boolean).map((box) => box.split(",").map(Number));
  if (!boxes.length) return;
  const isLine = (line) => line.trim() !== "";
  const follow = () => {
    // With lines added or taken away, nobody knows any more which is which.
    const isSame = field.value.split("\n").filter(isLine).length === boxes.length;
    const before = field.value.slice(0, field.selectionEnd).split("\n");
    const isOnLine = isSame && isLine(field.value.split("\n")[before.length - 1]);
    picture.mark("line", isOnLine ? boxes[before.slice(0, -1).filter(isLine).length] : null);
  };
  for (const event of ["keyup", "click", "select"]) field.addEventListener(event, follow);
  field.addEventListener("blur", () => picture.mark("line", null));
}
