// Ctrl-K or Cmd-K: type, arrows, Enter. Links of the navigation at once; what the server finds at
// data-search-url a moment later. The items are links, so it works as a list of links too.
(() => {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const input = dialog.querySelector("input"), list = dialog.querySelector(".palette__list"), none = dialog.querySelector("[data-none]");
  const own = [...list.children], address = dialog.dataset.searchUrl;
  let timer = 0, asked = 0;
  const shown = () => [...list.querySelectorAll(".palette__item")].filter((item) => !item.hidden);

  function choose(item) {
    shown().forEach((other) => other.setAttribute("aria-selected", String(other === item)));
    if (item) { input.setAttribute("aria-activedescendant", item.id); item.scrollIntoView({ block: "nearest" }); } else input.removeAttribute("aria-activedescendant");
  }
  function settle() {
    none.hidden = shown().length > 0;
    choose(shown()[0]);
  }
  async function ask(words) {
    const mine = ++asked;
    const answer = await fetch(`${address}?${new URLSearchParams({ q: words })}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    const found = document.createElement("template");
    found.innerHTML = await answer.text();
    const items = [...found.content.querySelectorAll(".palette__item")];
    items.forEach((item, at) => { item.id = `pr-${at}`; });
    list.replaceChildren(...own, ...items);
    settle();
  }
  function filter() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    own.forEach((item) => { item.hidden = !words.every((word) => item.textContent.toLowerCase().includes(word)); });
    list.replaceChildren(...own);
    settle();
    clearTimeout(timer);
    asked += 1;
    if (address && input.value.trim().length > 1) timer = setTimeout(() => ask(input.value.trim()), 180);
  }
  function open() { input.value = ""; filter(); dialog.showModal(); input.focus(); }

  input.addEventListener("input", filter);
  input.addEventListener("keydown", (event) => {
    const items = shown(), now = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && items.length) {
      event.preventDefault();
      choose(items[(now + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]);
    }
    if (event.key === "Enter") items[now]?.click();
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-palette-open]")) open(); });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (dialog.open) dialog.close(); else if (!document.querySelector("dialog[open]")) open();
  });
})();
