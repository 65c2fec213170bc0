// Two bars per field: "suggest from" and "fill in from". The second can never be below the first.
(() => {
  const say = (words, ...numbers) => numbers.reduce((text, number, at) => text.replace(`{${at}}`, number), words);
  function update(bars, moved) {
    const low = bars.querySelector(".bars__suggest"), high = bars.querySelector(".bars__fill");
    const [, suggest, fill] = bars.querySelectorAll(".bars__zone"), [empty] = bars.querySelectorAll(".bars__zone");
    if (Number(high.value) < Number(low.value)) { if (moved === low) high.value = low.value; else low.value = high.value; }
    const a = Number(low.value), b = Number(high.value);
    empty.setAttribute("width", a); suggest.setAttribute("x", a); suggest.setAttribute("width", b - a); fill.setAttribute("x", b); fill.setAttribute("width", 100 - b);
    low.setAttribute("aria-valuetext", say(bars.dataset.lowWords, a)); high.setAttribute("aria-valuetext", say(bars.dataset.highWords, b));
    bars.querySelector("[data-low]").textContent = a; bars.querySelector("[data-high]").textContent = b;
    const share = bars.querySelector("[data-share]");
    if (!share) return;
    const counts = (bars.dataset.counts || "").split(",").map(Number), size = 100 / counts.length;
    const sum = (from, to) => counts.slice(from, to).reduce((x, y) => x + y, 0), total = sum(0) || 1;
    const filled = Math.round(100 * sum(Math.round(b / size)) / total), offered = Math.min(100 - filled, Math.round(100 * sum(Math.round(a / size), Math.round(b / size)) / total));
    share.textContent = say(bars.dataset.words, filled, offered, 100 - filled - offered);
  }
  document.addEventListener("input", (event) => {
    const bars = event.target.closest?.("[data-bars]");
    if (bars) update(bars, event.target);
  });
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-bars]").forEach((bars) => update(bars)));
})();
