// One device's arrays, unpacked when they are first looked at.

function unpack(text, Kind) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let k = 0; k < raw.length; k++) bytes[k] = raw.charCodeAt(k);
  return new Kind(bytes.buffer);
}

class Strip {
  constructor(packed) {
    this.packed = packed;
    this.x = unpack(packed.x, Float64Array);
    this.broken = new Uint8Array(this.x.length);
    for (const k of packed.breaks) this.broken[k] = 1;
    this.marksAt = unpack(packed.marks.x, Float64Array);
    this.lines = new Map();
  }

  get extent() {
    const low = this.x.length ? this.x[0] : 0;
    const high = this.packed.end > low ? this.packed.end : low + 1;
    return { low, high };
  }

  // The usual distance between two readings that are drawn.
  get step() {
    if (this.usual === undefined) {
      const steps = Array.from(this.x.subarray(1), (value, k) => value - this.x[k]).filter((value) => value > 0).sort((a, b) => a - b);
      this.usual = steps.length ? steps[steps.length >> 1] : 1;
    }
    return this.usual;
  }

  // A channel by its number, or "score": low and high per bucket, marks, and what to add for the true value.
  line(which) {
    if (!this.lines.has(which)) this.lines.set(which, which === "score" ? this.scoreLine() : this.channelLine(which));
    return this.lines.get(which);
  }

  channelLine(k) {
    const low = unpack(this.packed.low[k], Float32Array);
    return {
      low, high: this.packed.high ? unpack(this.packed.high[k], Float32Array) : low, base: this.packed.base[k],
      marks: unpack(this.packed.marks.values[k], Float32Array), shares: unpack(this.packed.marks.shares[k], Uint8Array), limit: null,
      expected: this.expected(this.packed.expected[k]),
    };
  }

  // What was expected of each bucket at least and at most, or null.
  expected(packed) {
    if (!packed) return null;
    const low = unpack(packed.low, Float32Array);
    return { low, high: packed.high ? unpack(packed.high, Float32Array) : low };
  }

  scoreLine() {
    const low = unpack(this.packed.scoreLow, Float32Array);
    return {
      low, high: this.packed.scoreHigh ? unpack(this.packed.scoreHigh, Float32Array) : low, base: 0,
      marks: unpack(this.packed.marks.score, Float32Array), shares: null, limit: unpack(this.packed.limit, Float32Array), expected: null,
    };
  }

  // Why a moment has no score, or "".
  away(x, names) {
    const half = this.step / 2;
    const found = this.packed.away.find(([from, to]) => x >= from - half && x <= to + half);
    return found ? names[found[2]] : "";
  }
}
