/* Counts what is not saved in form[data-unsaved="<id of the savebar>"], and shows the bar only then. */
(() => {
  const form = document.querySelector("form[data-unsaved]");
  const bar = form && document.getElementById(form.dataset.unsaved);
  if (!form || !bar) return;
  const words = bar.querySelector("[data-unsaved-count]");
  const skip = new Set(["csrfmiddlewaretoken", "expected", "try_text", "try_choice"]);
  const read = () => {
    const values = new Map();
    for (const [name, value] of new FormData(form)) {
      if (!skip.has(name)) values.set(name, `${values.has(name) ? `${values.get(name)}\n` : ""}${value}`);
    }
    return values;
  };
  const saved = read();
  let leaving = false;
  const count = () => {
    const now = read();
    const names = new Set([...saved.keys(), ...now.keys()]);
    const changed = [...names].filter((name) => saved.get(name) !== now.get(name)).length;
    return changed || ("unsavedNow" in form.dataset ? 1 : 0);
  };
  const show = () => {
    const number = count();
    bar.hidden = number === 0;
    if (number && "unsavedNow" in form.dataset) words.textContent = words.dataset.kept;
    else if (number) words.textContent = number === 1 ? words.dataset.one : words.dataset.many.replace("{0}", number);
  };
  for (const event of ["input", "change"]) document.addEventListener(event, (e) => e.target.form === form && show());
  document.addEventListener("htmx:afterSwap", show);
  form.addEventListener("submit", () => { leaving = true; });
  bar.querySelector("[data-unsaved-discard]")?.addEventListener("click", () => { leaving = true; });
  addEventListener("beforeunload", (event) => { if (!leaving && count()) event.preventDefault(); });
  show();
})();
