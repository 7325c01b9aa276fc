"use strict";
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  for (const control of document.querySelectorAll(".controls, button[data-copy]")) control.hidden = false;

  // The button cycles through the colour schemes: system, light, dark. A page opened from a file may have no storage.
  const schemes = ["system", "light", "dark"];
  const theme = byId("theme");
  const paint = (scheme) => {
    if (scheme === "system") root.removeAttribute("data-theme");
    else root.dataset.theme = scheme;
    theme.textContent = "scheme: " + scheme;
    theme.setAttribute("aria-label", "colour scheme: " + scheme + "; change");
  };
  let scheme = "system";
  try { scheme = localStorage.getItem("counterpart-scheme") || "system"; } catch { /* private */ }
  if (!schemes.includes(scheme)) scheme = "system";
  if (!root.dataset.theme) paint(scheme);
  theme.addEventListener("click", () => {
    scheme = schemes[(schemes.indexOf(scheme) + 1) % schemes.length];
    paint(scheme);
    try { localStorage.setItem("counterpart-scheme", scheme); } catch { /* private */ }
  });

  // Link targets scroll to below the sticky filters, which have a second line in a narrow window.
  const bar = document.querySelector("form.filters");
  const room = new CSSStyleSheet();
  document.adoptedStyleSheets.push(room);
  new ResizeObserver(() => {
    const stays = getComputedStyle(bar).position === "sticky";
    room.replaceSync(stays ? `html { scroll-padding-top: ${bar.offsetHeight + 8}px }` : "");
  }).observe(bar);

  // Every case with its search text and filter values, read once.
  const list = (text) => (text ? text.split("\n") : []);
  const cases = Array.from(document.querySelectorAll(".case"), (element) => {
    const data = element.dataset;
    const group = element.closest(".group");
    const message = group ? group.querySelector(".message").textContent : "";
    const text = [data.case, data.operations, data.tags, data.codes, message].join("\n");
    return {
      element,
      verdict: data.verdict,
      operation: list(data.operations),
      tag: list(data.tags),
      code: list(data.codes),
      text: text.toLowerCase(),
      // The operation of the group counts too: the failed call may be a fixture's.
      blamed: group ? group.dataset.operation : "",
    };
  });
  const boxes = Array.from(document.querySelectorAll("input[name=verdict]"));
  const search = byId("search");
  const selects = { operation: byId("filter-operation"), tag: byId("filter-tag"), code: byId("filter-code") };
  const shown = byId("shown");
  const keepers = Array.from(document.querySelectorAll(".group, .named, .file, #failures, #errors, #skipped, #passed"));
  const opened = new Set();

  const filters = () => ({
    q: search.value.trim().toLowerCase(),
    verdict: boxes.filter((box) => box.checked).map((box) => box.value),
    operation: selects.operation.value,
    tag: selects.tag.value,
    code: selects.code.value,
  });
  const fits = (entry, by, words) =>
    words.every((word) => entry.text.includes(word)) &&
    (!by.verdict.length || by.verdict.includes(entry.verdict)) &&
    (!by.operation || entry.operation.includes(by.operation) || entry.blamed === by.operation) &&
    (!by.tag || entry.tag.includes(by.tag)) &&
    (!by.code || entry.code.includes(by.code));

  const apply = () => {
    const by = filters();
    const words = by.q.split(/\s+/).filter(Boolean);
    const active = words.length || by.verdict.length || by.operation || by.tag || by.code;
    let count = 0;
    const alive = new Set();
    for (const entry of cases) {
      const fit = fits(entry, by, words);
      entry.element.hidden = !fit;
      if (!fit) continue;
      count += 1;
      for (let up = entry.element.parentElement; up && up.id !== "main" && !alive.has(up); up = up.parentElement) alive.add(up);
    }
    for (const keeper of keepers) {
      keeper.hidden = Boolean(active) && !alive.has(keeper);
      if (!(keeper instanceof HTMLDetailsElement)) continue;
      // A section with a match is opened, and closed again when no filter is active.
      if (active && alive.has(keeper) && !keeper.open) {
        keeper.open = true;
        opened.add(keeper);
      } else if (!active && opened.delete(keeper)) keeper.open = false;
    }
    const all = cases.length + " " + (cases.length === 1 && !active ? shown.dataset.noun : shown.dataset.plural);
    shown.textContent = active ? count + " of " + all : all;
  };

  const write = () => {
    const by = filters();
    const hash = new URLSearchParams();
    if (search.value.trim()) hash.set("q", search.value.trim());
    if (by.verdict.length) hash.set("verdict", by.verdict.join(","));
    for (const name of Object.keys(selects)) if (by[name]) hash.set(name, by[name]);
    const text = hash.toString().replaceAll("%2C", ",");
    history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
  };
  const clear = () => {
    search.value = "";
    for (const box of boxes) box.checked = false;
    for (const select of Object.values(selects)) select.value = "";
  };
  const go = (target) => {
    if (target.hidden || target.closest("[hidden]")) {
      clear();
      apply();
    }
    for (let up = target; up; up = up.parentElement) if (up instanceof HTMLDetailsElement) up.open = true;
    const inside = target.querySelector(":scope > details");
    if (inside && target.id.startsWith("explain-")) inside.open = true;
    arrive(target);
  };
  // Elements far outside the window have an estimated height until they come near it. So scroll again until the layout is stable.
  const arrive = (target) => {
    let frames = 6;
    const step = () => {
      target.scrollIntoView({ block: "start" });
      frames -= 1;
      if (frames) requestAnimationFrame(step);
    };
    step();
  };
  const read = () => {
    const hash = location.hash.slice(1);
    let anchor = null;
    try { anchor = byId(decodeURIComponent(hash)); } catch { /* not an anchor */ }
    if (hash && anchor) {
      go(anchor);
      return;
    }
    const by = new URLSearchParams(hash);
    search.value = by.get("q") || "";
    const verdicts = (by.get("verdict") || "").split(",");
    for (const box of boxes) box.checked = verdicts.includes(box.value);
    for (const [name, select] of Object.entries(selects)) {
      select.value = by.get(name) || "";
      if (select.selectedIndex < 0) select.value = "";
    }
    apply();
  };

  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { apply(); write(); }, 120);
  });
  for (const control of [...boxes, ...Object.values(selects)]) control.addEventListener("change", () => { apply(); write(); });
  byId("reset").addEventListener("click", () => { clear(); apply(); write(); });
  bar.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(waiting); apply(); write(); });
  addEventListener("hashchange", read);

  // Keys.
  const handle = (element) => element.querySelector("summary, a.name");
  const reachable = () => cases.map((entry) => entry.element).filter((element) => element.checkVisibility ? element.checkVisibility() : element.offsetParent);
  const walk = (by) => {
    const all = reachable();
    if (!all.length) return;
    const now = document.activeElement && document.activeElement.closest(".case");
    let index = all.indexOf(now);
    if (index < 0) index = by > 0 ? -1 : all.length;
    const next = all[Math.min(Math.max(index + by, 0), all.length - 1)];
    const to = handle(next);
    to.focus({ preventScroll: true });
    to.scrollIntoView({ block: "nearest" });
  };
  const help = byId("help");
  byId("keys").addEventListener("click", () => help.showModal());
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const typing = event.target instanceof Element && event.target.closest("input[type=search], select, textarea");
    if (event.key === "Escape" && event.target === search) search.blur();
    if (typing) return;
    const current = document.activeElement && document.activeElement.closest(".case");
    switch (event.key) {
      case "/": search.focus(); search.select(); break;
      case "?": help.showModal(); break;
      case "j": walk(1); break;
      case "k": walk(-1); break;
      case "o":
        if (!(current instanceof HTMLDetailsElement)) return;
        current.open = !current.open;
        handle(current).focus();
        break;
      default: return;
    }
    event.preventDefault();
  });

  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element && event.target.closest("button[data-copy]");
    if (!button) return;
    const source = button.parentElement.querySelector("pre");
    let done = false;
    try {
      await navigator.clipboard.writeText(source.textContent);
      done = true;
    } catch {
      getSelection().selectAllChildren(source);
    }
    button.textContent = done ? "copied" : "selected";
    setTimeout(() => { button.textContent = "copy"; }, 1500);
  });

  // Failures and errors are unfolded for printing.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = Array.from(document.querySelectorAll("#failures details:not([open]), #errors details:not([open])"));
    for (const element of closed) element.open = true;
  });
  addEventListener("afterprint", () => { for (const element of closed) element.open = false; });
  read();
})();
