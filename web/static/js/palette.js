// Ctrl or ⌘ with K, and every link with data-palette, open the search over
// everything in a dialog: the form of its own page (/search). The arrow keys
// move through the hits, Enter opens one.
"use strict";

(() => {
  const doc = document;
  let box, field, timer, asked, from;

  const hits = () => [...box.querySelectorAll("#found li a")]; // not "Show all" beside a heading
  const look = async () => {
    const q = field.value.trim(), url = "/search?q=" + encodeURIComponent(q);
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: asked.signal });
      if (!answer.ok || answer.redirected) return location.assign(url); // signed out: the page itself says so
      const part = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("found");
      box.querySelector("#found").replaceWith(doc.importNode(part, true));
    } catch { /* given up for a later one, or because the page is being left; the next letter asks again */ }
  };
  const step = way => {
    const all = hits(), at = all.indexOf(doc.activeElement) + way;
    if (at < 0) field.focus(); else all[Math.min(at, all.length - 1)]?.focus();
  };
  const make = form => {
    box = doc.createElement("dialog");
    box.className = "palette";
    box.setAttribute("aria-label", form.querySelector("input").getAttribute("aria-label"));
    box.append(form);
    doc.body.append(box);
    field = form.querySelector("input");
    field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 80); });
    form.addEventListener("submit", e => {
      const first = hits()[0];
      if (!first) return; // the page of the search
      e.preventDefault();
      first.click();
    });
    box.addEventListener("keydown", e => {
      if (e.key === "Escape") { e.preventDefault(); box.close(); return; } // Escape alone would only empty a search field
      if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
      e.preventDefault();
      step(e.key === "ArrowDown" ? 1 : -1);
    });
    box.addEventListener("click", e => { if (e.target === box) box.close(); });
    box.addEventListener("close", () => {
      clearTimeout(timer);
      asked?.abort();
      if (from?.isConnected) from.focus();
    });
  };
  const open = async () => {
    if (doc.querySelector("dialog:modal")) return;
    from = doc.activeElement;
    if (!box) {
      const answer = await fetch("/search", { headers: { Accept: "text/html" } });
      const form = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("form[data-palette-form]");
      if (!form) return location.assign("/search");
      make(doc.importNode(form, true));
    }
    box.showModal();
    field.focus();
    field.select();
  };
  doc.addEventListener("keydown", e => {
    if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "k" && doc.querySelector("[data-palette]")) {
      e.preventDefault();
      if (box?.open) box.close(); else open();
    }
  });
  doc.addEventListener("click", e => {
    const link = e.target.closest?.("[data-palette]");
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    open();
  });
})();
