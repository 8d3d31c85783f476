// Draws a figure with Plotly, in the page's light or dark colours, and tells Python what is zoomed to.

const DEBOUNCE_MS = 250;
let library;

function load(url) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { library = undefined; reject(new Error("The drawing library did not arrive.")); };
    document.head.append(script);
  });
  return library;
}

function isDark(element) {
  const [red, green, blue] = getComputedStyle(element).color.match(/[\d.]+/g).map(Number);
  return (red + green + blue) / 3 > 128; // light text is for dark pages
}

function coloured(part, palette) {
  if (Array.isArray(part)) {
    return part.length && typeof part[0] === "object" ? part.map((each) => coloured(each, palette)) : part;
  }
  if (part === null || typeof part !== "object") return part;
  return Object.fromEntries(Object.entries(part).map(([name, value]) =>
    [name, typeof value === "string" && /color$/i.test(name) ? palette[value] ?? value : coloured(value, palette)]));
}

function dressed(layout, palette, style) {
  const font = { family: style.fontFamily, color: palette.text, size: 13 };
  const plain = {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font,
    modebar: { bgcolor: "rgba(0,0,0,0)", color: palette.quiet, activecolor: palette.normal },
    hoverlabel: { bgcolor: palette.panel, bordercolor: palette.quiet, font: { ...font } },
  };
  const axes = Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name));
  const axis = { gridcolor: palette.grid, zerolinecolor: palette.grid, linecolor: palette.quiet, tickcolor: palette.quiet };
  return { ...plain, ...layout, ...Object.fromEntries(axes.map((name) => [name, { ...axis, ...layout[name] }])) };
}

function zoomedTo(event) {
  const names = Object.keys(event);
  if (names.some((name) => /^xaxis\d*\.autorange$/.test(name))) return { range: null };
  const from = names.find((name) => /^xaxis\d*\.range\[0\]$/.test(name));
  if (from) return { range: [event[from], event[from.replace("[0]", "[1]")]] };
  const both = names.find((name) => /^xaxis\d*\.range$/.test(name));
  return both ? { range: event[both] } : null;
}

function made(parentElement) {
  const div = document.createElement("div");
  div.className = "tocsin-plot";
  div.tabIndex = 0;
  div.setAttribute("role", "figure");
  const waiting = document.createElement("p");
  waiting.className = "waiting";
  waiting.textContent = "Drawing …";
  div.append(waiting);
  parentElement.append(div);
  return { div, started: false, timer: 0 };
}

function listen(own) {
  own.div.on("plotly_relayout", (event) => {
    const zoom = zoomedTo(event);
    if (!zoom || own.drawing) return;
    clearTimeout(own.timer);
    own.timer = setTimeout(() => own.tell("range", zoom.range), DEBOUNCE_MS);
  });
  own.div.addEventListener("transitionend", (event) => {
    if (event.target === own.div && own.mode !== isDark(own.div)) own.draw();
  });
  own.div.addEventListener("keydown", (event) => moved(own, event));
  new ResizeObserver(() => {
    if (own.div.isConnected && own.div.offsetWidth) window.Plotly.Plots.resize(own.div); // what is hidden has no size
  }).observe(own.div);
}

// Keys for those without a mouse: arrows pan, + and - zoom, 0 or Escape shows everything.
function moved(own, event) {
  const axis = own.div._fullLayout?.xaxis;
  const moves = { ArrowLeft: [-0.2, -0.2], ArrowRight: [0.2, 0.2], "+": [0.25, -0.25], "=": [0.25, -0.25], "-": [-0.5, 0.5] };
  if (!axis || axis.fixedrange || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "0" || event.key === "Escape") {
    window.Plotly.relayout(own.div, { "xaxis.autorange": true });
  } else if (moves[event.key]) {
    const [from, to] = axis.range.map((end) => axis.r2l(end));
    const [left, right] = moves[event.key];
    const range = [from + left * (to - from), to + right * (to - from)].map((end) => axis.l2r(end));
    window.Plotly.relayout(own.div, { "xaxis.range": range });
  } else return;
  event.preventDefault();
}

async function drawn(own, data) {
  const Plotly = await load(data.library);
  if (!own.div.isConnected) return;
  const began = performance.now();
  own.mode = isDark(own.div);
  const palette = data.colours[own.mode ? "dark" : "light"];
  const figure = coloured(data.figure, palette);
  const layout = { ...dressed(figure.layout ?? {}, palette, getComputedStyle(own.div)), height: data.height, autosize: true };
  const config = {
    displaylogo: false, responsive: false, doubleClick: "autosize", scrollZoom: false, showTips: false,
    modeBarButtons: [["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"], ["toImage"]],
    ...data.figure.config,
  };
  if (!own.started) own.div.replaceChildren();
  own.drawing = true;
  await Plotly.react(own.div, figure.data, layout, config);
  own.drawing = false;
  own.div.dataset.tookMs = String(Math.round(performance.now() - began));
  if (!own.started) { own.started = true; listen(own); }
  own.div.dataset.drawn = String(Number(own.div.dataset.drawn ?? 0) + 1);
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  if (!data.figure) {
    load(data.library).catch(() => {}); // whoever draws tells of it
    return;
  }
  const own = (parentElement.tocsinPlot ??= made(parentElement));
  own.div.setAttribute("aria-label", data.alt);
  own.div.style.minHeight = `${data.height}px`;
  own.tell = setStateValue;
  own.draw = () => { own.last = (own.last ?? Promise.resolve()).then(() => drawn(own, data)).catch((error) => {
    own.div.textContent = error.message;
  }); };
  own.draw();
  return () => setTimeout(() => {
    if (!own.div.isConnected && window.Plotly) window.Plotly.purge(own.div);
  }, 0);
}
