// The page's stream of events, its indicator and the parts that it has read again.
//
//   data-live             the indicator of the page's stream
//   data-live-part        an element that asks by itself: its requests say so (X-Live) and keep no session alive
//
// Events of the stream: one per topic, "beat" every 15 s, "end" when the session
// is over, "resync" when the browser was too slow and must come back. Elements
// with hx-trigger="refresh from:body" are read again after a gap.
"use strict";

(() => {
  const doc = document;
  const $ = (s, e = doc) => e.querySelector(s);
  const $$ = (s, e = doc) => [...e.querySelectorAll(s)];
  const texts = JSON.parse($('meta[name="sampan-texts"]')?.content || "{}");
  const say = (key, values = {}) => (texts[key] || "").replace(/\{(\w+)\}/g, (m, name) => values[name] ?? m);
  const write = (e, words) => { if (e && e.textContent !== words) e.textContent = words; };

  // --- the stream ---------------------------------------------------------
  // To htmx's extension a Stream looks like one EventSource; it opens a new one
  // whenever the connection is lost, and closes it while the tab is hidden: at
  // once over HTTP/1.1, where browsers allow six connections to a host, and after
  // five minutes over HTTP/2.
  const BEAT = 35000, GRACE = 3000, HIDDEN_H2 = 300000;
  const h2 = () => /^h[23]/.test(performance.getEntriesByType("navigation")[0]?.nextHopProtocol || "");

  // In hx-trigger a slash would begin a regular expression: "server.72a2…" there
  // is the topic "server/72a2…".
  const topic = type => type.replace(".", "/");

  class Stream {
    static CONNECTING = 0; static OPEN = 1; static CLOSED = 2;
    constructor(url) {
      this.url = url;
      this.listeners = new Map(); // type -> Set
      this.held = new Map();      // type -> the event that waits, null for none
      this.tries = 0;
      this.ended = false;
      this.beats = false;
      this.lost = 0;              // since when, 0 while all is well
      this.heard = 0;
      if (!doc.hidden || h2()) this.connect(); else this.lost = Date.now();
      Stream.current = this;
    }
    get readyState() { return this.ended ? Stream.CLOSED : this.source ? this.source.readyState === 1 ? 1 : 0 : 0; }
    addEventListener(type, f) {
      type = topic(type);
      if (!this.listeners.has(type)) {
        this.listeners.set(type, new Set());
        this.source?.addEventListener(type, this.forward);
      }
      this.listeners.get(type).add(f);
    }
    removeEventListener(type, f) { this.listeners.get(topic(type))?.delete(f); }
    // An event without data makes parts read themselves again: at most twice a
    // second, and the last event is always passed on.
    forward = event => {
      const { type, data } = event;
      this.beat();
      if (!data && this.held.has(type)) return void this.held.set(type, event);
      for (const f of this.listeners.get(type) || []) f.call(this, event);
      if (data) return;
      this.held.set(type, null);
      setTimeout(() => {
        const last = this.held.get(type);
        this.held.delete(type);
        if (last) this.forward(last);
      }, 500);
    };
    connect() {
      if (this.ended) return;
      this.drop();
      clearTimeout(this.retry);
      const source = new EventSource(this.url, { withCredentials: true });
      this.source = source;
      for (const type of this.listeners.keys()) source.addEventListener(type, this.forward);
      source.addEventListener("beat", () => { this.beats = true; this.beat(); });
      source.addEventListener("end", () => this.end());
      source.addEventListener("resync", () => { this.lost ||= Date.now(); this.connect(); });
      source.onopen = event => {
        const gap = this.lost;
        this.tries = 0;
        this.beat();
        this.onopen?.(event);
        if (gap) htmx.trigger(doc.body, "refresh"); // the topics come by themselves
      };
      source.onerror = () => {
        if (this.source !== source) return;
        this.miss();
        if (source.readyState !== 2) return; // the browser tries again itself
        this.drop();
        const wait = Math.min(30000, 500 * 2 ** this.tries++) * (0.75 + Math.random() / 2);
        this.retry = setTimeout(() => this.connect(), wait);
      };
      this.watch();
    }
    beat() { this.heard = Date.now(); this.lost = 0; this.watch(); indicate(); }
    watch() { // without beats, silence is normal
      clearTimeout(this.dog);
      if (this.beats) this.dog = setTimeout(() => { this.miss(); this.connect(); }, BEAT);
    }
    miss() { if (!this.lost) this.lost = this.heard || Date.now(); setTimeout(indicate, GRACE); }
    drop() { this.source?.close(); this.source = null; clearTimeout(this.dog); }
    pause() { if (this.ended) return; this.drop(); clearTimeout(this.retry); this.lost ||= Date.now(); }
    resume() { if (this.ended) return; clearTimeout(this.sleep); if (!this.source) this.connect(); }
    end() { this.close(); const strip = $("[data-ended]"); if (strip) strip.hidden = false; indicate(); }
    close() { this.ended = true; this.drop(); clearTimeout(this.retry); }
  }
  window.Stream = Stream; // for app.js
  if (window.htmx) htmx.createEventSource = url => new Stream(url);

  // --- the indicator ------------------------------------------------------
  const clock = t => { // in the reader's zone, like all times of the page
    const form = { hour: "2-digit", minute: "2-digit" };
    try { return new Intl.DateTimeFormat("en-GB", { ...form, timeZone: texts.zone }).format(t); } catch {
      return new Intl.DateTimeFormat("en-GB", form).format(t);
    }
  };
  const indicate = () => {
    const s = Stream.current;
    if (!s) return;
    const strip = $("[data-paused]");
    const paused = s.ended || (s.lost && Date.now() - s.lost > GRACE && !doc.hidden && s.readyState !== 1);
    if (strip) {
      if (paused && !s.ended && strip.hidden) {
        write($("[data-paused-since]", strip), say("since", { Time: clock(s.lost) }));
        strip.hidden = false;
      } else if (!paused || s.ended) strip.hidden = true;
    }
    for (const live of $$("[data-live]")) {
      live.classList.toggle("off", Boolean(paused));
      live.classList.toggle("wait", !paused && !s.heard);
      write(live, paused ? say("liveOff", { Time: clock(s.lost || Date.now()) })
        : say(s.heard ? "liveOn" : "connecting"));
    }
  };
  doc.addEventListener("visibilitychange", () => {
    const s = Stream.current;
    if (!s) return;
    if (!doc.hidden) return s.resume();
    if (h2()) s.sleep = setTimeout(() => s.pause(), HIDDEN_H2); else s.pause();
  });
  addEventListener("pagehide", () => Stream.current?.pause());
  addEventListener("pageshow", e => { if (e.persisted) Stream.current?.resume(); });
  addEventListener("online", () => Stream.current?.connect());
  setInterval(() => { if (!doc.hidden) indicate(); }, 1000);
  doc.addEventListener("DOMContentLoaded", indicate);

  // --- parts that it has read again ---------------------------------------
  // hx-headers would not do: links and forms inside the part inherit it.
  doc.addEventListener("htmx:configRequest", e => {
    if (e.target.matches("[data-live-part]")) e.detail.headers["X-Live"] = "1";
  });

  // A region with something open in it is left alone; it is read again when that closes.
  const holdsOpen = e => Boolean($(":popover-open, dialog[open], select:focus", e));
  let skipped = false;
  doc.addEventListener("htmx:sseBeforeMessage", e => {
    if (holdsOpen(e.target)) { skipped = true; e.preventDefault(); }
  });
  const catchUp = () => { if (skipped && !holdsOpen(doc)) { skipped = false; Stream.current?.connect(); } };
  for (const type of ["toggle", "close", "blur"]) doc.addEventListener(type, () => setTimeout(catchUp), true);
})();
