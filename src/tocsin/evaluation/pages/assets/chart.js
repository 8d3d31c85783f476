// One line over time with its marks, limits and shades; the view and the pointer are shared by all charts.

const LEFT = 62, RIGHT = 14, TOP = 8, BOTTOM = 22;

// A canvas as sharp as the screen, with a remembered picture under what follows the pointer.
class Sheet {
  constructor(canvas) {
    this.canvas = canvas;
    this.picture = document.createElement("canvas");
  }

  fit() {
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth, clientHeight } = this.canvas;
    this.width = clientWidth;
    this.height = clientHeight;
    for (const each of [this.canvas, this.picture]) {
      each.width = Math.max(1, Math.round(clientWidth * ratio));
      each.height = Math.max(1, Math.round(clientHeight * ratio));
    }
    this.ratio = ratio;
  }

  paint(paintPicture) {
    const pen = this.picture.getContext("2d");
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    pen.font = "11.5px system-ui, sans-serif";
    paintPicture(pen);
  }

  overlay(paintOver) {
    const pen = this.canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    pen.drawImage(this.picture, 0, 0);
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    paintOver(pen);
  }
}

class Chart {
  constructor(canvas, which, page) {
    this.sheet = new Sheet(canvas);
    this.canvas = canvas;
    this.which = which;
    this.page = page;
  }

  px(x) {
    const { low, high } = this.page.view;
    return LEFT + ((x - low) / (high - low)) * (this.sheet.width - LEFT - RIGHT);
  }

  x(px) {
    const { low, high } = this.page.view;
    return low + ((px - LEFT) / (this.sheet.width - LEFT - RIGHT)) * (high - low);
  }

  py(value) {
    const part = (this.scaled(value) - this.low) / (this.high - this.low);
    return this.sheet.height - BOTTOM - part * (this.sheet.height - TOP - BOTTOM);
  }

  // What was expected, where it is told and wanted, and how far normal readings stray from it.
  get expected() {
    return this.page.expecting ? this.line.expected : null;
  }

  get band() {
    return this.page.payload.channels[this.which].band;
  }

  get log() {
    return this.which === "score" && this.page.log;
  }

  scaled(value) {
    return this.log ? Math.log10(Math.max(value, this.floor)) : value;
  }

  draw() {
    this.sheet.fit();
    if (!this.sheet.width) return;
    this.line = this.page.strip.line(this.which);
    this.choose();
    this.sheet.paint((pen) => {
      this.shades(pen);
      this.axes(pen);
      pen.save();
      pen.beginPath();
      pen.rect(LEFT - 4, 0, this.sheet.width - LEFT - RIGHT + 8, this.sheet.height - BOTTOM + 2);
      pen.clip();
      if (this.expected) this.expectation(pen);
      this.trace(pen);
      if (this.line.limit) this.limits(pen);
      this.crosses(pen);
      pen.restore();
    });
    this.over();
  }

  // Which buckets and which heights are in view.
  choose() {
    const { strip, view } = this.page;
    this.from = Math.max(lowerBound(strip.x, view.low) - 1, 0);
    this.to = Math.min(lowerBound(strip.x, view.high) + 1, strip.x.length);
    this.markFrom = lowerBound(strip.marksAt, view.low);
    this.markTo = lowerBound(strip.marksAt, view.high * (1 + 1e-15) + 1e-9);
    let low = Infinity, high = -Infinity, least = Infinity;
    const see = (value) => {
      if (!Number.isFinite(value)) return;
      if (value < low) low = value;
      if (value > high) high = value;
      if (value > 0 && value < least) least = value;
    };
    const { line } = this;
    for (let k = this.from; k < this.to; k++) { see(line.low[k]); see(line.high[k]); if (line.limit) see(line.limit[k]); }
    for (let k = this.markFrom; k < this.markTo; k++) see(line.marks[k]);
    if (this.expected && high >= low) [low, high] = this.withBand(low, high);
    this.floor = Number.isFinite(least) ? Math.max(least, high * 1e-9) : 1e-9;
    this.pad(low, high);
  }

  // The range with the band in it, but never so much of it that the line would be squeezed flat.
  withBand(low, high) {
    const room = (high - low) || 3 * this.band;
    let least = low, most = high;
    for (let k = this.from; k < this.to; k++) {
      const from = this.expected.low[k] - this.band, to = this.expected.high[k] + this.band;
      if (from < least) least = from;
      if (to > most) most = to;
    }
    return [Math.max(least, low - room), Math.min(most, high + room)];
  }

  pad(low, high) {
    if (!(high >= low)) [low, high] = [0, 1];
    if (this.which === "score" && !this.log) low = Math.min(low, 0);
    low = this.scaled(low);
    high = this.scaled(high);
    const room = (high - low) * 0.07 || Math.abs(high + this.line.base) * 0.05 || 0.5;
    this.low = this.which === "score" && !this.log ? low : low - room;
    this.high = high + room;
  }

