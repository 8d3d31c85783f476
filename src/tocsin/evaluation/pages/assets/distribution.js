// How scores are spread: bars, red beyond the limit, with the limit as a dashed red line.

class Distribution {
  constructor(canvas, note, page) {
    this.sheet = new Sheet(canvas);
    this.note = note;
    this.page = page;
    canvas.addEventListener("pointermove", (event) => this.read(event.offsetX));
    canvas.addEventListener("pointerleave", () => this.read(NaN));
  }

  get bins() {
    const histogram = this.page.strip.packed.histogram;
    return histogram && (this.page.log && histogram.log ? histogram.log : histogram.linear);
  }

  get log() {
    return Boolean(this.page.log && this.page.strip.packed.histogram.log);
  }

  px(score) {
    const scaled = (value) => (this.log ? Math.log10(value) : value);
    const low = scaled(this.low), high = scaled(this.high);
    return LEFT + ((scaled(score) - low) / (high - low)) * (this.sheet.width - LEFT - RIGHT);
  }

  draw() {
    this.sheet.fit();
    const bins = this.bins;
    if (!this.sheet.width) return;
    if (!bins) { this.sheet.paint(() => {}); this.sheet.overlay(() => {}); this.note.textContent = "nothing was scored"; return; }
    const limits = this.page.strip.packed.histogram.limits;
    this.low = bins.edges[0];
    this.high = Math.max(bins.edges[bins.edges.length - 1], limits[2] * (this.log ? 1.3 : 1.05));
    if (this.log) this.low = Math.min(this.low, limits[0] > 0 ? limits[0] : this.low);
    this.sheet.paint((pen) => { this.axes(pen, bins); this.bars(pen, bins, limits[1]); this.limit(pen, limits); });
    this.sheet.overlay(() => {});
    this.read(NaN);
  }

  axes(pen, bins) {
    const { theme } = this.page;
    const { width, height } = this.sheet;
    this.top = Math.max(...bins.counts, 1) * 1.06;
    pen.strokeStyle = theme.grid;
    pen.fillStyle = theme.muted;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (const { at, text } of numberTicks(0, this.top, 4)) {
      if (at % 1) continue;
      const y = Math.round(this.py(at)) + 0.5;
      rule(pen, LEFT, y, width - RIGHT, y);
      pen.fillText(text, LEFT - 7, y);
    }
    pen.textAlign = "center";
    pen.textBaseline = "alphabetic";
    const wanted = Math.max(2, Math.floor(width / 130));
    const ticks = this.log
      ? powerTicks(Math.log10(this.low), Math.log10(this.high)).map(({ at, text }) => ({ at: 10 ** at, text }))
      : numberTicks(this.low, this.high, wanted);
    for (const { at, text } of ticks) pen.fillText(text, clamp(this.px(at), LEFT + 12, width - 22), height - 7);
  }

  py(count) {
    return this.sheet.height - BOTTOM - (count / this.top) * (this.sheet.height - BOTTOM - TOP - 12);
  }

  bars(pen, bins, limit) {
    const { theme } = this.page;
    bins.counts.forEach((count, k) => {
      if (!count) return;
      const left = this.px(bins.edges[k]), right = this.px(bins.edges[k + 1]);
      const top = Math.min(this.py(count), this.sheet.height - BOTTOM - 2);
      pen.fillStyle = bins.edges[k] >= limit ? theme.red : theme.blue;
      pen.fillRect(left + 0.5, top, Math.max(right - left - 1, 1), this.sheet.height - BOTTOM - top);
      const inside = this.px(limit);
      if (inside > left && inside < right) {
        pen.fillStyle = theme.red;
        pen.fillRect(inside, top, right - inside - 0.5, this.sheet.height - BOTTOM - top);
      }
    });
  }

  limit(pen, limits) {
    const { theme } = this.page;
    const spread = limits[2] - limits[0] > 1e-6 * Math.abs(limits[2]);
    pen.strokeStyle = pen.fillStyle = theme.red;
    pen.lineWidth = 1.6;
    pen.setLineDash([7, 5]);
    for (const limit of spread ? [limits[0], limits[2]] : [limits[1]]) {
      const x = this.px(limit);
      if (Number.isFinite(x)) rule(pen, x, TOP, x, this.sheet.height - BOTTOM);
    }
    pen.setLineDash([]);
    const text = spread ? `limit ${readable(limits[0])} to ${readable(limits[2])}` : `limit ${readable(limits[1])}`;
    const x = this.px(limits[2]), wide = pen.measureText(text).width;
    pen.textAlign = x + wide + 12 > this.sheet.width ? "right" : "left";
    pen.fillText(text, x + (pen.textAlign === "left" ? 7 : -7), TOP + 10);
  }

  read(px) {
    const bins = this.bins;
    if (!bins) return;
    const k = bins.edges.findIndex((edge, at) => at < bins.counts.length && px >= this.px(edge) && px < this.px(bins.edges[at + 1]));
    const most = bins.tail && k === bins.counts.length - 1;
    this.note.textContent = k < 0
      ? (bins.tail ? "the last bar gathers all higher scores" : "")
      : `${bins.counts[k].toLocaleString("en")} readings, score ${most ? "from" : `${readable(bins.edges[k])} to`} ${readable(most ? bins.edges[k] : bins.edges[k + 1])}${most ? " up" : ""}`;
  }
}
