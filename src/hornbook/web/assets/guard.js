// Words that were typed and not sent are not left behind without a question: <form data-guard>.
export function guardWords() {
  for (const form of document.querySelectorAll("form[data-guard]")) {
    const before = JSON.stringify([...new FormData(form)]);
    let isSent = false;
    form.addEventListener("submit", () => { isSent = true; });
    addEventListener("beforeunload", (event) => {
      if (!isSent && JSON.stringify([...new FormData(form)]) !== before) event.preventDefault();
    });
  }
}
