// Toasts leave by themselves after eight seconds, but not while pointed at or focused. One more for the case that
// the server does not answer: nothing on the page changed, and it says so.
(() => {
  const box = document.getElementById("toasts");
  if (!box) return;
  const watch = (toast) => {
    let timer = setTimeout(() => toast.remove(), 8000);
    const wait = () => clearTimeout(timer), go = () => { clearTimeout(timer); timer = setTimeout(() => toast.remove(), 4000); };
    toast.addEventListener("pointerenter", wait); toast.addEventListener("pointerleave", go);
    toast.addEventListener("focusin", wait); toast.addEventListener("focusout", go);
  };
  box.querySelectorAll(".toast:not([data-stays])").forEach(watch);
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach((node) => node.matches?.(".toast:not([data-stays])") && watch(node)))).observe(box, { childList: true });
  box.addEventListener("click", (event) => { if (event.target.closest("[data-toast-close]")) event.target.closest(".toast").remove(); });
  const failed = () => {
    const toast = document.getElementById("toast-failed")?.content.firstElementChild;
    if (!toast || box.querySelector("[data-failed]")) return;
    const copy = toast.cloneNode(true);
    copy.dataset.failed = "";
    box.append(copy);
  };
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:timeout", failed);
})();
