// A head box that ticks all rows of [data-select] shows a dash when only some are ticked; while any is ticked the bulk
// bar takes the place of the filters and says how many. It listens on the page, so lists may be swapped in later.
(() => {
  const boxes = (scope) => [...scope.querySelectorAll("[data-select-row]")];
  function update(scope) {
    const ticked = boxes(scope).filter((box) => box.checked), bar = scope.querySelector(".bulkbar"), filters = scope.querySelector(".filters");
    scope.querySelectorAll("[data-select-all]").forEach((box) => { box.checked = ticked.length > 0 && ticked.length === boxes(scope).length; box.indeterminate = ticked.length > 0 && !box.checked; });
    if (bar) bar.hidden = ticked.length === 0;
    if (bar && filters) filters.hidden = ticked.length > 0;
    scope.querySelectorAll("[data-select-count]").forEach((el) => { el.textContent = String(ticked.length); });
    const kinds = new Set(ticked.map((box) => box.dataset.kind));
    scope.querySelectorAll("[data-bulk-one-kind]").forEach((el) => el.toggleAttribute("hidden", kinds.size > 1));
    scope.querySelectorAll("[data-bulk-mixed]").forEach((el) => el.toggleAttribute("hidden", kinds.size <= 1));
  }
  document.addEventListener("change", (event) => {
    const scope = event.target.closest?.("[data-select]");
    if (!scope) return;
    if (event.target.matches("[data-select-all]")) boxes(scope).forEach((box) => { box.checked = event.target.checked; });
    update(scope);
  });
  document.addEventListener("click", (event) => {
    const scope = event.target.closest("[data-select]");
    if (!scope || !event.target.closest("[data-select-none]")) return;
    boxes(scope).forEach((box) => { box.checked = false; });
    update(scope);
  });
  const all = () => document.querySelectorAll("[data-select]").forEach(update);
  document.addEventListener("DOMContentLoaded", all);
  document.addEventListener("htmx:afterSettle", all);
})();
