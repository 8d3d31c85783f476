// Why: on a wall, from five metres, only what counts: how many, who, how bad, since when.

function drawWall(root, told) {
  const wall = part(root, ".wall") || root.appendChild(make("div", "wall"));
  if (!wall.children.length) wall.append(make("div", "left"), make("div", "right"));
  drawCounts(part(wall, ".left"), told);
  drawIncidents(part(wall, ".left"), told, () => {});
  leaveOut(part(wall, ".left"), told.total);
  const tiles = part(wall, ".tiles") || part(wall, ".right").appendChild(make("ul", "tiles"));
  mark(tiles, "aria-label", "Devices, worst first");
  keep(tiles, told.devices, (one) => `${one.duty}\n${one.device}`, beginTile, changeTile);
}

// Nobody scrolls a wall: incidents that do not fit as a whole are counted instead.
function leaveOut(left, total) {
  const list = part(left, ".incidents"), cards = [...list.children];
  for (const card of cards) card.style.display = "";
  let shown = cards.length;
  const more = () => total && say(part(left, ".empty"), total > shown ? `And ${total - shown} more.` : "");
  for (more(); shown > 1 && list.scrollHeight > list.clientHeight; more()) cards[--shown].style.display = "none";
}

function beginTile(device) {
  const tile = make("li", "tile");
  tile.append(make("span", "name"), make("span", "big"), make("span", "bars"), make("span", "state"));
  return tile;
}

function changeTile(tile, device) {
  const now = levelOf(device);
  say(part(tile, ".name"), device.name);
  mark(tile, "data-level", device.open.length && now !== "silent" ? "far" : now);
  say(part(tile, ".big"), device.silent ? "silent" : times(device.severity));
  const why = device.cause && !device.silent ? `: ${device.cause}` : "";
  say(part(tile, ".state"), device.open.length ? `incident${why}` : LEVELS[now]);
  strip(part(tile, ".bars"), device);
}
