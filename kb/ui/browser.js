// What only the browser can do. One function a task; each may return how to undo what it did.
const tasks = { navigate, headings, focus, words, redirect, leave };
const undo = {};

export default function (component) {
  const { task } = component.data;
  // Streamlit calls again when the data changes, and undoes only the last call, when the component goes.
  undo[task]?.();
  const mine = tasks[task](component.data);
  undo[task] = mine;
  return () => {
    if (undo[task] !== mine) return;
    mine?.();
    delete undo[task];
    if (task === "headings") shownPage = null;
  };
}

const RESULTS = ".st-key-answer a, .st-key-results h2 a";

// Same-tab links; "/" and Ctrl-K go to the search box, the down arrow from there to the results.
function navigate() {
  const box = () => document.querySelector(".st-key-query input");

  const key = (event) => {
    const from = event.target instanceof Element ? event.target : document.body;
    const typing = from.closest("input, textarea, select, [contenteditable=true]");
    const control = event.ctrlKey || event.metaKey;
    const slash = event.key === "/" && !typing && !control && !event.altKey;
    const palette = event.key.toLowerCase() === "k" && control && !event.altKey && !event.shiftKey;
    if (slash || palette) {
      stop(event);
      if (box()) { box().focus(); box().select(); } else { visit(new URL("/", location.href)); }
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !control && !event.altKey) {
      const stops = [box(), ...document.querySelectorAll(RESULTS)];
      const place = stops.indexOf(from);
      const next = stops[place + (event.key === "ArrowDown" ? 1 : -1)];
      if (place >= 0 && next) { stop(event); next.focus(); }
    }
  };

  const click = (event) => {
    const link = event.target instanceof Element && event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const url = new URL(link.href, location.href);
    if (url.origin !== location.origin || url.pathname.startsWith("/attachment/")) return;
    // Streamlit follows its own links, but from a search to an empty search it would not.
    const again = link.closest("[data-testid=stSidebarNavLink]") && url.pathname === location.pathname;
    if (!again && !link.closest("[data-testid=stMarkdownContainer], .relay, .st-key-bell")) return;
    stop(event);
    if (url.pathname === location.pathname && url.search === location.search && url.hash) {
      history.replaceState(history.state, "", url);
      show(named(url.hash));
    } else {
      visit(url);
    }
  };

  window.addEventListener("keydown", key, true);
  document.addEventListener("click", click, true);
  document.addEventListener("scroll", keepPlace, true);
  window.addEventListener("popstate", returnToPlace, true);
  const stopTending = whenever(tend);
  document.documentElement.dataset.baton = "ready"; // browser tests wait for it
  return () => {
    stopTending();
    window.removeEventListener("keydown", key, true);
    document.removeEventListener("click", click, true);
    document.removeEventListener("scroll", keepPlace, true);
    window.removeEventListener("popstate", returnToPlace, true);
  };
}

// Lists, quotes and tables run as their first letter does, from the right in Arabic. A style sheet does it for
// paragraphs, but could not move bullets and columns.
function tend() {
  for (const block of document.querySelectorAll(".stMarkdown :is(ul, ol, blockquote, table):not([dir])")) {
    block.dir = "auto";
  }
  // A table that is wider than its place scrolls; the arrow keys can do it only where Tab can go.
  for (const table of document.querySelectorAll(".st-key-article table")) {
    if (table.scrollWidth > table.clientWidth) table.tabIndex = 0; else table.removeAttribute("tabindex");
  }
  // Streamlit puts headings between the items of its list of screens, which then is none: links in a group are told right.
  for (const list of document.querySelectorAll("[data-testid=stSidebarNavItems]:not([role])")) {
    list.setAttribute("role", "group");
  }
  for (const item of document.querySelectorAll("[data-testid=stSidebarNavItems] li:not([role])")) {
    item.setAttribute("role", "none");
  }
}

// Where each address was scrolled to: the browser knows only the window's place, and Streamlit scrolls a part of it.
const places = new Map();

function keepPlace() {
  const main = document.querySelector("[data-testid=stMain]");
  if (main) places.set(location.href, main.scrollTop);
}

function returnToPlace(event) {
  const place = places.get(location.href);
  if (!event.isTrusted || !place || location.hash) return;
  hold(() => { document.querySelector("[data-testid=stMain]").scrollTop = place; });
}

// Give the article's headings the ids that search results link to, and show the wanted one.
let shownPage = null;
let wanted = "";

