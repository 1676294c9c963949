// The line to the server, shared by all files: while it is down nobody tries, but for a probe now
// and then; when the browser itself is offline, until it says that it is back.
const LONGEST_PAUSE = 8_000;
const PATIENCE = 180_000;

export class Line {
  rounds = 0; // tries in a row without an answer
  openFrom = 0;
  lostSince = null;

  get isOffline() {
    return !navigator.onLine;
  }

  get isLost() {
    return this.isOffline || this.lostSince !== null;
  }

  // Milliseconds until the next try; endless while offline, for then an event ends the wait.
  get pause() {
    return this.isOffline ? Infinity : Math.max(0, this.openFrom - performance.now());
  }

  get isHopeless() {
    return !this.isOffline && this.lostSince !== null && performance.now() - this.lostSince > PATIENCE;
  }

  answered() {
    this.rounds = 0;
    this.openFrom = 0;
    this.lostSince = null;
  }

  // Several files notice the same loss: it counts once.
  noAnswer(wanted) {
    this.lostSince ??= performance.now();
    if (this.pause) return;
    this.rounds += 1;
    this.openFrom = performance.now() + Math.max(wanted, backOff(this.rounds, LONGEST_PAUSE));
  }
}

// Ever longer, and never the same for two: half of it is chance.
export function backOff(tries, longest) {
  return Math.min(longest, 250 * 2 ** tries) * (0.5 + Math.random() / 2);
}
