// What the screens do beyond forms and links. Without this file everything still works, by reload.
import "htmx.org/dist/htmx.esm.js";
import { guardWords } from "./guard.js";
import { offerTrials } from "./models.js";
import { offerReading } from "./guidelines/guidelines.js";
import { followJob } from "./live.js";
import { offerUpload } from "./upload/upload.js";
import { offerReview } from "./review/review.js";
import { askForNotices } from "./settings.js";
import { offerShortcuts } from "./shortcuts.js";
import { offerTicks } from "./ticks.js";
import { keepLocalTimes } from "./times.js";
import { showToasts } from "./toast.js";

document.documentElement.classList.add("scripted");
followJob();
offerUpload();
offerReview();
offerReading();
offerTicks();
guardWords();
offerShortcuts();
showToasts();
keepLocalTimes();
askForNotices();
offerTrials();
