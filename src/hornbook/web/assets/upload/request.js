// One request, and what its answer means for trying again.
import { text } from "../texts.js";

const SILENCE = 120_000;
const AWAY = [408, 429, 502, 503, 504];

export class Unanswered extends Error {
  // `status` is 0 where no answer came at all; `wait` is what the server asks for, in milliseconds.
  constructor(status, why, wait = 0) {
    super(why);
    this.status = status;
    this.wait = wait;
  }

  // Nobody is there, or nobody has time: true for every file, so it is no fault of this one.
  get isAway() {
    return this.status === 0 || AWAY.includes(this.status);
  }

  // Somebody has to log in again: true for every file too, and waiting does not help.
  get isShutOut() {
    return this.status === 401 || this.status === 403;
  }

  get isFault() {
    return this.status >= 500 && !this.isAway;
  }

  // Something stands in the way that may have gone when a human tries again.
  get isHindrance() {
    return this.isShutOut || this.status === 409;
  }
}

// XMLHttpRequest, because fetch tells nothing of an upload's progress. The body is the file itself:
// the browser reads it from the disk as it goes.
export function request(method, address, body, { signal, onProgress } = {}) {
  return new Promise((done, fail) => {
    const call = new XMLHttpRequest();
    const giveUp = () => call.abort();
    const silence = watchSilence(giveUp);
    const isText = typeof body === "string";
    call.open(method, address);
    call.responseType = "json";
    call.setRequestHeader("Content-Type", isText ? "application/json" : "application/octet-stream");
    call.upload.onprogress = (event) => {
      silence.broken();
      onProgress?.(event.loaded);
    };
    call.onload = () => settle(call, done, fail);
    call.onerror = call.onabort = () => fail(new Unanswered(0, text("noAnswer")));
    call.onloadend = () => {
      silence.end();
      signal?.removeEventListener("abort", giveUp);
    };
    signal?.addEventListener("abort", giveUp);
    call.send(body);
  });
}

function settle(call, done, fail) {
  const { status, response } = call;
  if (status < 300 && response) return done(response);
  const why = status === 401 ? text("loggedOut") : (response?.detail ?? text("answered", { status }));
  const wait = Number(call.getResponseHeader("Retry-After")) * 1000 || 0;
  fail(new Unanswered(Math.max(status, 400), why, wait));
}

// A limit for the whole of a large file would be wrong on a slow line, so it is one for silence.
function watchSilence(giveUp) {
  let timer = setTimeout(giveUp, SILENCE);
  return {
    broken() {
      clearTimeout(timer);
      timer = setTimeout(giveUp, SILENCE);
    },
    end: () => clearTimeout(timer),
  };
}
