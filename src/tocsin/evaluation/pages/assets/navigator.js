// The whole span at a glance: incidents, labels and readings without a score, and the part that the charts show.

class Navigator {
  constructor(canvas, page) {
    this.sheet = new Sheet(canvas);
    this.canvas = canvas;
    this.page = page;
  }

  px(x) {
    const { low, high } = this.page.strip.extent;
    return LEFT + ((x - low) / (high - low)) * (this.sheet.width - LEFT - RIGHT);
  }

  x(px) {
    const { low, high } = this.page.strip.extent;
    return low + ((px - LEFT) / (this.sheet.width - LEFT - RIGHT)) * (high - low);
  }

  draw() {
    this.sheet.fit();
    if (!this.sheet.width) return;
    const { packed } = this.page.strip;
    const { theme } = this.page;
    const lanes = [["incidents", packed.incidents, theme.red]];
    if (this.page.labelled) lanes.push(["labelled", packed.labels, theme.amber]);
    lanes.push(["no score", packed.away, theme.grey]);
    this.sheet.paint((pen) => { lanes.forEach((lane, k) => this.lane(pen, lane, k, lanes.length)); this.axis(pen); });
    this.over();
  }

  lane(pen, [name, spans, colour], k, all) {
    const { theme } = this.page;
    const tall = (this.sheet.height - BOTTOM - 6) / all, y = 4 + k * tall;
    pen.fillStyle = theme.grid;
    pen.fillRect(LEFT, y + 2, this.sheet.width - LEFT - RIGHT, tall - 4);
    pen.fillStyle = theme.muted;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    pen.fillText(name, LEFT - 7, y + tall / 2);
    pen.fillStyle = colour;
    for (const [from, to] of spans) {
      const left = this.px(from);
      pen.fillRect(left - 0.75, y + 2, Math.max(this.px(to) - left + 1, 2.5), tall - 4);
    }
  }

  axis(pen) {
    const { low, high } = this.page.strip.extent;
    const wanted = Math.max(2, Math.floor((this.sheet.width - LEFT) / 78));
    pen.fillStyle = this.page.theme.muted;
    pen.textAlign = "center";
    pen.textBaseline = "alphabetic";
    for (const { at, text } of this.page.rowClock ? numberTicks(low, high, wanted) : timeTicks(low, high, wanted)) {
      const half = pen.measureText(text).width / 2;
      pen.fillText(text, clamp(this.px(at), LEFT + half - 6, this.sheet.width - half - 2), this.sheet.height - 7);
    }
  }

  over() {
    const { theme, view, drag } = this.page;
    const bottom = this.sheet.height - BOTTOM + 2;
    this.sheet.overlay((pen) => {
      const left = clamp(this.px(view.low), LEFT, this.sheet.width - RIGHT), right = clamp(this.px(view.high), LEFT, this.sheet.width - RIGHT);
      pen.fillStyle = theme.panel;
      pen.globalAlpha = 0.62;
      pen.fillRect(LEFT, 2, left - LEFT, bottom - 2);
      pen.fillRect(right, 2, this.sheet.width - RIGHT - right, bottom - 2);
      pen.globalAlpha = 1;
      pen.strokeStyle = pen.fillStyle = theme.blue;
      pen.lineWidth = 1.5;
      pen.strokeRect(left, 2, Math.max(right - left, 2), bottom - 4);
      for (const x of [left, right]) pen.fillRect(x - 2, bottom / 2 - 8, 4, 16);
      if (!drag) return;
      pen.globalAlpha = 0.2;
      pen.fillRect(this.px(Math.min(drag.from, drag.to)), 2, Math.abs(this.px(drag.to) - this.px(drag.from)), bottom - 2);
      pen.globalAlpha = 1;
    });
  }
}
