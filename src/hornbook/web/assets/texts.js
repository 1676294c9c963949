// What scripts say stands in the page, translated by the server:
// <template class="texts" data-sent-one="1 file sent" data-sent-other="{num} files sent">.

// Gives the text called `name`, as written there in camel case, with `{value}` filled in. With
// `num` among the values the form of that number is taken: `nameOne`, `nameOther`, …
export function text(name, values = {}) {
  const form = "num" in values ? plural().select(values.num) : "";
  const wanted = form ? name + form[0].toUpperCase() + form.slice(1) : name;
  const found = find(wanted) ?? find(`${name}Other`) ?? name;
  return found.replace(/\{(\w+)\}/g, (gap, key) => values[key] ?? gap);
}

function find(name) {
  for (const texts of document.querySelectorAll("template.texts")) {
    if (name in texts.dataset) return texts.dataset[name];
  }
  return null;
}

function plural() {
  return new Intl.PluralRules(document.documentElement.lang);
}
