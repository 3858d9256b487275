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
