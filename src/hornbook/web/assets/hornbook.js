// What the screens do beyond forms and links. Without this file everything still works, by reload.
import "htmx.org/dist/htmx.esm.js";
import { followJob } from "./live.js";
import { offerUpload } from "./upload.js";
import { offerZoom } from "./zoom.js";

document.documentElement.classList.add("scripted");
followJob();
offerUpload();
offerZoom();
