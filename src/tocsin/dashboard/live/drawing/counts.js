// Why: how the whole fleet does, in five figures, before any detail.

const COUNTED = [
  ["open", "open incidents", "bad"],
  ["anomalous", "anomalous", "bad"],
  ["silent", "silent", "odd"],
  ["live", "live", ""],
  ["total", "devices", ""],
];

function drawCounts(root, told) {
  const list = part(root, ".counts") || root.appendChild(make("dl", "counts"));
  keep(list, COUNTED, (one) => one[0], beginCount, (box, [name, , tone]) => {
    say(box.lastElementChild, told.head ? (told.head[name] ?? 0).toLocaleString() : "–");
    mark(box, "data-tone", told.head && told.head[name] ? tone : "");
  });
  notice(root, told.away);
  document.title = `${told.head && told.head.open ? `(${told.head.open}) ` : ""}Live · tocsin`;
}

function beginCount([, title]) {
  const box = make("div", "count");
  box.append(make("dt", "", title), make("dd"));
  return box;
}

function notice(root, text) {
  const line = part(root, ".notice") || root.appendChild(make("p", "notice"));
  mark(line, "role", "status");
  mark(line, "data-away", Boolean(text));
  say(line, text || "");
}
