// The lists of servers and instances: what is selected survives paging and
// filtering, rows change in place, the keyboard moves through them. A few
// listeners of the document do all of it; rows carry none.
//
// What was picked is kept in sessionStorage for each list and scope:
//   { ids: [...] }                    picked one by one
//   { all: query, except: [...] }     everything that the query matches
"use strict";

(() => {
  const doc = document;
  const $ = (s, e = doc) => e.querySelector(s);
  const $$ = (s, e = doc) => [...e.querySelectorAll(s)];
  const form = () => $("form.list[data-list]");
  const boxes = (f = form()) => $$(".pickrow", f);
  const texts = () => JSON.parse(form()?.dataset.texts || "{}");
  const figure = n => String(n).replace(/\B(?=(\d{3})+$)/g, ","); // toLocaleString would load all of ICU while the page starts
  const say = (key, n) => (texts()[key] || "").replace("{N}", figure(n));

  // --- what is selected -----------------------------------------------------
  const key = f => `picked:${f.dataset.list}:${f.dataset.scope}`;
  const read = f => {
    try { return JSON.parse(sessionStorage.getItem(key(f))) || { ids: [] }; } catch { return { ids: [] }; }
  };
  const write = (f, kept) => {
    try {
      if (kept.all === undefined && !kept.ids.length) sessionStorage.removeItem(key(f));
      else sessionStorage.setItem(key(f), JSON.stringify(kept));
    } catch { /* private windows: this page alone remembers */ }
  };
  const count = (f, kept) => kept.all !== undefined ? Number(f.dataset.all) - kept.except.length : kept.ids.length;
  // store takes what is ticked on the page into what is kept.
  const store = f => {
    if (f.dataset.selection) return show(f);
    const kept = read(f), here = boxes(f);
    if (kept.all !== undefined) {
      const except = new Set(kept.except);
      for (const b of here) if (b.checked) except.delete(b.value); else except.add(b.value);
      kept.except = [...except];
    } else {
      const ids = new Set(kept.ids);
      for (const b of here) if (b.checked) ids.add(b.value); else ids.delete(b.value);
      kept.ids = [...ids];
    }
    write(f, kept);
    show(f);
  };
  // restore ticks what is kept on a page that has just appeared.
  const restore = () => {
    const f = form();
    if (!f) return;
    if (f.dataset.selection) return show(f);
    let kept = read(f);
    if (kept.all !== undefined && kept.all !== f.dataset.query) write(f, kept = { ids: [] }); // it belonged to another query
    const ids = new Set(kept.ids), except = new Set(kept.except);
    for (const b of boxes(f)) b.checked = kept.all !== undefined ? !except.has(b.value) : ids.has(b.value);
    show(f);
  };
  const show = f => {
    const here = boxes(f), ticked = here.filter(b => b.checked).length, kept = read(f);
    const chosen = f.dataset.selection ? Number(f.dataset.all) - (here.length - ticked) : count(f, kept);
    const head = $(".pickall", f);
    if (head) { head.checked = ticked > 0 && ticked === here.length; head.indeterminate = ticked > 0 && ticked < here.length; }
    f.classList.toggle("picking", chosen > 0);
    const words = $(".cnt", f);
    const hidden = f.dataset.selection || kept.all !== undefined ? 0 : chosen - ticked;
    let said = chosen ? say(chosen === 1 ? "selected.one" : "selected", chosen) : say("with", 0);
    if (hidden > 0) said += " · " + say("hidden", hidden);
    if (words && words.textContent !== said) words.textContent = said;
    const drop = $("[data-pick=visible]", f);
    if (drop) drop.hidden = hidden <= 0;
  };
  const clear = f => { write(f, { ids: [] }); for (const b of boxes(f)) b.checked = false; show(f); };

  let last; // where a range begins
  const range = (box, f) => {
    const all = boxes(f), from = all.indexOf(last), to = all.indexOf(box);
    if (from < 0 || to < 0) return;
    for (const b of all.slice(Math.min(from, to), Math.max(from, to) + 1)) b.checked = box.checked;
  };
  doc.addEventListener("click", e => {
    const f = e.target.closest?.("form.list[data-list]");
    if (!f) return;
    const t = e.target;
    if (t.matches(".pickrow")) { if (e.shiftKey) range(t, f); last = t; store(f); }
    else if (t.matches(".pickall")) { for (const b of boxes(f)) b.checked = t.checked; store(f); }
    else if (t.closest(".ip")) copy(t.closest(".ip").textContent.trim());
    else if (t.closest("[data-pick=all]")) {
      e.preventDefault();
      write(f, { all: f.dataset.query, except: [] });
      restore();
    } else if (t.closest("[data-pick=visible]")) {
      write(f, { ids: boxes(f).filter(b => b.checked).map(b => b.value) });
      show(f);
      $(".bulk .btn", f)?.focus(); // the button that was pressed is hidden now
    }
  });
  doc.addEventListener("reset", e => {
    if (!e.target.matches("form.list[data-list]")) return;
    e.preventDefault();
    clear(e.target);
  });
  // What is sent: the kept ids in one field, or the query with its exceptions.
  doc.addEventListener("formdata", e => {
    const f = e.target;
    if (!f.matches("form.list[data-list]") || f.dataset.selection) return;
    const kept = read(f);
    e.formData.delete("id");
    if (kept.all !== undefined) {
      e.formData.set("all", "1");
      e.formData.set("q", kept.all);
      e.formData.set("except", kept.except.join(" "));
    } else e.formData.set("ids", kept.ids.join(" "));
  });
  const copy = words => { // app.js copies and says so
    const b = doc.createElement("button");
    b.dataset.copy = words;
    b.hidden = true;
    doc.body.append(b);
    b.click();
    b.remove();
  };

  // A filter's menu closes when it is applied; the answer would leave it open.
  doc.addEventListener("submit", e => { if (e.target.id === "filters") $(":popover-open", e.target)?.hidePopover(); });

  // --- rows that changed ----------------------------------------------------
  const rowOf = id => boxes().find(b => b.value === id)?.closest("tr");
  let spokenAt = 0;
  const merge = text => {
    const f = form(), fresh = new DOMParser().parseFromString(text, "text/html").body.firstElementChild;
    if (!f || !fresh?.dataset.version) return;
    const hold = $("#fresh", f);
    let seen = 0;
    for (const row of $$("tbody tr", fresh)) {
      const now = rowOf($(".pickrow", row).value);
      if (!now || now.contains(doc.activeElement) && doc.activeElement.matches(".ip")) continue;
      const state = $(".st", now)?.textContent, picked = $(".pickrow", now).checked;
      Idiomorph.morph(now, row);
      $(".pickrow", now).checked = picked;
      const st = $(".st", now);
      if (st && st.textContent !== state) {
        st.classList.remove("new");
        void st.offsetWidth; // so that the flash starts again
        st.classList.add("new");
      }
      seen++;
    }
    for (const c of $$("[data-count]", fresh)) {
      const e = doc.getElementById(c.dataset.count);
      if (e && e.textContent !== c.textContent) e.textContent = c.textContent;
    }
    if ("moved" in fresh.dataset) $("#moved", f).hidden = false;
    hold.dataset.version = fresh.dataset.version;
    const url = new URL(hold.getAttribute("hx-get"), location.href);
    url.searchParams.set("v", fresh.dataset.version);
    hold.setAttribute("hx-get", url.pathname + url.search);
    htmx.process(hold);
    if (seen && fresh.dataset.spoken && Date.now() - spokenAt > 20000) { // at most every 20 s
      spokenAt = Date.now();
      const status = doc.getElementById("status");
      if (status) status.textContent = fresh.dataset.spoken;
    }
  };
  doc.addEventListener("htmx:afterRequest", e => {
    if (e.target.id === "fresh" && e.detail.xhr?.status === 200) merge(e.detail.xhr.responseText);
  });
  doc.addEventListener("htmx:configRequest", e => { // the version may have moved since htmx read the attribute
    if (e.target.id === "fresh") e.detail.path = e.target.getAttribute("hx-get");
  });

  // --- keyboard -------------------------------------------------------------
  let cursor = -1;
  const rows = () => boxes().map(b => b.closest("tr"));
  const move = way => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex(r => r.contains(doc.activeElement));
    cursor = Math.min(Math.max((at < 0 ? cursor : at) + way, 0), all.length - 1);
    const link = $("th a", all[cursor]) || $(".pickrow", all[cursor]);
    link.focus({ preventScroll: true });
    all[cursor].scrollIntoView({ block: "nearest" });
  };
  doc.addEventListener("keydown", e => {
    const f = form();
    if (!f || e.defaultPrevented || doc.body.dataset.keys === "off" || e.ctrlKey || e.metaKey || e.altKey || $("dialog:modal")) return;
    if (e.target.closest?.("input:not(.pickrow, .pickall), textarea, select, [contenteditable]")) return;
    const row = doc.activeElement?.closest?.("tr"), box = row && $(".pickrow", row);
    if (e.key === "j") move(1);
    else if (e.key === "k") move(-1);
    else if (e.key === "x" && box) { box.checked = !box.checked; last = box; store(f); }
    else if (e.key === "X" && box) { box.checked = true; range(box, f); last = box; store(f); }
    else if (e.key === "a") { const all = boxes(f), on = all.some(b => !b.checked); for (const b of all) b.checked = on; store(f); }
    else if (e.key === "." && f.classList.contains("picking")) $(".bulk .btn", f)?.focus(); // in the order of tabs it comes after all rows
    else if (e.key === "Escape" && !$(":popover-open") && f.classList.contains("picking")) clear(f);
    else if (e.key === "Enter" && box === doc.activeElement) $("th a", row)?.click();
    else return;
    e.preventDefault();
  });

  // --- columns: the order is that of the list ------------------------------
  doc.addEventListener("click", e => {
    const up = e.target.closest?.("button[data-up]");
    if (!up) return;
    e.preventDefault();
    const line = up.closest("li"), before = line.previousElementSibling;
    if (before) { before.before(line); up.focus(); }
  });

  doc.addEventListener("htmx:afterSwap", restore);
  addEventListener("pageshow", restore);
  restore();
})();
