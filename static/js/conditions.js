/* The condition builder without a page load: a change posts the form and takes back the builder, or the preview alone.
   One request at a time, each reading the form when it is sent, so that a slow answer never undoes a later change. */
(() => {
  const form = document.getElementById("section-form");
  if (!form || !globalThis.htmx) return;
  let turn = Promise.resolve();
  let wait = 0;
  const ask = (target, change) =>
    htmx.ajax("POST", form.getAttribute("action"), { source: form, target, select: target, swap: "outerHTML", values: { change } });
  const post = (target, change, focus) => {
    clearTimeout(wait);
    turn = turn.then(() => ask(target, change)).then(() => document.getElementById(focus?.())?.focus(), () => {});
  };
  const last = (group) => () => {
    const names = [...form.elements].map((one) => one.name || "");
    const facts = names.filter((name) => name.startsWith(`${group}.`) && name.endsWith(".fact"));
    return `${(facts.at(-1) || "").replace(/\.fact$/, "")}-fact`;
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-builder]");
    if (!button) return;
    event.preventDefault();
    const [verb, place] = button.value.split(":");
    const own = button.dataset.builder; // another part of the rule names what is taken back, and what gets the focus
    if (own) return post(own, button.value, () => button.dataset.focus);
    post("#builder", button.value, verb === "remove" ? () => "c-join" : last(place));
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-refresh]")) post("#builder", "refresh", () => event.target.id);
  });
  form.addEventListener("input", (event) => {
    if (!event.target.matches("[data-preview]")) return;
    clearTimeout(wait);
    wait = setTimeout(() => post(event.target.dataset.preview || "#matches", "refresh"), 350);
  });
})();
