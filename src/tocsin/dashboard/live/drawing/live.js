// Why: the one entry that Streamlit calls, with fresh figures, once a second.

const DRAWN = { counts: drawCounts, incidents: drawIncidents, fleet: drawFleet, device: drawDevice, wall: drawWall };

function isDark(element) {
  const [red, green, blue] = getComputedStyle(element).color.match(/[\d.]+/g).map(Number);
  return (red + green + blue) / 3 > 128; // light text is for dark pages
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = part(parentElement, ".live");
  mark(root, "data-mode", isDark(root) ? "dark" : "light");
  DRAWN[data.kind](root, data, (name, value) => setTriggerValue(name, value));
}
