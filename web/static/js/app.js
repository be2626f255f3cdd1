// What pages ask for by attributes; nothing here is needed to read or to send a form.
//
//   data-copy="text"      copies it, says "Copied" once (empty: the element's own text)
//   data-reveal="id"      shows what is typed in that password field
//   data-dialog           a link whose page holds a form[data-dialog-form]: opens it in a dialog
//   data-close            closes the dialog or popover around it
//   data-open="id"        opens that dialog of the page
//   data-busy="label"     the submit button's label while the answer is awaited
//   data-download         a submit button whose answer is a file: the page stays, the form can be sent again
//   data-focus            gets the focus when it appears
//   data-relative         a <time datetime> whose text is kept current
//   data-fragment         filled with the code of a one-time link, which stands behind the "#"
//   data-zone             a select of time zones: the browser's own is chosen
//   data-autosubmit       a form that is sent when one of its choices changes
//   data-with="name=v"    a <details> that unfolds when that is chosen in its form
//   data-keep             a form that stays as it is, once something was entered, when the part around it is read again
//
// What the stream does for a page stands in stream.js.
"use strict";

(() => {
  const doc = document;
  const $ = (s, e = doc) => e.querySelector(s);
  const $$ = (s, e = doc) => [...e.querySelectorAll(s)];
  const texts = JSON.parse($('meta[name="sampan-texts"]')?.content || "{}");
  const say = (key, values = {}) => (texts[key] || "").replace(/\{(\w+)\}/g, (m, name) => values[name] ?? m);

  // --- regions that speak -------------------------------------------------
  const speak = (id, words) => {
    const region = doc.getElementById(id);
    if (!region) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = words; }, 50); // so that the same words are announced again
  };
  const icon = name => {
    const known = $("svg.i use");
    const svg = doc.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = doc.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "i");
    svg.setAttribute("aria-hidden", "true");
    if (known) use.setAttribute("href", known.getAttribute("href").split("#")[0] + "#" + name);
    svg.append(use);
    return svg;
  };
  // A toast disappears after 6 s, but not while it has the pointer or the focus.
  const expire = box => {
    let timer;
    const start = () => { timer = setTimeout(() => box.remove(), 6000); };
    const stop = () => clearTimeout(timer);
    for (const e of ["pointerenter", "focusin"]) box.addEventListener(e, stop);
    for (const e of ["pointerleave", "focusout"]) box.addEventListener(e, start);
    start();
  };
  const toast = (words, bad) => {
    const box = doc.createElement("div");
    box.className = "toast";
    box.setAttribute("role", bad ? "alert" : "status");
    const span = doc.createElement("span");
    span.textContent = words;
    box.append(icon(bad ? "fail" : "ok"), span);
    doc.getElementById("toasts")?.append(box);
    expire(box);
  };

  // --- times --------------------------------------------------------------
  const span = (seconds, way) => {
    const s = Math.floor(seconds);
    if (s < 60) return say(way + ".s", { N: s });
    if (s < 3600) return say(way + ".min", { N: Math.floor(s / 60) });
    return say(way + ".h", { N: Math.floor(s / 3600) });
  };
  const relative = (then, now = Date.now()) => {
    const s = (now - then) / 1000;
    if (Math.abs(s) < 5) return say("now");
    return s > 0 ? span(s, "ago") : span(-s, "in");
  };
  const write = (e, words) => { if (e && e.textContent !== words) e.textContent = words; };
  const refreshTimes = () => {
    for (const t of $$("time[data-relative]")) {
      const then = Date.parse(t.dateTime);
      if (Math.abs(Date.now() - then) < 86400000) write(t, relative(then));
    }
  };
  setInterval(() => { if (!doc.hidden) refreshTimes(); }, 1000);

  // --- parts that are read again ------------------------------------------
  const entered = new WeakSet(); // forms with data-keep in which something was entered
  doc.addEventListener("input", e => { if (e.target.form?.matches("[data-keep]")) entered.add(e.target.form); });
  if (window.Idiomorph) {
    const { defaults } = Idiomorph;
    defaults.ignoreActiveValue = true; // keeps what is being typed
    defaults.callbacks.beforeNodeMorphed = (old, fresh) => {
      if (entered.has(old) && fresh.getAttribute?.("action") === old.getAttribute("action")) return false;
      // The field with the focus takes the new value if nothing was typed in it.
      const untouched = old === doc.activeElement && old.localName === "input" && old.value === old.defaultValue;
      if (!untouched || fresh.defaultValue === undefined) return;
      if (old.type === "text" && old.value !== fresh.defaultValue) old.value = old.defaultValue = fresh.defaultValue;
    };
    // What was unfolded stays so, and a heading that got the focus can keep it.
    defaults.callbacks.beforeAttributeUpdated = (name, node) =>
      !(name === "open" && node.localName === "details") && name !== "tabindex";
  }

  // --- forms: sent once ---------------------------------------------------
  const busy = new Map(); // form -> undo
  const lock = (form, button) => {
    const label = button && ($("[data-label]", button) || button);
    const before = label?.textContent;
    form.setAttribute("aria-busy", "true");
    if (button) {
      button.setAttribute("aria-busy", "true"); // not disabled: its value is part of what is sent
      if (button.dataset.busy) label.textContent = button.dataset.busy;
    }
    const undo = () => {
      busy.delete(form);
      form.removeAttribute("aria-busy");
      button?.removeAttribute("aria-busy");
      if (button?.dataset.busy) label.textContent = before;
    };
    busy.set(form, undo);
    return undo;
  };
  addEventListener("submit", e => {
    const form = e.target;
    if (busy.has(form)) { e.preventDefault(); e.stopImmediatePropagation(); return; }
    if (form.method === "get" || form.method === "dialog") return;
    if ("again" in form.dataset || e.submitter && "download" in e.submitter.dataset) return;
    const undo = lock(form, e.submitter);
    setTimeout(() => { if (e.defaultPrevented && !form.matches("[hx-post], [hx-get]")) undo(); });
    setTimeout(() => { if (busy.get(form) === undo) undo(); }, 30000); // a download leaves the page where it is
  }, true);
  doc.addEventListener("htmx:afterRequest", e => busy.get(e.target.closest?.("form"))?.());
  addEventListener("pageshow", () => { for (const undo of [...busy.values()]) undo(); });
  doc.addEventListener("click", e => {
    if (e.target.closest?.("[aria-disabled=true]")) { e.preventDefault(); e.stopImmediatePropagation(); }
  }, true);
  doc.addEventListener("input", e => { // filling in a field of a choice chooses it
    const radio = e.target.closest?.(".pick") && $(":scope > input[type=radio]", e.target.closest(".pick"));
    if (!radio || radio === e.target || radio.checked) return;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  });
  doc.addEventListener("change", e => {
    const chosen = `${e.target.name}=${e.target.value}`;
    for (const fold of $$("details[data-with]", e.target.form || doc)) fold.open ||= fold.dataset.with === chosen;
    e.target.closest?.("form[data-autosubmit]")?.requestSubmit();
  });

  // --- answers that are not pages ----------------------------------------
  doc.addEventListener("htmx:responseError", e => {
    const status = e.detail.xhr.status;
    if (status === 401) return location.reload(); // the server sends on to sign-in and back
    toast(say("refused"), true);
  });
  doc.addEventListener("htmx:sendError", () => toast(say("noAnswer"), true));
  doc.addEventListener("htmx:timeout", () => toast(say("noAnswer"), true));
  doc.addEventListener("toast", e => toast(e.detail.value ?? e.detail)); // HX-Trigger: {"toast":"…"}

  // --- dialogs ------------------------------------------------------------
  let opener;
  const open = (dialog, from) => {
    opener = from || doc.activeElement;
    if (!dialog.open) dialog.showModal();
    const field = $("[data-focus], [autofocus], input:not([type=hidden]), select, textarea", dialog);
    (field || $(".df .btn, button", dialog) || dialog).focus();
  };
  const shut = dialog => { if (dialog.open) dialog.close(); };
  doc.addEventListener("close", e => {
    if (e.target.id === "dialog") e.target.replaceChildren();
    opener?.isConnected && opener.focus();
  }, true);
  const load = async (link, dialog) => {
    try {
      const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const form = $("form[data-dialog-form]", page);
      if (!answer.ok || !form) { location.assign(link.href); return; } // let the page itself say why
      const title = doc.createElement("h2"); // the page below keeps its h1
      title.id = "dialog-title";
      title.append(...$("#dialog-title", form).childNodes);
      form.className = "";
      $("#dialog-title", form).replaceWith(title);
      dialog.replaceChildren(doc.importNode(form, true));
      htmx.process(dialog);
      open(dialog, link);
    } catch { toast(say("noAnswer"), true); }
  };

  // --- clicks -------------------------------------------------------------
  const copy = async words => {
    try { await navigator.clipboard.writeText(words); } catch {
      const box = doc.createElement("textarea"); // plain HTTP has no clipboard
      box.value = words;
      box.className = "vh";
      doc.body.append(box);
      box.select();
      const done = doc.execCommand("copy");
      box.remove();
      if (!done) return;
    }
    toast(say("copied"));
  };
  const pressed = ["copy", "reveal", "dialog", "close", "open", "try", "refresh", "stay"].map(name => `[data-${name}]`).join();
  doc.addEventListener("click", e => {
    const t = e.target.closest?.(pressed);
    if (!t || e.defaultPrevented) return;
    const d = t.dataset;
    if ("copy" in d) copy(d.copy || t.textContent.trim());
    else if (d.reveal) {
      const field = doc.getElementById(d.reveal), shown = field.type === "text";
      field.type = shown ? "password" : "text";
      t.setAttribute("aria-pressed", String(!shown));
    } else if ("close" in d) {
      const dialog = t.closest("dialog");
      if (dialog) { e.preventDefault(); shut(dialog); } else t.closest("[popover]")?.hidePopover();
    } else if ("dialog" in d) {
      if (e.ctrlKey || e.metaKey || e.shiftKey || !window.htmx) return;
      e.preventDefault();
      load(t, doc.getElementById("dialog"));
    } else if (d.open) open(doc.getElementById(d.open), t);
    else if ("try" in d) window.Stream?.current?.connect();
    else if ("refresh" in d) { e.preventDefault(); keep(t); location.reload(); }
    else if ("stay" in d) {
      fetch(location.href, { method: "HEAD" }).then(answer => {
        if (!answer.ok) return;
        active();
        t.closest("#idle").hidden = true;
      }, () => toast(say("noAnswer"), true));
    }
  });

  // --- keyboard -----------------------------------------------------------
  const typing = e => e.target.closest?.("input, textarea, select, [contenteditable]") || e.ctrlKey || e.metaKey || e.altKey;
  let going = 0;
  doc.addEventListener("keydown", e => {
    if ((e.ctrlKey || e.metaKey) && e.key === "Enter") { // sends the dialog's form, unless its button destroys something
      const form = e.target.closest?.("dialog form"), button = form && $(".df button:not([data-close])", form);
      if (button && !button.matches(".danger")) form.requestSubmit(button);
      return;
    }
    if (typing(e) || doc.body.dataset.keys === "off" || e.repeat || $("dialog:modal")) return;
    const went = Date.now() - going < 1500;
    going = 0;
    if (went) {
      const link = $(`.nav a[data-key="${CSS.escape(e.key)}"]`);
      if (link) { e.preventDefault(); link.click(); }
    } else if (e.key === "g") going = Date.now();
    else if (e.key === "/") {
      const search = $("[data-search], main input[type=search]");
      if (search) { e.preventDefault(); search.focus(); search.select(); }
    } else if (e.key === "?") {
      const keys = doc.getElementById("keys");
      if (keys) { e.preventDefault(); open(keys); }
    }
  });

  // --- automatic sign-out, said two minutes before ------------------------
  let last = Date.now();
  const active = () => { last = Date.now(); };
  doc.addEventListener("htmx:afterRequest", active);
  const idle = Number(doc.body.dataset.idle || 0);
  if (idle) setInterval(() => {
    const left = idle - (Date.now() - last) / 1000, box = doc.getElementById("idle");
    if (!box) return;
    if (left < -5) return location.reload();
    const near = left < 120;
    if (near && box.hidden) write($("[data-idle-text]", box), say("idle", { Time: span(Math.max(1, left), "for") }));
    box.hidden = !near;
  }, 5000);

  // Leaving a page before its transition has run is not an error.
  for (const type of ["pageswap", "pagereveal"]) addEventListener(type, e => {
    for (const p of ["updateCallbackDone", "ready", "finished"]) e.viewTransition?.[p]?.catch(() => {});
  });

  // --- what the browser knows and the server does not ----------------------
  const prefill = () => {
    const field = $("input[data-fragment]"), code = decodeURIComponent(location.hash.slice(1)).replace(/^code=/, "");
    if (field && code) {
      if (!field.value) field.value = code;
      history.replaceState(null, "", location.pathname + location.search); // out of sight and of the history
    }
    const zone = $("select[data-zone]");
    if (!zone) return; // asking for the browser's zone takes a tenth of a second on a phone
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if ($$("option", zone).some(o => o.value === own)) zone.value = own;
  };

  // --- what just appeared -------------------------------------------------
  const appeared = e => {
    const part = e?.detail?.elt instanceof Element ? e.detail.elt : doc;
    for (const b of $$("[data-reveal][hidden]", part)) b.hidden = false;
    (part !== doc && part.matches("[data-focus]") ? part : $("[data-focus]", part))?.focus();
  };
  doc.addEventListener("htmx:load", appeared);

  // --- where the focus goes when what had it is gone -----------------------
  // It never falls to the body: it goes to the same control, else to the heading of
  // the part that the control stood in, else to where it came from, else to the
  // heading of the page. If a person clicks an empty place, it stays there.
  const kept = "sampan-focus";
  const lost = () => !doc.activeElement || doc.activeElement === doc.body || !doc.activeElement.checkVisibility();
  // The signature of a control: where it leads or what its form does and to what,
  // its name, and its value unless a person types it.
  const sign = e => {
    const form = e.form, typed = e.matches("select, textarea, input:not([type=radio], [type=checkbox])");
    const what = form?.method === "post" ? $$("input[type=hidden]:not([name=rev])", form).map(i => i.name + "=" + i.value) : [];
    const does = form && e.type !== "button" ? e.getAttribute("formaction") ?? form.getAttribute("action") : e.textContent.trim();
    return [e.localName, e.type, e.name, typed ? "" : e.value, e.getAttribute("href"), e.getAttribute("popovertarget"), does, ...what]
      .join("\n");
  };
  const spotOf = e => {
    const near = [];
    for (let p = e.parentElement; p && p !== doc.body; p = p.parentElement) if (p.id) near.push(p.id);
    return { path: location.pathname, id: e.id, sign: sign(e), near, at: Date.now() };
  };
  const focusOn = e => {
    if (!e?.checkVisibility()) return false;
    if (e.tabIndex < 0) e.tabIndex = -1; // a heading takes the focus only with the attribute
    e.focus({ preventScroll: true });
    if (doc.activeElement !== e) return false;
    e.scrollIntoView({ block: "nearest" });
    return true;
  };
  const putBack = (spot, before) => {
    const same = part => $$("a, button, input, select, textarea, summary", part).some(e => sign(e) === spot.sign && focusOn(e));
    if (spot.path === location.pathname) {
      if (spot.id && focusOn(doc.getElementById(spot.id))) return;
      for (const part of spot.near.map(id => doc.getElementById(id)).filter(Boolean)) {
        const opens = `[popovertarget="${CSS.escape(part.id)}"]`;
        if (same(part) || focusOn(part.popover ? $(opens) : $("h1, h2, h3, section[tabindex]", part))) return;
      }
      if (focusOn(before)) return;
    } else if (same(doc)) return; // a form that was refused is shown at its own address
    focusOn($("main h1") || $("h1") || $("main"));
  };
  let held, spot, before; // what had the focus when it was last seen, how to find it again, and what had it before
  doc.addEventListener("focusin", e => { held = e.target; spot = spotOf(held); before = e.relatedTarget; });
  const look = () => setTimeout(() => {
    if (!held || !lost() || $("dialog[open]")) return;
    if (held.isConnected && held.checkVisibility() && !held.disabled) held = null; else putBack(spot, before);
  });
  for (const type of ["focusout", "htmx:afterSettle", "htmx:sseMessage"]) doc.addEventListener(type, look);
  const keep = e => {
    try { sessionStorage.setItem(kept, JSON.stringify(spotOf(e))); } catch { /* no storage: the page begins at its top */ }
  };
  addEventListener("submit", e => { // htmx prevents what it sends itself, and leaves the page only by a redirect
    const form = e.target;
    if (e.defaultPrevented || form.method === "dialog" || form.target || e.submitter && "download" in e.submitter.dataset) return;
    keep(doc.activeElement.form === form ? doc.activeElement : e.submitter || form);
  });
  doc.addEventListener("htmx:beforeOnLoad", e => { if (held && e.detail.xhr.getResponseHeader("HX-Redirect")) keep(held); });
  const arrived = () => {
    let spot = null;
    try { spot = JSON.parse(sessionStorage.getItem(kept) || "null"); sessionStorage.removeItem(kept); } catch { /* nothing is known */ }
    if (spot && Date.now() - spot.at < 60000 && lost() && !$("[autofocus]")) putBack(spot);
  };

  doc.addEventListener("DOMContentLoaded", () => {
    if (!window.htmx) appeared();
    setTimeout(arrived); // after elements that ask for the focus themselves
    prefill();
    for (const t of $$(".toasts .toast")) expire(t);
    refreshTimes();
  });
  doc.addEventListener("htmx:afterSwap", refreshTimes);
})();
