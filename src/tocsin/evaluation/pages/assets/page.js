// What ties the page together: the chosen device, the shared view, the pointer, the table and the light.

const FEW = 12;
const find = (id) => document.getElementById(id);

function make(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

class Page {
  constructor(payload) {
    Object.assign(this, { payload, rowClock: payload.rowClock, hover: null, drag: null, chosen: null, log: false, all: false, expecting: true, dirty: new Set() });
    this.labelled = payload.devices.some((device) => device.labels.length);
    this.strips = new Map();
    this.navigator = new Navigator(find("navigator"), this);
    this.spread = new Distribution(find("spread"), find("spread-note"), this);
    this.score = this.figure(find("score"), "score", "score", "above its limit is anomalous");
    this.charts = [];
    this.relight();
    this.wire();
    this.take(payload.devices[0]);
  }

  get every() {
    return [...this.charts, this.score];
  }

  // Chart building

  figure(parent, which, name, unit) {
    const figure = make("figure", "chart"), caption = make("figcaption"), canvas = make("canvas");
    const label = make("b");
    label.append(make("bdi", "", name));
    label.title = name;
    const output = make("output");
    caption.append(label, make("span", "unit", unit), output);
    figure.append(caption, canvas);
    parent.append(figure);
    const chart = new Chart(canvas, which, this);
    Object.assign(chart, { figure, output });
    this.listen(canvas, chart);
    return chart;
  }

  // Show a device from end to end.
  take(device) {
    if (!this.strips.has(device)) this.strips.set(device, new Strip(device));
    this.strip = this.strips.get(device);
    this.view = { ...this.strip.extent };
    this.chosen = null;
    find("device").value = String(device.index);
    const { histogram, marks } = device;
    this.setLog(Boolean(histogram && histogram.log && histogram.linear.tail));
    find("thinned").textContent = [
      device.exact ? "" : `Drawn from the extremes of ${device.readings.toLocaleString("en")} readings; ${device.complete ? "" : "the worst "}incidents are complete.`,
      marks.shown < marks.all ? `${marks.shown.toLocaleString("en")} of ${marks.all.toLocaleString("en")} readings above the limit are marked, the worst of each stretch.` : "",
    ].filter(Boolean).join(" ");
    this.arrange(device.blamed);
  }

  // Put the channels there are room for onto the page, in their own order, the suspects chosen first.
  arrange(blamed) {
    const { channels } = this.payload;
    const wanted = find("filter").value.trim().toLowerCase();
    const fold = !this.all && !wanted && channels.length > FEW + 2;
    const kept = fold ? new Set([...blamed, ...channels.keys()].slice(0, FEW)) : new Set(channels.keys());
    if (fold) for (let k = 0; kept.size < FEW; k++) kept.add(k);
    find("channels").replaceChildren();
    this.charts = channels.map((channel, k) => [channel, k])
      .filter(([channel, k]) => kept.has(k) && channel.name.toLowerCase().includes(wanted))
      .map(([channel, k]) => this.figure(find("channels"), k, channel.name, channel.unit));
    const more = find("more");
    more.hidden = Boolean(wanted) || channels.length <= FEW + 2;
    more.textContent = this.all ? "Show only the channels most to blame" : `Show all ${channels.length} channels (the ${kept.size} most to blame are shown)`;
    this.redraw();
  }

  // Charts are drawn when they come near the screen, not before.
  get near() {
    const reach = window.innerHeight + 600;
    return this.every.filter(({ figure }) => {
      const { top, bottom } = figure.getBoundingClientRect();
      return bottom > -600 && top < reach;
    });
  }

  // Drawing

  redraw() {
    this.dirty = new Set(this.every);
    this.fresh = false;
    const { step } = this.strip;
    find("range").textContent = `${place(this.view.low, step, this.rowClock)} – ${place(this.view.high, step, this.rowClock)}`;
    this.plan();
  }

  plan() {
    if (this.planned) return;
    this.planned = requestAnimationFrame(() => { this.planned = 0; this.work(this.near); });
  }

  work(charts) {
    if (!this.fresh) { this.navigator.draw(); this.spread.draw(); this.fresh = true; }
    for (const chart of charts) {
      if (this.dirty.delete(chart)) chart.draw(); else chart.over();
    }
    this.navigator.over();
  }

  // The value under the pointer, beside the channel's name.
  tell(chart, k) {
    if (k < 0) { chart.output.textContent = ""; return; }
    const { low, high, base, limit } = chart.line;
    const when = place(this.strip.x[k], this.strip.step, this.rowClock);
    const value = (each) => readable(each + base);
    let text = !Number.isFinite(low[k]) ? "no value" : low[k] === high[k] ? value(low[k]) : `${value(low[k])} to ${value(high[k])}`;
    if (limit && !Number.isFinite(low[k])) text = `no score: ${this.strip.away(this.strip.x[k], this.payload.statuses) || "not scored"}`;
    else if (limit) text += `, limit ${readable(limit[k])}`;
    const { expected } = chart;
    if (expected && Number.isFinite(expected.low[k])) text += `, expected ${value((expected.low[k] + expected.high[k]) / 2)} ± ${readable(chart.band)}`;
    chart.output.textContent = `${text} · ${when}`;
  }

  // The view

  look(low, high) {
    const { extent, step } = this.strip;
    const whole = extent.high - extent.low;
    const size = clamp(high - low, Math.min(whole, Math.max(step * 6, whole * 1e-7)), whole);
    const from = clamp((low + high - size) / 2, extent.low, extent.high - size);
    this.view = { low: from, high: from + size };
    this.redraw();
  }

  zoom(factor, around) {
    const { low, high } = this.view;
    const pivot = around === undefined ? (low + high) / 2 : around;
    const size = (high - low) * factor;
    const from = pivot - ((pivot - low) / (high - low)) * size;
    this.look(from, from + size);
  }

  pan(part) {
    const { low, high } = this.view;
    const size = high - low;
    const from = clamp(low + part * size, this.strip.extent.low, this.strip.extent.high - size);
    this.view = { low: from, high: from + size };
    this.redraw();
  }

  go(where) {
    const acts = { in: () => this.zoom(0.5), out: () => this.zoom(2), back: () => this.pan(-0.5), on: () => this.pan(0.5) };
    if (acts[where]) { acts[where](); return; }
    this.chosen = null;
    for (const row of document.querySelectorAll("tr.chosen")) row.classList.remove("chosen");
    this.look(this.strip.extent.low, this.strip.extent.high);
  }

  // Zoom to the incident of a row in the table.
  show(row) {
    const device = this.payload.devices.find((each) => String(each.index) === row.dataset.device);
    if (!device) return;
    if (this.strip.packed !== device) this.take(device);
    for (const other of document.querySelectorAll("tr.chosen")) other.classList.remove("chosen");
    row.classList.add("chosen");
    const from = Number(row.dataset.from), to = Number(row.dataset.to);
    this.chosen = { from, to };
    const room = Math.max((to - from) * 1.5, this.strip.step * 25);
    if (this.payload.channels.length > FEW + 2 && row.dataset.blamed) this.arrange(row.dataset.blamed.split(" ").map(Number));
    this.look(from - room, to + room);
    find("charts").scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  setLog(on) {
    this.log = on;
    find("log").checked = on;
  }

  // Pointer, wheel and keys

  listen(canvas, chart) {
    const fingers = new Map();
    canvas.addEventListener("pointerdown", (event) => {
      fingers.set(event.pointerId, event.offsetX);
      canvas.setPointerCapture(event.pointerId);
      if (event.pointerType === "mouse" && event.button === 0 && !event.shiftKey) this.drag = { from: chart.x(event.offsetX), to: chart.x(event.offsetX), at: event.offsetX };
    });
    canvas.addEventListener("pointermove", (event) => {
      this.hover = chart.which === undefined ? null : chart.x(event.offsetX);
      if (this.drag) this.drag.to = chart.x(event.offsetX);
      else if (fingers.has(event.pointerId)) this.move(chart, fingers, event);
      this.plan();
    });
    const done = (event) => {
      fingers.delete(event.pointerId);
      const { drag } = this;
      this.drag = null;
      if (drag && Math.abs(event.offsetX - drag.at) > 5) this.look(Math.min(drag.from, drag.to), Math.max(drag.from, drag.to));
      this.plan();
    };
    canvas.addEventListener("pointerup", done);
    canvas.addEventListener("pointercancel", done);
    canvas.addEventListener("pointerleave", () => { this.hover = null; this.plan(); });
    canvas.addEventListener("dblclick", () => this.go("all"));
    canvas.addEventListener("wheel", (event) => this.wheel(event, chart), { passive: false });
  }

  // One finger (or shift and the mouse) pans, two fingers pinch.
  move(chart, fingers, event) {
    const before = [...fingers.values()];
    const was = fingers.get(event.pointerId);
    fingers.set(event.pointerId, event.offsetX);
    const now = [...fingers.values()];
    if (now.length === 2) {
      const factor = Math.abs(before[0] - before[1]) / Math.max(Math.abs(now[0] - now[1]), 8);
      this.zoom(clamp(factor, 0.5, 2), chart.x((now[0] + now[1]) / 2));
    } else if (now.length === 1) {
      this.pan((was - event.offsetX) / (chart.sheet.width - LEFT - RIGHT));
    }
  }

  // The plain wheel scrolls the page, as everywhere; with ctrl (or a pinch on the pad) it zooms.
  wheel(event, chart) {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
    if (!event.ctrlKey && !event.metaKey && !event.altKey && !sideways) return;
    event.preventDefault();
    if (sideways) this.pan((event.deltaX || event.deltaY) / 1200);
    else this.zoom(Math.exp(clamp(event.deltaY, -60, 60) / 160), chart.x(event.offsetX));
  }

  wire() {
    const { devices, channels } = this.payload;
    const choice = find("device");
    for (const device of devices) choice.append(new Option(device.name + (device.incidents.length ? ` (${device.incidents.length})` : ""), String(device.index)));
    find("device-choice").hidden = devices.length < 2;
    find("filter-choice").hidden = channels.length <= FEW + 2;
    choice.addEventListener("change", () => this.take(devices.find((each) => String(each.index) === choice.value)));
    find("filter").addEventListener("input", () => this.arrange(this.strip.packed.blamed));
    find("more").addEventListener("click", () => { this.all = !this.all; this.arrange(this.strip.packed.blamed); });
    find("log").addEventListener("change", () => { this.setLog(find("log").checked); this.redraw(); });
    for (const button of document.querySelectorAll("[data-go]")) button.addEventListener("click", () => this.go(button.dataset.go));
    for (const part of document.querySelectorAll("[data-labelled]")) part.hidden = !this.labelled;
    for (const part of document.querySelectorAll("[data-expected]")) part.hidden = !channels.some((channel) => channel.band !== null);
    find("expecting").addEventListener("change", () => { this.expecting = find("expecting").checked; this.redraw(); });
    this.listen(find("navigator"), this.navigator);
    find("navigator").addEventListener("keydown", (event) => {
      const where = { ArrowLeft: "back", ArrowRight: "on", "+": "in", "-": "out", Escape: "all" }[event.key];
      if (where) { event.preventDefault(); this.go(where); }
    });
    window.addEventListener("resize", () => this.redraw());
    window.addEventListener("scroll", () => { if (this.dirty.size) this.plan(); }, { passive: true });
    this.wireTable();
    this.wireLight();
  }

  wireTable() {
    const body = document.querySelector(".incidents tbody");
    if (!body) return;
    const act = (event) => { const row = event.target.closest("tr"); if (row) this.show(row); };
    body.addEventListener("click", act);
    body.addEventListener("keydown", (event) => { if (event.key === "Enter") act(event); });
    document.querySelectorAll("[data-sort]").forEach((button, column) => button.addEventListener("click", () => sortRows(body, button, column)));
  }

  // Light, dark and paper

  relight() {
    const style = getComputedStyle(document.documentElement);
    this.theme = {};
    for (const name of ["panel", "ink", "muted", "line", "grid", "blue", "red", "amber", "green", "grey"]) this.theme[name] = style.getPropertyValue(`--${name}`).trim();
  }

  wireLight() {
    const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
    const relit = () => { this.relight(); this.redraw(); };
    find("theme").addEventListener("click", () => {
      const now = root.dataset.theme || (dark.matches ? "dark" : "light");
      root.dataset.theme = now === "dark" ? "light" : "dark";
      relit();
    });
    dark.addEventListener("change", relit);
    let before;
    window.addEventListener("beforeprint", () => { before = root.dataset.theme; root.dataset.theme = "light"; this.relight(); this.redraw(); this.hover = null; this.work(this.every); });
    window.addEventListener("afterprint", () => { if (before) root.dataset.theme = before; else delete root.dataset.theme; relit(); });
  }
}

function sortRows(body, button, column) {
  const head = button.closest("th");
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const key = (row) => row.children[column].dataset.value;
  const compare = (a, b) => {
    const one = key(a), two = key(b), numbers = one !== "" && two !== "" && !Number.isNaN(Number(one)) && !Number.isNaN(Number(two));
    return numbers ? Number(one) - Number(two) : one.localeCompare(two);
  };
  const rows = [...body.children].sort((a, b) => (down ? -compare(a, b) : compare(a, b)));
  body.append(...rows);
}

const payload = JSON.parse(find("payload").textContent);
if (payload.devices.length && payload.channels.length) {
  find("charts").hidden = false;
  new Page(payload);
  document.documentElement.dataset.drawn = "yes";
}
