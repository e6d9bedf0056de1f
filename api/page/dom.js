// Tags and texts enter, elements leave. Strings only ever become text nodes; addresses pass safeHref.

import { safeHref } from "./text.js";

const SVG = "http://www.w3.org/2000/svg";

/** Make an element: h("p", {class: "note"}, "text", child, …). Attributes that are null or false are left out. */
export function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "href") element.setAttribute("href", String(value).startsWith("#/") || String(value).startsWith("/") ? value : (safeHref(value) ?? "#/"));
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function replace(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
}

/** Return a link inside the page: to("claim", {id}) is "#/claim?id=…". */
export function to(view, parameters = {}) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== ""));
  return `#/${view}${query.size ? `?${query}` : ""}`;
}

/** Return a link to another site, or the plain text when its address is none that may be followed. */
export function outside(address, text = address) {
  const href = safeHref(address);
  return href ? h("a", { href, rel: "noopener noreferrer nofollow", target: "_blank" }, text) : h("span", {}, text);
}
