// The model that is typed into <form data-model> is tried out in place, saved or not, and the names
// that are suggested are those of the provider.
import { text } from "./texts.js";

const LONGEST = 120_000;

export function offerTrials() {
  for (const form of document.querySelectorAll("form[data-model]")) {
    const result = form.querySelector(".trial");
    form.addEventListener("input", () => {
      form.elements.model_id.setAttribute("list", `models-${form.elements.provider.value}`);
      if (!isBusy(form)) result.replaceChildren();
    });
    form.addEventListener("submit", (event) => {
      if (!event.submitter?.matches("[data-trial]")) return;
      event.preventDefault();
      if (!isBusy(form)) tryOut(form, event.submitter, result);
    });
  }
}

function isBusy(form) {
  return form.ariaBusy === "true";
}

async function tryOut(form, button, result) {
  form.ariaBusy = "true";
  button.setAttribute("aria-disabled", "true");
  result.textContent = text("testing");
  const address = new URL("?part=trial", button.formAction);
  const found = await ask(address, new URLSearchParams(new FormData(form)));
  result.innerHTML = found ?? document.querySelector("template[data-no-answer]").innerHTML;
  button.removeAttribute("aria-disabled");
  form.ariaBusy = null;
}

// Gives what the server says of the model, as a part of the screen; null when it says nothing.
async function ask(address, body) {
  try {
    const headers = { accept: "text/html" };
    const reply = await fetch(address, { method: "POST", body, headers, signal: AbortSignal.timeout(LONGEST) });
    if (reply.status === 401) location.reload();
    return reply.ok ? await reply.text() : null;
  } catch {
    return null;
  }
}
