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
  const size = bytes / 1_048_576;
  if (size < 0.1) return text("kilobytes", { number: number(Math.ceil(bytes / 1024)) });
  return text("megabytes", { number: number(size, size < 10 ? 1 : 0) });
}

function number(value, digits = 0) {
  return value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits });
}
