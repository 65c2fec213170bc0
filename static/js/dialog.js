// [data-dialog-open="id"] opens a <dialog>; [data-dialog-close] closes it; a click on the backdrop too. The opener may
// be a link to a page that asks the same, so that the choice can be made without this file.
(() => {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog-open]"), dialog = opener && document.getElementById(opener.dataset.dialogOpen);
    if (dialog) { event.preventDefault(); if (!dialog.open) dialog.showModal(); return; }
    if (event.target.closest("[data-dialog-close]") || event.target.matches("dialog[open]")) event.target.closest("dialog")?.close();
  });
  // What is not possible now can be focused, so that its reason is read, but does nothing.
  document.addEventListener("click", (event) => {
    if (event.target.closest("[aria-disabled=true]")) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);
  document.addEventListener("DOMContentLoaded", () => document.querySelector("[data-error-summary]")?.focus());
})();
