// Notifications need the browser's leave as well: it is asked when somebody switches them on, and
// the screen says when it was refused.
export function askForNotices() {
  const on = document.querySelector("input[name=notifications][value=on]");
  if (!on) return;
  const hint = document.getElementById("no-notices");
  const look = () => {
    hint.hidden = !on.checked || window.Notification?.permission === "granted";
  };
  look();
  on.form.addEventListener("change", async (event) => {
    if (event.target === on) await window.Notification?.requestPermission();
    look();
  });
}
