// Mark the passage that a search found, without a change to the article's text, and bring it into view.
const PARTS = "p, li, tr, pre, dt, dd, h1, h2, h3, h4, h5, h6";
const AHEAD = 3; // blocks that may stand between two lines of a passage: pictures, and what only the page shows

let wholeRun = false; // whether every line of the passage was found

// The lines are those of the passage as people read it; the article shows them as paragraphs, items, rows and code.
function markPassage(lines) {
  const marked = [...document.querySelectorAll("[data-passage]")];
  const article = document.querySelector(".st-key-article");
  const wanted = article ? lines.map(letters).filter(Boolean) : [];
  // Code is drawn last: what is not whole is looked for again.
  if (wholeRun && wanted.length && marked.length && marked.every((block) => article.contains(block))) return;
  marked.forEach((block) => { delete block.dataset.passage; block.removeAttribute("aria-current"); });
  if (!wanted.length) return;
  const blocks = ownTexts(article);
  const { run, held } = bestRun(blocks, wanted, namedPlace(blocks));
  wholeRun = held === wanted.join("").length;
  run.forEach((place) => { blocks[place].block.dataset.passage = ""; });
  if (run.size) blocks[Math.min(...run)].block.setAttribute("aria-current", "location");
}

// A text by its letters and digits alone. The page shows as text the tags that a passage leaves out.
function letters(text) {
  return text.replace(/<\/?[A-Za-z][^<>]*>/g, " ").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}

// Each block of the article with the text that is its own, in order.
function ownTexts(article) {
  const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  const own = new Map();
  while (texts.nextNode()) {
    const block = texts.currentNode.parentElement.closest(PARTS);
    if (block && article.contains(block)) own.set(block, (own.get(block) || "") + texts.currentNode.data);
  }
  return [...own].map(([block, text]) => ({ block, text: letters(text) })).filter(({ text }) => text);
}

function namedPlace(blocks) {
  const id = decodeURIComponent(location.hash.slice(1));
  return blocks.findIndex(({ block }) => id && block.id === id);
}

// The places of the blocks that hold most of the lines one after the other; of like runs the first below the heading.
function bestRun(blocks, lines, heading) {
  let best = { run: new Set(), held: lines.join("").length * 0.3 }; // less than this is chance
  const from = (first) => {
    const run = new Set();
    let [at, held] = [first, 0];
    for (const line of lines) {
      const ahead = blocks.slice(at, at + 1 + AHEAD).findIndex((block) => holds(block, line));
      if (ahead < 0) continue;
      at += ahead;
      run.add(at);
      held += line.length;
    }
    if (held > best.held) best = { run, held };
  };
  const starts = [...blocks.keys()].filter((place) => lines.slice(0, 2).some((line) => holds(blocks[place], line)));
  [...starts.filter((place) => place > heading), ...starts.filter((place) => place <= heading)].forEach(from);
  return best;
}

// A long block is kept in pieces, and code holds many lines.
function holds({ block, text }, line) {
  return text === line || ((line.length > 20 || block.tagName === "PRE") && text.includes(line));
}

// Show a section from its heading; further down where its passage would be out of sight. Null is the page's head.
function arrive(heading) {
  const main = document.querySelector("[data-testid=stMain]");
  const passage = document.querySelector("[data-passage]");
  if (heading) show(heading); else if (main) main.scrollTop = 0;
  if (!passage) return;
  if (passage.getBoundingClientRect().top > innerHeight * 0.6) show(passage);
  if (document.activeElement !== document.body) return;
  passage.tabIndex = -1; // the next Tab goes on from here, and a screen reader reads on from here
  passage.focus({ preventScroll: true });
}
