// Keyboard first. An element says its key: data-key="a" (or "mod+enter", or "g r" for two strokes).
// Rows move with j and k inside [data-rows]. "?" lists every key of the page. Single keys rest while typing
// and can be switched off (WCAG 2.1.4).
(() => {
  const off = () => document.documentElement.dataset.keys === "off" || (() => { try { return localStorage.getItem("keys") === "off"; } catch { return false; } })();
  const typing = (el) => el.closest("input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable=true]");
  const seen = (el) => el.getClientRects().length > 0 && !el.closest("[inert]");
  let first = "", timer = 0;

  const strokeOf = (event) => {
    return (event.ctrlKey || event.metaKey ? "mod+" : "") + event.key.toLowerCase();
  };
  const find = (stroke) => [...document.querySelectorAll("[data-key]")].find((el) => el.dataset.key === stroke && seen(el));

  function move(step) {
    const list = document.querySelector("[data-rows]");
    if (!list) return;
    const links = [...list.querySelectorAll(".row__title a")];
    const now = links.findIndex((a) => a.closest(".row").hasAttribute("data-current"));
    const next = links[Math.max(0, Math.min(links.length - 1, now + step))];
    if (!next) return;
    links.forEach((a) => a.closest(".row").toggleAttribute("data-current", a === next));
    next.focus();
    next.closest(".row").scrollIntoView({ block: "nearest" });
  }

  function help() {
    const dialog = document.getElementById("keys-help");
    if (!dialog) return;
    const list = dialog.querySelector("[data-keys-list]");
    list.replaceChildren();
    const add = (name, keys) => {
      const row = document.createElement("div"), dt = document.createElement("dt"), dd = document.createElement("dd");
      dt.textContent = name;
      keys.split(" ").forEach((k) => {
        const kbd = document.createElement("kbd");
        kbd.className = "kbd";
        kbd.textContent = k.replace("mod+", "Ctrl ").replace("enter", "↵").replace("escape", "Esc").toUpperCase().replace("CTRL", "Ctrl").replace("ESC", "Esc");
        dd.append(kbd, " ");
      });
      row.append(dt, dd); list.append(row);
    };
    const words = dialog.dataset;
    if (document.querySelector("[data-rows]")) { add(words.next, "j"); add(words.previous, "k"); add(words.enter, "enter"); if (document.querySelector("[data-rows] [data-select-row]")) add(words.select, "x"); }
    const known = new Set();
    document.querySelectorAll("[data-key][data-key-name]").forEach((el) => { if (!known.has(el.dataset.key)) { known.add(el.dataset.key); add(el.dataset.keyName, el.dataset.key); } });
    if (document.getElementById("palette")) add(words.search, "mod+k");
    add(words.list, "?");
    const box = dialog.querySelector("[data-keys-switch]");
    if (box) box.checked = !off();
    dialog.showModal();
  }

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-keys-switch]")) return;
    try { event.target.checked ? localStorage.removeItem("keys") : localStorage.setItem("keys", "off"); } catch { /* private window */ }
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-keys-help]")) help(); });
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.isComposing) return;
    const stroke = strokeOf(event), plain = !stroke.startsWith("mod+");
    if (plain && (off() || typing(event.target) || document.querySelector("dialog[open]"))) return;
    if (plain && event.key === "?") { event.preventDefault(); return help(); }
    if (plain && (stroke === "j" || stroke === "k") && document.querySelector("[data-rows]")) { event.preventDefault(); return move(stroke === "j" ? 1 : -1); }
    if (plain && stroke === "x") { const box = document.querySelector("[data-rows] .row[data-current] [data-select-row]"); if (box) { event.preventDefault(); box.click(); } return; }
    if (stroke === "mod+enter") { const accept = find("mod+enter") || find("a") || find("mod+s"); if (accept && !document.querySelector("dialog[open]")) { event.preventDefault(); accept.click(); } return; }
    const target = (first && find(first + " " + stroke)) || find(stroke);
    clearTimeout(timer);
    first = target ? "" : stroke;
    timer = setTimeout(() => { first = ""; }, 900);
    if (!target) return;
    event.preventDefault();
    target.focus();
    if (!target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select")) target.click();
  });
})();
