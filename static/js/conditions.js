/* The condition builder without a page load: buttons and values post the form and take the builder or the preview. */
(() => {
  const form = document.getElementById("section-form");
  if (!form || !globalThis.htmx) return;
  const post = (target, change, focus) => {
    const values = { change };
    const done = () => {
      const next = focus && document.getElementById(focus());
      next?.focus();
    };
    htmx.ajax("POST", form.getAttribute("action"), { source: form, target, select: target, swap: "outerHTML", values }).then(done);
  };
  const last = (group) => () => {
    const names = [...form.elements].map((one) => one.name || "");
    const places = names.filter((name) => name.startsWith(`${group}.`) && name.endsWith(".fact"));
    return `${(places.at(-1) || "").replace(/\.fact$/, "")}-fact`;
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-builder]");
    if (!button) return;
    event.preventDefault();
    const [verb, place] = button.value.split(":");
    post("#builder", button.value, verb === "remove" ? () => "c-join" : last(place));
  });
  let wait = 0;
  form.addEventListener("input", (event) => {
    if (!event.target.matches("[data-preview]")) return;
    clearTimeout(wait);
    wait = setTimeout(() => post("#matches", "refresh"), 350);
  });
})();
