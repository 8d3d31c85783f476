// Why: what is open now, how bad, since when and why, with one button to answer each.

function drawIncidents(root, told, act) {
  const list = part(root, ".incidents") || root.appendChild(make("ul", "incidents"));
  mark(list, "aria-label", told.title);
  keep(list, told.incidents, (one) => one.id, (one) => beginIncident(one, act),
    (card, one) => changeIncident(card, one, told));
  const empty = part(root, ".empty") || root.appendChild(make("p", "empty"));
  say(empty, told.incidents.length ? told.more : told.calm);
}

function beginIncident(incident, act) {
  const card = make("li", "incident"), head = make("div", "what");
  head.append(make("span", "chip"), make("button", "link"), make("span", "lasts"));
  card.append(head, make("div", "why"), make("div", "said"), make("button", "answer", "Answer"));
  part(card, ".link").onclick = () => act("device", { duty: incident.duty, device: incident.device });
  const answer = part(card, ".answer");
  answer.onclick = () => act("answer", { id: incident.id });
  return card;
}

function changeIncident(card, incident, told) {
  const silent = incident.what === "stale";
  mark(card, "data-grade", silent ? "silent" : incident.grade);
  mark(card, "data-chosen", told.answering === incident.id);
  say(part(card, ".link"), incident.name);
  mark(part(card, ".answer"), "aria-label", `Answer the incident of ${incident.name}`);
  mark(card, "data-seen", Boolean(incident.acknowledged_by));
  say(part(card, ".chip"), silent ? "silent" : `${incident.grade} ${times(incident.severity)}`);
  mark(card, "data-over", !incident.open);
  say(part(card, ".lasts"), incident.open ? going(incident, told.now) : wasOf(incident));
  mark(part(card, ".answer"), "hidden", told.answers === false);
  const main = culprits(incident.causes);
  say(part(card, ".why"), silent ? "no readings" : main ? `mainly ${main}` : "no single channel to blame");
  say(part(card, ".said"), saidOf(incident));
}

function going(incident, now) {
  return [`since ${moment(incident.start)}`, since(incident.start, now)].filter(Boolean).join(", ");
}

function wasOf(incident) {
  const lasted = since(incident.start, Date.parse(incident.end));
  return [`at ${moment(incident.start)}`, lasted && `for ${lasted}`].filter(Boolean).join(", ");
}

function saidOf(incident) {
  const seen = incident.acknowledged_by ? `${incident.acknowledged_by} sees to it` : "";
  const label = incident.label ? `labelled “${LABELS[incident.label] || incident.label}”` : "";
  return [seen, label, incident.note ? `“${incident.note}”` : ""].filter(Boolean).join(" · ");
}

const LABELS = { true: "true alarm", false: "false alarm" };
