// How long an upload still takes, from what the last seconds brought.
const WINDOW = 15_000;
const LEAST = 3_000;

export class Pace {
  samples = [];

  add(bytes) {
    const now = performance.now();
    this.samples.push({ now, bytes });
    while (now - this.samples[0].now > WINDOW) this.samples.shift();
  }

  // Seconds for so many bytes more, or nothing while it is too early to tell.
  secondsFor(bytes) {
    const [first, last] = [this.samples[0], this.samples.at(-1)];
    if (!first || last.now - first.now < LEAST || last.bytes <= first.bytes) return null;
    const seconds = (bytes * (last.now - first.now)) / (last.bytes - first.bytes) / 1000;
    return seconds < 10 ? Math.ceil(seconds) : Math.ceil(seconds / 5) * 5;
  }
}
