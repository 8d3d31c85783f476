// Why: devices in a table, worst first, each with its last ten minutes: height and colour and a figure say how bad.

const HEADS = ["Device", "Last 10 minutes", "Now", "Worst", "Mainly", "Heard"];

function drawFleet(root, told, act) {
  let table = part(root, ".fleet");
  if (!table) table = root.appendChild(beginFleet());
  keep(part(table, ".body"), told.devices, (one) => `${one.duty}\n${one.device}`, (one) => beginDevice(one, act),
    (row, one) => changeDevice(row, one, told));
  const rest = part(root, ".rest") || root.appendChild(make("p", "rest"));
  say(rest, told.rest);
}

function beginFleet() {
  const table = make("div", "fleet"), head = make("div", "row head"), top = make("div"), body = make("div", "body");
  mark(table, "role", "table");
  mark(table, "aria-label", "Devices, worst first");
  mark(top, "role", "rowgroup");
  mark(body, "role", "rowgroup");
  mark(head, "role", "row");
  for (const title of HEADS) {
    const cell = head.appendChild(make("span", "", title));
    mark(cell, "role", "columnheader");
  }
  top.append(head);
  table.append(top, body);
  return table;
}

function beginDevice(device, act) {
  const row = make("div", "row");
  mark(row, "role", "row");
  for (const name of ["who", "strip", "now", "worst", "cause", "heard"]) {
    mark(row.appendChild(make("span", name)), "role", "cell");
  }
  const open = part(row, ".who").appendChild(make("button", "link"));
  open.onclick = () => act("device", { duty: device.duty, device: device.device });
  part(row, ".who").append(make("span", "state"));
  part(row, ".strip").append(make("span", "bars"));
  return row;
}

function changeDevice(row, device, told) {
  const now = levelOf(device), chosen = told.device === device.device && (told.duty || device.duty) === device.duty;
  mark(row, "data-level", now);
  mark(row, "data-chosen", chosen);
  mark(part(row, "button"), "aria-current", chosen);
  say(part(row, "button"), device.name);
  const rings = device.open.length ? `${device.open.length} open, ` : "";
  say(part(row, ".state"), rings + LEVELS[now]);
  say(part(row, ".now"), device.silent ? "–" : times(device.severity));
  say(part(row, ".worst"), times(device.worst));
  say(part(row, ".cause"), device.cause || "");
  const ago = since(device.time, told.now);
  say(part(row, ".heard"), ago ? `${ago} ago` : moment(device.time));
  strip(part(row, ".bars"), device);
}

function strip(bars, device) {
  const worst = device.strip || [];
  mark(bars, "role", "img");
  mark(bars, "aria-label", `worst ${times(device.worst)} of its limit in the last 10 minutes`);
  keep(bars, worst.map((value, k) => [k, value]), (one) => String(one[0]), () => make("i"), (bar, [, value]) => {
    mark(bar, "data-level", level(value));
    mark(bar, "style", `height:${value === null ? 8 : Math.round(12 + 88 * Math.min(value, 2.5) / 2.5)}%`);
  });
}
