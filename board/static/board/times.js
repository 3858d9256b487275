// Times: 24 hours, UTC, with how far away they are; local by one click.
import { el } from "./dom.js";

const KEY = "ews-board-local";
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
let local = localStorage.getItem(KEY) === "1";
let offset = 0; // our clock against the server's, in ms: a browser may be wrong by hours

export function setServerTime(iso) { offset = Date.parse(iso) - Date.now(); }
if (document.body.dataset.now) setServerTime(document.body.dataset.now);
export function now() { return Date.now() + offset; }
export function isLocal() { return local; }
export function toggleLocal() {
  local = !local;
  localStorage.setItem(KEY, local ? "1" : "0");
  tick(true);
}

const two = (n) => String(n).padStart(2, "0");

export function clockText(ms) {
  const d = new Date(ms);
  const parts = local
    ? [d.getFullYear(), d.getMonth(), d.getDate(), d.getHours(), d.getMinutes()]
    : [d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate(), d.getUTCHours(), d.getUTCMinutes()];
  const year = Math.abs(ms - now()) > 180 * 86400e3 ? ` ${parts[0]}` : "";
  return `${parts[2]} ${MONTHS[parts[1]]}${year} ${two(parts[3])}:${two(parts[4])} ${local ? zone(d) : "UTC"}`;
}

/** "UTC+02:00": in the hour that comes twice in autumn a time without it is two times. */
function zone(d) {
  const minutes = -d.getTimezoneOffset(), all = Math.abs(minutes);
  return `UTC${minutes < 0 ? "−" : "+"}${two(Math.floor(all / 60))}:${two(all % 60)}`;
}

/** For an axis: "12:05", and the day where it begins: "2 Dec". */
export function axisText(seconds) {
  const d = new Date(seconds * 1e3);
  const [day, month, hour, minute] = local ? [d.getDate(), d.getMonth(), d.getHours(), d.getMinutes()] : [d.getUTCDate(), d.getUTCMonth(), d.getUTCHours(), d.getUTCMinutes()];
  return hour || minute ? `${two(hour)}:${two(minute)}` : `${day} ${MONTHS[month]}`;
}

export function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 90) return `${s} s`;
  const m = Math.floor(s / 60);
  if (m < 90) return `${m} min`;
  const h = Math.floor(m / 60);
  if (h < 48) return m % 60 && h < 6 ? `${h} h ${m % 60} min` : `${h} h`;
  return `${Math.floor(h / 24)} d`;
}

function distance(ms) {
  const s = (ms - now()) / 1000;
  return s >= 0 ? `in ${span(s)}` : `${span(-s)} ago`;
}

/** form: "both" (1 Dec 01:00 UTC, in 19 h), "far" (in 19 h, the time as title), "at" (1 Dec 01:00 UTC). */
export function time(iso, form = "both") {
  const node = el("time", { datetime: iso, "data-form": form });
  show(node);
  return node;
}

function show(node) {
  const ms = Date.parse(node.getAttribute("datetime"));
  const form = node.dataset.form;
  const text = form === "at" ? clockText(ms) : form === "far" ? distance(ms) : `${clockText(ms)}, ${distance(ms)}`;
  if (node.textContent !== text) node.textContent = text;
  if (form === "far") {
    const title = clockText(ms);
    if (node.title !== title) node.title = title;
  }
}

export function tick(all = false) {
  const nodes = document.querySelectorAll("time[data-form]");
  for (const node of nodes) if (all || node.dataset.form !== "at") show(node);
}
