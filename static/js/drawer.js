// A row's link opens the drawer: htmx swaps it in, or it stands in the page already ([data-drawer-open="id"]).
// On small screens it covers the page: the rest is made inert and the focus comes back to where it was.
(() => {
  const covers = () => matchMedia("(max-width: 55.99rem)").matches;
  let opener = null;
  const others = (drawer) => [...document.querySelectorAll(".topbar, .nav, .pane--list, .page__head, .page__tabs")].filter((el) => !el.contains(drawer));
  const mark = (link) => link.closest("[data-rows]")?.querySelectorAll(".row").forEach((row) => row.toggleAttribute("data-current", row.contains(link)));
  function show(drawer) {
    drawer.dataset.open = "";
    if (!covers()) return;
    others(drawer).forEach((el) => { el.inert = true; });
    drawer.querySelector("h2")?.focus();
  }
  function close(drawer) {
    delete drawer.dataset.open;
    others(drawer).forEach((el) => { el.inert = false; });
    opener?.focus();
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-drawer-open]");
    if (link) {
      opener = link;
      mark(link);
      const drawer = document.getElementById(link.dataset.drawerOpen);
      if (drawer && !link.hasAttribute("hx-get")) { event.preventDefault(); show(drawer); }
      return;
    }
    const closing = event.target.closest("[data-drawer-close]"), drawer = closing?.closest(".drawer");
    if (drawer && opener) { event.preventDefault(); close(drawer); }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const drawer = event.target.closest?.(".drawer") || event.target.querySelector?.(".drawer");
    if (drawer && opener) show(drawer);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    const drawer = document.querySelector(".drawer[data-open]");
    if (drawer && covers()) drawer.querySelector("[data-drawer-close]")?.click();
  });
})();
