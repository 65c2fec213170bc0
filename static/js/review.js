// The review queue: moving to a row with J and K shows it beside the list. Until the new one is there, the old drawer
// is inert, so that no key decides about something else than the row that is marked. [data-submits] sends a form of
// filters when a choice changes; shift and a click on a row's box select everything between.
(() => {
  const wide = () => matchMedia("(min-width: 56rem)").matches;
  let timer = 0, last = null;
  document.addEventListener("focusin", (event) => {
    const link = event.target.closest?.("[data-rows] .row__title a[data-drawer-open]");
    if (!link || !wide() || !link.matches(":focus-visible")) return;
    const drawer = document.getElementById(link.dataset.drawerOpen);
    if (drawer.querySelector("[data-shows]")?.dataset.shows === link.closest(".row").querySelector("[data-select-row]")?.value) return;
    drawer.inert = true;
    clearTimeout(timer);
    timer = setTimeout(() => { if (document.activeElement === link) link.click(); else drawer.inert = false; }, 120);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submits] select")) event.target.form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const box = event.target.closest?.("[data-select-row]");
    if (!box) return;
    const boxes = [...document.querySelectorAll("[data-select-row]")];
    if (event.shiftKey && last && boxes.includes(last)) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      boxes.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
    last = box;
  });
})();