  axes(pen) {
    const { theme, view, rowClock } = this.page;
    const { width, height } = this.sheet;
    const base = this.line.base;
    const ticks = this.log ? powerTicks(this.low, this.high) : numberTicks(this.low + base, this.high + base, 6);
    pen.strokeStyle = theme.grid;
    pen.fillStyle = theme.muted;
    pen.lineWidth = 1;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (const { at, text } of ticks) {
      const part = (at - (this.log ? 0 : base) - this.low) / (this.high - this.low);
      const y = Math.round(height - BOTTOM - part * (height - TOP - BOTTOM)) + 0.5;
      rule(pen, LEFT, y, width - RIGHT, y);
      pen.fillText(text, LEFT - 7, y);
    }
    pen.textAlign = "center";
    pen.textBaseline = "alphabetic";
    const wanted = Math.max(2, Math.floor((width - LEFT) / 78));
    for (const { at, text } of rowClock ? numberTicks(view.low, view.high, wanted) : timeTicks(view.low, view.high, wanted)) {
      const x = this.px(at);
      rule(pen, Math.round(x) + 0.5, TOP, Math.round(x) + 0.5, height - BOTTOM);
      const half = pen.measureText(text).width / 2;
      pen.fillText(text, clamp(x, LEFT + half - 6, width - half - 2), height - 7);
    }
  }

  shades(pen) {
    const { theme, strip, chosen, view } = this.page;
    const bottom = this.sheet.height - BOTTOM;
    const band = (from, to, colour, alpha, top, tall, widest) => {
      if (to < view.low || from > view.high) return;
      const left = Math.max(this.px(from), LEFT), right = Math.min(this.px(to), this.sheet.width - RIGHT);
      pen.globalAlpha = alpha;
      pen.fillStyle = colour;
      pen.fillRect(left - (right - left < widest ? widest / 2 : 0), top, Math.max(right - left, widest), tall);
      pen.globalAlpha = 1;
    };
    if (this.which === "score") for (const [from, to] of strip.packed.away) band(from, to, theme.grey, 0.14, TOP, bottom - TOP, 1);
    for (const [from, to] of strip.packed.labels) band(from, to, theme.amber, 0.22, TOP, bottom - TOP, 3);
    for (const [from, to] of strip.packed.incidents) {
      band(from, to, theme.red, 0.09, TOP, bottom - TOP, 2);
      band(from, to, theme.red, 1, TOP - 4, 3, 3);
    }
    if (chosen) band(chosen.from, chosen.to, theme.red, 0.12, TOP - 4, bottom - TOP + 4, 3);
  }

  // A path through first, lowest, highest and last of each pixel column: what a full drawing would show.
  trace(pen) {
    const { strip, theme } = this.page;
    const { low, high } = this.line;
    pen.strokeStyle = theme.blue;
    pen.lineWidth = 1.3;
    pen.lineJoin = "round";
    pen.lineCap = "round";
    pen.beginPath();
    const few = this.to - this.from < (this.sheet.width - LEFT) / 9;
    const dots = [];
    let column = NaN, started = false, alone = false, at = 0, first = 0, least = 0, most = 0, last = 0;
    const flush = () => {
      if (Number.isNaN(column)) return;
      const y = [first, least, most, last].map((value) => this.py(value));
      if (started) pen.lineTo(at, y[0]); else pen.moveTo(at, y[0]);
      alone = !started && least === most;
      started = true;
      if (least !== most) { pen.lineTo(at, y[1]); pen.lineTo(at, y[2]); pen.lineTo(at, y[3]); }
      if (few) dots.push([at, y[0]]);
      column = NaN;
    };
    const lift = () => {
      flush();
      if (alone) pen.lineTo(at + 0.6, this.py(last));
      started = alone = false;
    };
    for (let k = this.from; k < this.to; k++) {
      if (strip.broken[k] || !Number.isFinite(low[k])) lift();
      if (!Number.isFinite(low[k]) || !Number.isFinite(high[k])) continue;
      const px = this.px(strip.x[k]);
      if (Math.floor(px) !== column) {
        flush();
        column = Math.floor(px);
        at = px;
        first = least = low[k];
        most = high[k];
      }
      least = Math.min(least, low[k]);
      most = Math.max(most, high[k]);
      last = high[k];
    }
    lift();
    pen.stroke();
    pen.fillStyle = theme.blue;
    for (const [x, y] of dots) { pen.beginPath(); pen.arc(x, y, 2, 0, 7); pen.fill(); }
  }

