// Draws the rows of kb.diff. People's text only ever becomes textContent.
const SIGNS = { same: ["", ""], removed: ["\u2212", "Removed: "], added: ["+", "Added: "] };
const AT_ONCE = 400; // rows drawn before the reader asks for more

function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}

function drawRow(row) {
  const line = element("div", "row " + row.kind);
  const [sign, spoken] = SIGNS[row.kind];
  line.append(element("span", "number", row.number));
  const marker = element("span", "sign");
  const shown = element("span", "", sign);
  shown.setAttribute("aria-hidden", "true");
  marker.append(shown, element("span", "spoken", spoken));
  const text = element("span", "text");
  const mark = row.kind === "added" ? "ins" : "del";
  for (const [piece, changed] of row.pieces) text.append(changed ? element(mark, "", piece) : piece);
  line.append(marker, text);
  return line;
}

function drawMore(label, draw) {
  const button = element("button", "more", label);
  button.type = "button";
  button.onclick = () => {
    const rows = draw();
    button.replaceWith(...rows);
  };
  return button;
}

function drawFold(rows) {
  const label = `\u22ef ${rows.length.toLocaleString()} unchanged lines: show`;
  return drawMore(label, () => drawRows(rows));
}

function drawRows(rows) {
  const drawn = rows.slice(0, AT_ONCE).map((row) => (row.fold ? drawFold(row.fold) : drawRow(row)));
  if (rows.length > AT_ONCE) {
    const rest = rows.slice(AT_ONCE);
    drawn.push(drawMore(`${rest.length.toLocaleString()} more lines: show`, () => drawRows(rest)));
  }
  return drawn;
}

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".diff");
  if (root.dataset.drawn === data.version) return; // a rerun must not close what the reader opened
  root.dataset.drawn = data.version;
  root.replaceChildren();
  for (const part of data.parts) {
    const section = element("section", "part");
    section.setAttribute("aria-label", "Changes: " + part.name);
    section.append(element("div", "name", part.name), ...drawRows(part.rows));
    root.append(section);
  }
}
