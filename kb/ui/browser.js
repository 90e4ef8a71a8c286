export default function (component) {
  const { data, setTriggerValue } = component;

  if (data.task === "navigate") {
    const go = (url) => setTriggerValue("go", url.pathname + url.search + url.hash);
    const key = (event) => {
      const typing = event.target.closest && event.target.closest("input, textarea, [contenteditable=true]");
      const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
      const palette = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
      if (!slash && !palette) return;
      event.preventDefault();
      event.stopPropagation();
      const box = document.querySelector(".st-key-query input");
      if (box) { box.focus(); box.select(); } else { go(new URL("/", location.href)); }
    };
    const click = (event) => {
      const link = event.target.closest && event.target.closest("a[href]");
      if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (!link.closest("[data-testid=stMarkdown], [data-testid=stMarkdownContainer]")) return;
      const url = new URL(link.href, location.href);
      if (url.origin !== location.origin || url.pathname.startsWith("/attachment/")) return;
      event.preventDefault();
      event.stopPropagation();
      if (url.pathname === location.pathname && url.search === location.search && url.hash) {
        history.replaceState(history.state, "", url);
        const target = document.getElementById(decodeURIComponent(url.hash.slice(1)));
        if (target) target.scrollIntoView({ block: "start" });
        return;
      }
      go(url);
    };
    window.addEventListener("keydown", key, true);
    document.addEventListener("click", click, true);
    return () => {
      window.removeEventListener("keydown", key, true);
      document.removeEventListener("click", click, true);
    };
  }

  if (data.task === "headings") {
    const wanted = data.open || decodeURIComponent(location.hash.slice(1));
    let opened = false;
    const apply = () => {
      const article = document.querySelector(".st-key-article");
      if (!article) return;
      const headings = article.querySelectorAll("h1, h2, h3, h4, h5, h6");
      data.anchors.forEach((anchor, place) => {
        const heading = headings[place];
        if (!heading || heading.id === anchor) return;
        heading.id = anchor;
        const link = heading.querySelector("a[href^='#']");
        if (link) link.href = "#" + anchor;
      });
      const target = wanted && !opened && document.getElementById(wanted);
      if (target) {
        opened = true;
        if (location.hash.slice(1) !== wanted) {
          history.replaceState(history.state, "", location.pathname + location.search + "#" + wanted);
        }
        target.scrollIntoView({ block: "start" });
      }
    };
    apply();
    const observer = new MutationObserver(apply);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => observer.disconnect();
  }

  if (data.task === "address") {
    const url = new URL(location.href);
    for (const [name, value] of Object.entries(data.query)) {
      if (value) url.searchParams.set(name, value); else url.searchParams.delete(name);
    }
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  }
}
