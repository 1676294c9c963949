// Decisions go to the server one after the other, in the order they were taken. When one is
// refused, those that wait behind it are not sent.
let last = Promise.resolve();
let generation = 0;
let waiting = 0;

export class Refused extends Error {
  constructor(reply, also) {
    super(reply.detail);
    this.reply = reply;
    this.also = also;
  }
}

export class Dropped extends Error {}

export function inLine(send) {
  const born = generation;
  waiting += 1;
  const turn = last.then(async () => {
    waiting -= 1;
    if (born !== generation) throw new Dropped();
    try {
      return await send();
    } catch (error) {
      generation += 1;
      throw new Refused(error.reply ?? { detail: error.message }, waiting);
    }
  });
  last = turn.catch(() => {});
  return turn;
}

// Posts a form and gives the facts of the answer; raises what went wrong with a `reply`.
export async function post(address, body, noAnswer) {
  let response;
  let reply;
  try {
    const headers = { accept: "application/json" };
    response = await fetch(address, { method: "POST", body, headers });
    if (new URL(response.url).pathname === "/login") location.reload();
    reply = await response.json();
  } catch {
    reply = { detail: noAnswer };
  }
  if (response?.ok) return reply;
  throw Object.assign(new Error(reply.detail), { reply });
}