function headings(data) {
  if (data.page !== shownPage) {
    wanted = data.open || decodeURIComponent(location.hash.slice(1));
    // Streamlit keeps the place of the screen before: a link at the foot of a page would open the next one at its foot.
    if (!wanted && !endHold) hold(() => arrive(null));
  } else if (data.open) wanted = data.open;
  shownPage = data.page;
  const stopWatching = whenever(() => {
    const found = document.querySelectorAll(".st-key-article :is(h1, h2, h3, h4, h5, h6)");
    if (found.length < data.anchors.length) return;
    data.anchors.forEach((anchor, place) => {
      if (found[place].id === anchor) return;
      found[place].id = anchor;
      const link = found[place].querySelector("a[href^='#']");
      if (link) link.setAttribute("href", "#" + encodeURIComponent(anchor));
    });
    for (const box of document.querySelectorAll(".st-key-article li input[type=checkbox]:not([aria-label])")) {
      box.setAttribute("aria-label", box.closest("li").innerText.slice(0, 100));
    }
    markPassage(data.passage);
    if (!data.anchors.includes(wanted)) return;
    const hash = "#" + encodeURIComponent(wanted);
    wanted = "";
    history.replaceState(history.state, "", location.pathname + location.search + hash);
    hold(() => arrive(named(hash)));
  });
  return () => { stopWatching(); markPassage([]); };
}

// Mark these words in the article, without a change to its text.
function words(data) {
  if (!data.words.length || !globalThis.Highlight) return undefined;
  const escaped = data.words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const word = new RegExp("(?<![\\p{L}\\p{N}])(?:" + escaped.join("|") + ")(?![\\p{L}\\p{N}])", "giu");
  const apply = () => {
    const article = document.querySelector(".st-key-article");
    if (!article) return;
    const ranges = [];
    const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
    while (texts.nextNode() && ranges.length < 2000) {
      const text = texts.currentNode;
      for (const found of text.data.matchAll(word)) {
        const range = new Range();
        range.setStart(text, found.index);
        range.setEnd(text, found.index + found[0].length);
        ranges.push(range);
      }
    }
    CSS.highlights.set("matched", new Highlight(...ranges));
  };
  const stopWatching = whenever(apply);
  return () => { stopWatching(); CSS.highlights.delete("matched"); };
}

// Show another screen in the place of this one, so that Back does not return here.
function redirect(data) { visit(new URL(data.to, location.href), "replaceState"); }

// Leave the screens for a page of another kind.
function leave(data) { location.assign(new URL(data.to, location.href)); }

// Put the cursor into a box once it is there, unless the person is typing somewhere already.
function focus(data) {
  let done = false;
  const apply = () => {
    const box = document.querySelector(".st-key-" + data.box + " input");
    if (done || !box) return;
    done = true;
    if (document.activeElement?.closest("input, textarea, select, [contenteditable=true]")) return;
    box.focus({ preventScroll: true });
    box.setSelectionRange(box.value.length, box.value.length);
  };
  return whenever(apply);
}

// Streamlit shows what the address says when the browser goes back or forward: one entry of the history a visit.
function visit(url, how = "pushState") {
  keepPlace();
  endHold?.();
  history[how]({}, "", url);
  window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

function stop(event) { event.preventDefault(); event.stopPropagation(); }

function named(hash) {
  const id = decodeURIComponent(hash.slice(1));
  // The screen's title may have the id of a section; the section is meant.
  return document.querySelector(".st-key-article #" + CSS.escape(id)) || document.getElementById(id);
}

function show(target) { if (target) target.scrollIntoView({ block: "start" }); }

// Do it again while the screen is being drawn: for two seconds, or until the person acts.
let endHold = null;

function hold(apply) {
  endHold?.();
  const acts = ["wheel", "touchstart", "mousedown", "keydown"];
  const stopWatching = whenever(apply);
  const timer = setTimeout(() => endHold?.(), 2000);
  endHold = () => {
    stopWatching();
    clearTimeout(timer);
    acts.forEach((act) => window.removeEventListener(act, endHold, true));
    endHold = null;
  };
  acts.forEach((act) => window.addEventListener(act, endHold, { capture: true, passive: true }));
}

// Run now, and again when the page has changed: Streamlit draws piece by piece.
function whenever(apply) {
  let waiting = 0;
  const later = () => { if (!waiting) waiting = requestAnimationFrame(() => { waiting = 0; apply(); }); };
  const observer = new MutationObserver(later);
  observer.observe(document.body, { childList: true, subtree: true });
  apply();
  return () => { observer.disconnect(); cancelAnimationFrame(waiting); };
}
