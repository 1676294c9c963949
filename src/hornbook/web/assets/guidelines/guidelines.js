// The reading page of the guidelines.
import { offerContents } from "./contents.js";
import { offerEvidence } from "./evidence.js";

export function offerReading() {
  offerContents();
  offerEvidence();
  document.querySelector("[data-print]")?.addEventListener("click", () => print());
}
