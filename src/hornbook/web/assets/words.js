// Numbers in words, as the server writes them.
import { text } from "./texts.js";

const LONG = 100;

export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours) return `${hours}h ${String(minutes).padStart(2, "0")}m`;
  return minutes ? `${minutes}m ${String(rest).padStart(2, "0")}s` : `${rest}s`;
}

export function span(seconds) {
  return seconds < LONG ? text("seconds", { number: seconds }) : duration(seconds);
}

export function megabytes(bytes) {
  const size = bytes / 1e6;
  return size < 0.1 ? `${Math.ceil(bytes / 1e3)} kB` : `${size.toFixed(size < 10 ? 1 : 0)} MB`;
}

export function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
