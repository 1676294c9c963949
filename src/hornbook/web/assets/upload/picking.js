// Ways to pick files: the form's own field, a folder, or dropping either anywhere on the screen.
// Each gives `{ file, path }`; the path tells files of the same name in two folders apart.

export function pickedIn(input) {
  return [...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

// The field for a folder is no part of the form: without a script there is no use for it.
export function offerFolder(button, choose) {
  const field = document.createElement("input");
  field.type = "file";
  if (!("webkitdirectory" in field)) return;
  field.webkitdirectory = true;
  field.addEventListener("change", () => choose(pickedIn(field)));
  button.hidden = false;
  button.addEventListener("click", () => {
    field.value = ""; // so that the same folder can be chosen again
    field.click();
  });
}

// A file that misses the marked place must not replace the screen, which is a browser's habit.
export function acceptDrops(zone, choose) {
  let inside = 0;
  const mark = () => zone.classList.toggle("over", inside > 0);
  const hold = (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  };
  document.addEventListener("dragenter", (event) => {
    hold(event);
    inside += event.defaultPrevented ? 1 : 0;
    mark();
  });
  document.addEventListener("dragleave", () => {
    inside = Math.max(0, inside - 1);
    mark();
  });
  document.addEventListener("dragover", hold);
  document.addEventListener("drop", async (event) => {
    hold(event);
    inside = 0;
    mark();
    if (event.defaultPrevented) choose(await dropped(event.dataTransfer));
  });
}

// Entries have to be taken before the first wait: afterwards the browser has forgotten the drop.
async function dropped(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const found = items.map((item) => {
    const entry = item.webkitGetAsEntry();
    return entry ? filesBelow(entry) : lone(item.getAsFile());
  });
  return (await Promise.all(found)).flat();
}

function lone(file) {
  return file ? [{ file, path: file.name }] : [];
}

async function filesBelow(entry) {
  if (entry.isFile) {
    const file = await new Promise((done, fail) => entry.file(done, fail));
    return [{ file, path: entry.fullPath.slice(1) }];
  }
  const reader = entry.createReader();
  const found = [];
  // A folder is read in portions, until an empty one.
  for (;;) {
    const portion = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!portion.length) return (await Promise.all(found.map(filesBelow))).flat();
    found.push(...portion);
  }
}
