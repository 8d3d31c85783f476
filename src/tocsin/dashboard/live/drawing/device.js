// Why: one device's channels and score as they move, one small picture each, all on the same clock.

const WIDE = 1000, HIGH = 100, SVG = "http://www.w3.org/2000/svg";

function drawDevice(root, told) {
  const box = part(root, ".device") || root.appendChild(make("div", "device"));
  const shown = told.series.map((one) => ({ ...one, span: told.span, rings: told.rings }));
  keep(box, shown, (one) => one.name, beginSeries, changeSeries);
  let axis = part(root, ".axis");
  if (!axis) {
    axis = root.appendChild(make("div", "axis"));
    mark(axis, "aria-hidden", "true");
  }
  keep(axis, ticksOf(told.span, told.rows), (one) => String(one.at), () => make("span"), (tick, one) => {
    mark(tick, "style", `left:${one.at}%`);
    say(tick, one.text);
  });
}

function beginSeries(series) {
  const figureBox = make("figure", "series"), caption = make("figcaption");
  caption.append(make("span", "name", series.name), make("span", "value"));
  const svg = document.createElementNS(SVG, "svg");
  mark(svg, "viewBox", `0 0 ${WIDE} ${HIGH}`);
  mark(svg, "preserveAspectRatio", "none");
  mark(svg, "role", "img");
  for (const [tag, name] of [["g", "rings"], ["path", "limit"], ["path", "normal"], ["path", "strange"]]) {
    svg.appendChild(document.createElementNS(SVG, tag)).setAttribute("class", name);
  }
  const bounds = make("div", "bounds");
  bounds.append(make("span", "top"), make("span", "bottom"));
  figureBox.append(caption, svg, bounds);
  return figureBox;
}

function changeSeries(box, series) {
  const [low, high] = boundsOf(series), svg = part(box, "svg");
  const across = (time) => WIDE * (time - series.span[0]) / (series.span[1] - series.span[0]);
  const up = (value) => HIGH - 4 - (HIGH - 8) * (value - low) / (high - low);
  mark(part(svg, ".normal"), "d", pathOf(series.time, series.value, across, up));
  mark(part(svg, ".strange"), "d", marksOf(series, across, up));
  mark(part(svg, ".limit"), "d", series.limit ? pathOf(series.time, series.limit, across, up) : "");
  drawRings(part(svg, ".rings"), series, across);
  const last = lastOf(series.value), limit = series.limit ? lastOf(series.limit) : null;
  const unit = series.unit ? ` ${series.unit}` : "";
  say(part(box, ".value"), limit === null ? figure(last) + unit : `${figure(last)} of ${figure(limit)}`);
  say(part(box, ".top"), figure(high));
  say(part(box, ".bottom"), figure(low));
  mark(svg, "aria-label", `${series.name}: now ${figure(last)}, between ${figure(low)} and ${figure(high)}`);
}

function boundsOf(series) {
  const known = series.value.concat(series.limit || []).filter((value) => value !== null);
  if (!known.length) return [0, 1];
  const low = Math.min(...known), high = Math.max(...known);
  const room = 0.05 * (high - low) || Math.abs(high) * 0.05 || 1;
  return [series.limit && low >= 0 ? 0 : low - room, high + room];
}

function pathOf(time, value, across, up) {
  let path = "", pen = false;
  for (let k = 0; k < time.length; k += 1) {
    if (value[k] === null) pen = false;
    else {
      path += `${pen ? "L" : "M"}${across(time[k]).toFixed(1)} ${up(value[k]).toFixed(1)}`;
      pen = true;
    }
  }
  return path;
}

function marksOf(series, across, up) {
  let path = "", free = -Infinity;
  for (const k of series.strange || []) {
    const x = across(series.time[k]), y = up(series.value[k]);
    if (series.value[k] === null || x < free) continue;
    free = x + 12; // marks that touch would hide the line
    path += `M${(x - 4).toFixed(1)} ${(y - 5).toFixed(1)}l8 10m0 -10l-8 10`;
  }
  return path;
}

function drawRings(group, series, across) {
  const shown = series.rings.filter(([, to]) => to >= series.span[0]);
  keep(group, shown, (one) => String(one[0]), () => document.createElementNS(SVG, "rect"), (band, [from, to]) => {
    const left = Math.max(0, across(from));
    mark(band, "x", left.toFixed(1));
    mark(band, "y", 0);
    mark(band, "height", HIGH);
    mark(band, "width", Math.max(2, Math.min(WIDE, across(to)) - left).toFixed(1));
  });
}

function ticksOf([from, to], rows) {
  const text = rows ? (at) => `row ${Math.round(at).toLocaleString()}` : clock;
  return [0, 25, 50, 75, 100].map((at) => ({ at, text: text(from + (to - from) * at / 100) }));
}

function lastOf(values) {
  for (let k = values.length - 1; k >= 0; k -= 1) if (values[k] !== null) return values[k];
  return null;
}
