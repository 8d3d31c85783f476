// Why: what is drawn once a second must stay where it is. Elements are kept by their key and changed in place, so
// nothing flickers, nothing loses the focus, and the page needs no more memory after an hour than after a minute.

function make(tag, names, text) {
  const element = document.createElement(tag);
  if (names) element.className = names;
  if (text !== undefined) element.textContent = text;
  return element;
}

function say(element, text) {
  const told = String(text ?? "");
  if (element.textContent !== told) element.textContent = told;
}

function mark(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

function keep(parent, items, keyOf, begin, change) {
  const known = new Map();
  for (const child of parent.children) known.set(child.dataset.key, child);
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let child = known.get(key);
    known.delete(key);
    if (!child) {
      child = begin(item);
      child.dataset.key = key;
    }
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
    change(child, item);
  }
  for (const child of known.values()) child.remove();
}

function part(parent, selector) {
  return parent.querySelector(selector);
}
