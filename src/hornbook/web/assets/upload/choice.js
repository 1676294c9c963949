// What was picked, sorted out: the files to send in the order of their pages, and those left out.
import { text } from "../texts.js";
import { megabytes } from "../words.js";

const SHOWN_AT_EACH_END = 3;
const SYSTEM_FILES = /^(\..*|thumbs\.db|desktop\.ini)$/i;
const HEIC = /\.hei[cf]$/i;

export class Choice {
  skipped = new Map(); // the name of the reason -> how many

  constructor(picked, form) {
    const { largest, largestPdf } = form.dataset;
    const kinds = form.querySelector("input[type=file]").accept.split(",");
    const most = (file) => Number(isPdf(file) ? largestPdf : largest);
    this.picked = picked
      .filter(({ file }) => !SYSTEM_FILES.test(file.name))
      .filter(({ file }) => this.isGood(file, kinds, most(file)))
      .sort((one, other) => inNaturalOrder(one.path, other.path));
  }

  isGood(file, kinds, largest) {
    const isPage = kinds.some((kind) => file.type === kind || file.name.toLowerCase().endsWith(kind));
    const why = !isPage ? (HEIC.test(file.name) ? "noHeic" : "wrongKind") : !file.size ? "empty" : file.size > largest ? "tooLarge" : null;
    if (why) this.skipped.set(why, (this.skipped.get(why) ?? 0) + 1);
    return !why;
  }

  get bytes() {
    return this.picked.reduce((sum, { file }) => sum + file.size, 0);
  }

  // "244 MB, 2 skipped: too large"
  get summary() {
    const size = this.picked.length ? [megabytes(this.bytes)] : [];
    const skipped = [...this.skipped].map(([why, num]) => text("skipped", { num, why: text(why) }));
    return [...size, ...skipped].join(", ");
  }

  // The first and the last names, which show at a glance whether the order is right.
  get order() {
    const names = this.picked.map(({ file }) => file.name);
    if (names.length <= 2 * SHOWN_AT_EACH_END) return names.join(" · ");
    const ends = [names.slice(0, SHOWN_AT_EACH_END), names.slice(-SHOWN_AT_EACH_END)];
    return ends.map((end) => end.join(" · ")).join(" … ");
  }
}

// A PDF is many pages: a choice with one among it is told in files, not in images.
export function noun(name, picked) {
  return picked.some(({ file }) => isPdf(file)) ? `${name}Files` : name;
}

function isPdf(file) {
  return file.name.toLowerCase().endsWith(".pdf");
}

const natural = new Intl.Collator("en", { numeric: true });

function inNaturalOrder(one, other) {
  const [left, right] = [one.split("/"), other.split("/")];
  const at = left.findIndex((part, index) => part !== right[index]);
  return at < 0 ? left.length - right.length : natural.compare(left[at], right[at] ?? "");
}
