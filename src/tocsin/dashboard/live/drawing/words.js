// Why: times, figures and states are said the same way on every part of the page.

const LEVELS = { silent: "silent", off: "off", none: "no score", calm: "normal", near: "near its limit",
  above: "above its limit", far: "far above" };

function level(severity) {
  if (severity === null || severity === undefined) return "none";
  if (severity <= 0.8) return "calm";
  if (severity <= 1) return "near";
  return severity <= 2 ? "above" : "far";
}

function levelOf(device) {
  if (device.silent) return "silent";
  if (device.status === "off") return "off";
  return level(device.severity);
}

function times(severity) {
  if (severity === null || severity === undefined) return "–";
  return `${severity < 10 ? severity.toFixed(1) : Math.round(severity).toLocaleString()}×`;
}

function figure(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  return size !== 0 && (size < 0.001 || size >= 1e6) ? value.toExponential(2) : String(+value.toPrecision(4));
}

function clock(text) {
  return text ? new Date(text).toLocaleTimeString([], { hour12: false }) : "–";
}

function moment(text) {
  if (typeof text === "number") return `row ${text.toLocaleString()}`; // rows are the clock
  if (!text) return "–";
  const then = new Date(text), today = new Date().toDateString() === then.toDateString();
  return today ? clock(text) : `${then.toLocaleDateString([], { day: "numeric", month: "short" })}, ${clock(text)}`;
}

function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 100) return `${whole} s`;
  if (whole < 6000) return `${Math.round(whole / 60)} min`;
  return whole < 172800 ? `${Math.round(whole / 3600)} h` : `${Math.round(whole / 86400)} days`;
}

function since(text, now) {
  return typeof text === "string" ? span((now - Date.parse(text)) / 1000) : "";
}

function culprits(causes) {
  const told = (causes || []).filter((one) => one.share >= 0.05).slice(0, 3);
  return told.map((one) => `${one.channel} ${Math.round(100 * one.share)}\u00a0%`).join(", ");
}
