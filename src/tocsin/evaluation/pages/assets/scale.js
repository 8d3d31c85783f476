// Numbers, moments and axes: everything here is a plain function.

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
const TIME_STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE,
  5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY,
];
const MONTH_NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const two = (value) => String(value).padStart(2, "0");
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

function readable(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e9)) return value.toExponential(2);
  return value.toLocaleString("en", { maximumSignificantDigits: size >= 1000 ? Math.max(4, String(Math.round(size)).length) : 4 });
}

function moment(ms, step) {
  const when = new Date(ms);
  const day = `${when.getUTCDate()} ${MONTH_NAMES[when.getUTCMonth()]} ${when.getUTCFullYear()}`;
  let clock = `${two(when.getUTCHours())}:${two(when.getUTCMinutes())}`;
  if (step < MINUTE || when.getUTCSeconds()) clock += `:${two(when.getUTCSeconds())}`;
  if (step < SECOND) clock += `.${String(when.getUTCMilliseconds()).padStart(3, "0")}`;
  return `${day}, ${clock}`;
}

function place(x, step, rowClock) {
  return rowClock ? `row ${Math.round(x).toLocaleString("en")}` : moment(x, step);
}

function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
}

function numberTicks(low, high, wanted) {
  if (!(high > low)) return [];
  const step = niceStep((high - low) / wanted);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) ticks.push(k * step || 0);
  return ticks.map((at) => ({ at, text: tickText(at, step) }));
}

function tickText(value, step) {
  const size = Math.max(Math.abs(value), step);
  if (size >= 1e6 || size < 1e-4) return value === 0 ? "0" : value.toExponential(Math.max(0, Math.min(3, Math.ceil(Math.log10(size / step) - 1e-9)))).replace("e+", "e");
  return value.toLocaleString("en", { maximumFractionDigits: Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)) });
}

function powerTicks(low, high) {
  const ticks = [];
  const every = Math.max(1, Math.ceil((high - low) / 5));
  const factors = high - low < 1.2 ? [1, 2, 3, 5] : high - low < 2.6 ? [1, 3] : [1];
  for (let k = Math.floor(low); k <= high; k++) {
    if (k % every) continue;
    for (const factor of factors) {
      const at = k + Math.log10(factor);
      if (at >= low && at <= high) ticks.push({ at, text: readable(factor * 10 ** k) });
    }
  }
  return ticks.length < 2 ? numberTicks(low, high, 3).map(({ at }) => ({ at, text: readable(10 ** at) })) : ticks;
}

function timeTicks(low, high, wanted) {
  const rough = (high - low) / wanted;
  const step = TIME_STEPS.find((size) => size >= rough);
  if (!step) return monthTicks(low, high, Math.ceil(rough / (30.4 * DAY)));
  const ticks = [];
  let last = null;
  for (let at = Math.ceil(low / step) * step; at <= high; at += step) {
    const day = Math.floor(at / DAY);
    ticks.push({ at, text: timeText(at, step, day !== last) });
    last = day;
  }
  return ticks;
}

function timeText(at, step, newDay) {
  const when = new Date(at);
  const date = `${when.getUTCDate()} ${MONTH_NAMES[when.getUTCMonth()]}`;
  if (step >= DAY) return date;
  if (at % DAY === 0 || (newDay && step >= HOUR)) return at % DAY === 0 ? date : `${date} ${two(when.getUTCHours())}:${two(when.getUTCMinutes())}`;
  let text = `${two(when.getUTCHours())}:${two(when.getUTCMinutes())}`;
  if (step < MINUTE) text += `:${two(when.getUTCSeconds())}`;
  if (step < SECOND) text += `.${String(when.getUTCMilliseconds()).padStart(3, "0")}`;
  return text;
}

function monthTicks(low, high, rough) {
  const every = [1, 2, 3, 6, 12, 24, 60, 120].find((months) => months >= rough) || 240;
  const ticks = [];
  const first = new Date(low);
  for (let month = first.getUTCFullYear() * 12 + first.getUTCMonth(); ; month++) {
    const at = Date.UTC(Math.floor(month / 12), month % 12, 1);
    if (at > high) return ticks;
    if (at >= low && month % every === 0) {
      ticks.push({ at, text: every >= 12 ? String(Math.floor(month / 12)) : MONTH_NAMES[month % 12] + (month % 12 === 0 || every > 1 ? ` ${Math.floor(month / 12)}` : "") });
    }
  }
}

function lowerBound(sorted, value) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1; else high = middle;
  }
  return low;
}

function nearest(sorted, value) {
  const right = lowerBound(sorted, value);
  if (right === 0) return sorted.length ? 0 : -1;
  if (right === sorted.length) return right - 1;
  return value - sorted[right - 1] <= sorted[right] - value ? right - 1 : right;
}
