// Before the first paint: the theme and density a person chose. Then the buttons that change them.
(() => {
  const root = document.documentElement;
  const read = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const keep = (key, value) => { try { value ? localStorage.setItem(key, value) : localStorage.removeItem(key); } catch { /* private window */ } };
  for (const key of ["theme", "density"]) if (read(key)) root.dataset[key] = read(key);

  const order = ["", "light", "dark"];
  const name = (button) => {
    const words = button.dataset.words.split("|")[order.indexOf(root.dataset.theme || "")];
    button.setAttribute("aria-label", words);
    button.title = words;
  };
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-theme-next]").forEach(name));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-next]");
    if (!button) return;
    const next = order[(order.indexOf(root.dataset.theme || "") + 1) % order.length];
    if (next) root.dataset.theme = next; else delete root.dataset.theme;
    keep("theme", next);
    name(button);
  });
})();