  // The band, stretch by stretch, and the line in its middle where readings are few enough to tell it from theirs.
  expectation(pen) {
    const { strip } = this.page;
    const { low, high } = this.expected;
    const few = this.to - this.from < 1.5 * (this.sheet.width - LEFT);
    let columns = [];
    const close = () => {
      if (columns.length) this.stretch(pen, columns, few);
      columns = [];
    };
    for (let k = this.from; k < this.to; k++) {
      if (strip.broken[k] || !Number.isFinite(low[k])) close();
      if (!Number.isFinite(low[k])) continue;
      const px = this.px(strip.x[k]), last = columns[columns.length - 1];
      if (last && Math.floor(last.px) === Math.floor(px)) {
        last.low = Math.min(last.low, low[k]);
        last.high = Math.max(last.high, high[k]);
      } else columns.push({ px, low: low[k], high: high[k] });
    }
    close();
  }

  stretch(pen, columns, few) {
    const { theme } = this.page;
    const path = (places, part) => { for (const each of places) pen.lineTo(each.px, this.py(part(each))); };
    if (columns.length === 1) columns.push({ ...columns[0], px: columns[0].px + 1 });
    pen.fillStyle = pen.strokeStyle = theme.green;
    pen.globalAlpha = 0.17;
    pen.beginPath();
    path(columns, (each) => each.high + this.band);
    path([...columns].reverse(), (each) => each.low - this.band);
    pen.fill();
    pen.globalAlpha = 0.75;
    pen.lineWidth = 1;
    pen.beginPath();
    if (few) path(columns, (each) => (each.low + each.high) / 2);
    pen.stroke();
    pen.globalAlpha = 1;
  }

  limits(pen) {
    const { strip, theme } = this.page;
    pen.strokeStyle = theme.red;
    pen.lineWidth = 1.5;
    pen.lineCap = "butt";
    pen.setLineDash([7, 5]);
    pen.beginPath();
    let before = NaN;
    for (let k = this.from; k < this.to; k++) {
      const limit = this.line.limit[k];
      if (!Number.isFinite(limit)) continue;
      const x = this.px(strip.x[k]), y = this.py(limit);
      if (Number.isNaN(before)) pen.moveTo(x, y);
      else if (limit !== before || k === this.to - 1) { pen.lineTo(x, this.py(before)); pen.lineTo(x, y); }
      before = limit;
    }
    if (!Number.isNaN(before)) pen.lineTo(this.px(Math.min(this.page.view.high, strip.extent.high)), this.py(before));
    pen.stroke();
    pen.setLineDash([]);
  }

  crosses(pen) {
    const { strip, theme } = this.page;
    const { marks, shares } = this.line;
    const taken = new Set();
    const crowd = this.markTo - this.markFrom > 600;
    const arm = crowd ? 2.2 : 3.2, grain = crowd ? 5 : 2;
    pen.strokeStyle = theme.red;
    pen.lineWidth = crowd ? 1.2 : 1.6;
    pen.lineCap = "round";
    for (let k = this.markFrom; k < this.markTo; k++) {
      if (!Number.isFinite(marks[k])) continue;
      const x = this.px(strip.marksAt[k]), y = this.py(marks[k]);
      const cell = Math.round(x / grain) * 4096 + Math.round(y / grain);
      if (taken.has(cell)) continue;
      taken.add(cell);
      pen.globalAlpha = shares ? (crowd ? 0.06 : 0.18) + (crowd ? 0.94 : 0.82) * (shares[k] / 255) : 1;
      pen.beginPath();
      pen.moveTo(x - arm, y - arm); pen.lineTo(x + arm, y + arm);
      pen.moveTo(x - arm, y + arm); pen.lineTo(x + arm, y - arm);
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  // What follows the pointer: a hair line, the value under it, and the stretch being dragged.
  over() {
    if (!this.line) return;
    const { theme, hover, drag, strip } = this.page;
    const k = hover === null ? -1 : nearest(strip.x, hover);
    this.sheet.overlay((pen) => {
      if (drag) {
        pen.fillStyle = theme.blue;
        pen.globalAlpha = 0.15;
        pen.fillRect(this.px(Math.min(drag.from, drag.to)), TOP, Math.abs(this.px(drag.to) - this.px(drag.from)), this.sheet.height - TOP - BOTTOM);
        pen.globalAlpha = 1;
      }
      const x = k < 0 ? NaN : this.px(strip.x[k]);
      if (!(x >= LEFT - 1 && x <= this.sheet.width - RIGHT + 1)) return;
      pen.strokeStyle = theme.muted;
      pen.lineWidth = 1;
      rule(pen, Math.round(x) + 0.5, TOP, Math.round(x) + 0.5, this.sheet.height - BOTTOM);
      const y = this.py(this.line.high[k]);
      if (!Number.isFinite(y)) return;
      pen.fillStyle = theme.blue;
      pen.beginPath();
      pen.arc(x, y, 3.5, 0, 7);
      pen.fill();
    });
    this.page.tell(this, k);
  }
}

function rule(pen, fromX, fromY, toX, toY) {
  pen.beginPath();
  pen.moveTo(fromX, fromY);
  pen.lineTo(toX, toY);
  pen.stroke();
}
