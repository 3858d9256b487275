// Elements without markup in strings: nothing that an upstream wrote can become HTML.
export function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === "" || child === false) continue;
    node.append(child);
  }
  return node;
}

export const $ = (css, inside = document) => inside.querySelector(css);

/** Puts these elements into a place. What is the same stays, and so does the focus: where its element is made anew, on
 * the one with the same `data-key`. */
export function fill(place, nodes) {
  const active = place.contains(document.activeElement) ? document.activeElement.closest("[data-key]") : null;
  const key = active && active.dataset.key;
  nodes.forEach((node, n) => {
    const old = place.children[n];
    if (!old) place.append(node);
    else if (!old.isEqualNode(node)) old.replaceWith(node);
  });
  while (place.children.length > nodes.length) place.lastElementChild.remove();
  if (key && !place.contains(document.activeElement)) {
    const again = place.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (again) again.focus({ preventScroll: true });
  }
}

/** A link only where the address is one that a browser may open from here. */
export function link(href, text, attributes) {
  const safe = /^(https?:\/\/|\/)/.test(href || "");
  return safe ? el("a", { href, rel: "noreferrer", ...(attributes || {}) }, text) : null;
}

export function say(text) {
  const place = $("#said");
  place.textContent = "";
  // A text that is set twice is read twice only where the element was empty in between.
  requestAnimationFrame(() => { place.textContent = text; });
}
