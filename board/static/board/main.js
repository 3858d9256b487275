// The board: one stream in, one paint a frame out.
import { $, say } from "./dom.js";
import * as filterState from "./filters.js";
import { act, silenceDialog } from "./acts.js";
import { listen } from "./keys.js";
import { apply, filtered, groups, makeModel } from "./model.js";
import { GroupList } from "./rows.js";
import { forget, noteShown } from "./seen.js";
import { Line } from "./line.js";
import { paintCounts, paintDates, paintFree, paintMatrix, paintNothing, paintReviews, paintSources, paintTitle, paintTrust } from "./side.js";
import { isLocal, now, setServerTime, tick, toggleLocal } from "./times.js";

const SIDE_MS = 400;
const may = { acknowledge: document.body.dataset.acknowledge === "1", silence: document.body.dataset.silence === "1" };
may.some = may.acknowledge || may.silence;

const model = makeModel();
const list = new GroupList($("#groups"), may);
const picked = new Set();
let filters = filterState.read();
let names = new Set();
let touched = new Set();
let sideDirty = true, trustDirty = true, sourcesDirty = true, reviewsDirty = true;
let frame = 0, sidePainted = -SIDE_MS, first = true;
let shown = [];

// ---------------------------------------------------------------------------------------------------------- painting

function paintSoon() {
  if (!frame) frame = requestAnimationFrame(paint);
}

function paint() {
  frame = 0;
  if (touched === "all" || touched.size) {
    const rows = filtered(model, filters, names);
    shown = groups(rows, now());
    list.paint(shown, model, picked, touched);
    noteShown(rows, first);
    if (model.known) first = false;
    prunePicked(rows);
    touched = new Set();
    sideDirty = true;
    fillChoices();
    $("#shown").textContent = describe(rows.length);
    $("#nothing").hidden = rows.length > 0 || !model.known;
    trustDirty = true;
    document.body.dataset.painted = String(Date.now());
  }
  if (trustDirty) { paintTrust(model, line); paintTitle(model, line.connected); paintNothing(model, line.connected); trustDirty = false; }
  if (sourcesDirty) { paintSources(model); sourcesDirty = false; }
  if (reviewsDirty) { paintReviews(model); reviewsDirty = false; }
  if (sideDirty) {
    // What stands beside the list may come a moment later: a key press goes first.
    const waits = SIDE_MS - (performance.now() - sidePainted);
    if (waits > 0) { setTimeout(paintSoon, waits); return; }
    sidePainted = performance.now();
    sideDirty = false;
    const rows = shown.length ? [...new Map(shown.flatMap((group) => group.rows.map((row) => [row.id, row]))).values()] : [];
    paintCounts(model, filters);
    paintTitle(model, line.connected);
    paintFree(rows, model);
    paintDates(rows);
    if ($("#matrix-box").open) paintMatrix(shown);
  }
}

function describe(count) {
  const words = filterState.inWords(filters, labels());
  const all = model.rows.size;
  if (!model.known) return "Loading …";
  const cut = model.cut ? ", the worst of more" : "";
  return words ? `${count} of ${all} events${cut}: ${words}` : `${all} open event${all === 1 ? "" : "s"}${cut}`;
}

function labels() {
  const text = (id) => Object.fromEntries([...$(id).options].map((option) => [option.value, option.textContent]));
  return { action: text("#action"), category: text("#category"), venue: text("#venue") };
}

function fillChoices() {
  const categories = new Map(), venues = new Map();
  for (const row of model.rows.values()) {
    categories.set(row.category, row.kind);
    for (const cell of row.cells) if (cell.venue) venues.set(cell.venue, cell.place);
  }
  fill($("#category"), categories, filters.category);
  fill($("#venue"), venues, filters.venue);
}

function fill(select, found, chosen) {
  if (document.activeElement === select) return;
  if (chosen && !found.has(chosen)) found.set(chosen, chosen);
  const wanted = [...found].sort((a, b) => (a[1] < b[1] ? -1 : 1));
  const key = JSON.stringify(wanted);
  if (select.dataset.key !== key) {
    select.dataset.key = key;
    select.replaceChildren(select.options[0], ...wanted.map(([value, text]) => new Option(text, value)));
  }
  select.value = chosen;
}

function refresh() {
  touched = "all";
  paintSoon();
}

// ----------------------------------------------------------------------------------------------------------- filters

function choose(name, value) {
  filters[name] = filters[name] === value ? "" : value;
  setControls();
  filterState.write(filters);
  refresh();
}

function setControls() {
  for (const name of ["action", "category", "venue", "ack"]) $(`#${name}`).value = filters[name];
  $("#mine").checked = Boolean(filters.mine);
  $("#q").value = filters.q;
}

function onControl(event) {
  const { id, type, checked, value } = event.target;
  if (!(id in filters)) return;
  filters[id] = type === "checkbox" ? (checked ? "1" : "") : value;
  filterState.write(filters);
  refresh();
  if (id === "q") {
    filterState.namesOf(filters.q).then((found) => { if (found) { names = found; refresh(); } }).catch(() => say("The names of coins cannot be asked now."));
  }
}

// ------------------------------------------------------------------------------------------------- moving and acting

const heads = () => [...document.querySelectorAll("#groups .head, #groups .row")];
const focusedRow = () => document.activeElement?.closest?.("#groups .row, #groups .head");

function move(step) {
  const all = heads();
  if (!all.length) return;
  const at = all.indexOf(focusedRow() || lastFocused());
  const next = all[Math.min(all.length - 1, Math.max(0, at + step))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

let last = { token: "", id: "" };
function lastFocused() {
  const all = last.token ? heads() : [];
  return all.find((node) => node.closest(".group").dataset.token === last.token && (node.dataset.id || "") === last.id) || (last.id && all.find((node) => node.dataset.id === last.id)) || null;
}

/** What an act is about: what is ticked, else the row (or all rows of the group) that has the focus. */
function subject() {
  if (picked.size) return [...picked].map((id) => model.rows.get(id)).filter(Boolean);
  const node = focusedRow() || lastFocused();
  if (!node) return [];
  if (node.dataset.id) return [model.rows.get(Number(node.dataset.id))].filter(Boolean);
  const group = shown.find((one) => one.token === node.closest(".group").dataset.token);
  return group ? group.rows : [];
}

async function acting(kind, rows) {
  if (kind === "silence") {
    silenceDialog(rows, clearPicked, board.current);
    return;
  }
  await act(kind, kind === "acknowledge" ? rows.filter((row) => !row.ack).length ? rows.filter((row) => !row.ack) : rows : rows);
  clearPicked();
}

function clearPicked() {
  for (const id of picked) touched === "all" || touched.add(id);
  picked.clear();
  paintPicked();
  paintSoon();
}

function paintPicked() {
  $("#picked").textContent = picked.size ? `${picked.size} selected` : "";
  for (const button of document.querySelectorAll("#bulk button")) button.hidden = !picked.size;
}

function toggle(id) {
  if (picked.has(id)) picked.delete(id); else picked.add(id);
  for (const box of document.querySelectorAll(`.row[data-id="${id}"] .pick`)) box.checked = picked.has(id);
  paintPicked();
}

function goTo(id) {
  const group = shown.find((one) => one.rows.some((row) => row.id === id));
  if (!group) return;
  const row = model.rows.get(id);
  if (group.rows.length > 1 && !list.open.has(group.token)) { list.toggle(group.token); touched === "all" || touched.add(row.id); paint(); }
  const node = document.querySelector(`.group[data-token="${CSS.escape(group.token)}"] [data-id="${row.id}"]`);
  if (node) { node.focus(); node.scrollIntoView({ block: "center" }); }
}

const board = {
  search: () => $("#q").focus(),
  move,
  acknowledge: () => may.acknowledge && acting("acknowledge", subject()),
  silence: () => may.silence && acting("silence", subject()),
  pick: () => {
    const node = focusedRow();
    if (!node || !may.some) return;
    if (node.dataset.id) toggle(Number(node.dataset.id));
    else {
      const { rows } = shown.find((one) => one.token === node.closest(".group").dataset.token);
      const every = rows.every((row) => picked.has(row.id));
      for (const row of rows) if (every || !picked.has(row.id)) toggle(row.id);
    }
  },
  open: () => { const rows = subject(); if (rows.length === 1) location.href = rows[0].page; },
  help: () => $("#help").showModal(),
  clear: () => { if (picked.size) clearPicked(); else if (filters.q) { filters.q = ""; names = new Set(); setControls(); filterState.write(filters); refresh(); } },
  current: () => { const node = lastFocused(); if (node) node.focus(); },
};

$("#groups").addEventListener("click", (event) => {
  const head = event.target.closest(".head");
  const row = event.target.closest(".row");
  if (head) {
    const token = head.closest(".group").dataset.token;
    list.toggle(token);
    repaintGroup(token);
  } else if (event.target.closest(".more")) {
    const token = event.target.closest(".group").dataset.token;
    list.more.add(token);
    repaintGroup(token);
  } else if (event.target.classList.contains("pick")) {
    toggle(Number(row.dataset.id));
  } else if (event.target.dataset.act) {
    const found = model.rows.get(Number(row.dataset.id));
    if (found) acting(event.target.dataset.act, [found]);
  }
});

function repaintGroup(token) {
  const group = shown.find((one) => one.token === token);
  if (!group) return;
  for (const row of group.rows) touched === "all" || touched.add(row.id);
  paint();
}

$("#groups").addEventListener("focusin", (event) => {
  const node = event.target.closest(".row, .head");
  if (node) last = { token: node.closest(".group").dataset.token, id: node.dataset.id || "" };
});
$("#bulk").addEventListener("click", (event) => { if (event.target.dataset.bulk) acting(event.target.dataset.bulk, subject()); });
document.addEventListener("click", (event) => {
  const { go, action, ack } = event.target.closest("[data-key]")?.dataset || {};
  if (go) goTo(Number(go));
  if (action) choose("action", action);
  if (ack) choose("ack", ack);
});
$("#filters").addEventListener("input", onControl);
$("#filters").addEventListener("submit", (event) => { event.preventDefault(); const first = heads()[0]; if (first) first.focus(); });
$("#local").addEventListener("click", () => { toggleLocal(); paintLocal(); });
$("#matrix-box").addEventListener("toggle", () => { sideDirty = true; paintSoon(); });
for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
$("#help-button").addEventListener("click", board.help);
function paintLocal() {
  $("#local").setAttribute("aria-pressed", isLocal() ? "true" : "false");
  $("#local").textContent = isLocal() ? "Local time" : "UTC";
}

// ------------------------------------------------------------------------------------------------------------ stream

function take(message) {
  setServerTime(message.at);
  const changes = apply(model, message);
  if (changes.rows === "all") { touched = "all"; askHeld(); }
  else if (changes.rows && touched !== "all") for (const id of changes.rows) touched.add(id);
  if (changes.rows && changes.rows !== "all" && message.kind === "rows") { message.gone.forEach(forget); askHeldSoon(); }
  if (changes.sources) sourcesDirty = true;
  if (changes.reviews) reviewsDirty = sideDirty = true;
  if (changes.trust) trustDirty = true;
  // Nothing is painted in a tab behind others; its title is all that is seen of it.
  if (document.hidden) paintTitle(model, line.connected);
  paintSoon();
}

/** What is not shown is not selected: nobody acts on what a filter hides. */
function prunePicked(rows) {
  if (!picked.size) return;
  const there = new Set(rows.map((row) => row.id));
  for (const id of [...picked]) if (!there.has(id)) picked.delete(id);
  paintPicked();
}

const HELD_MS = 90000;
let held = 0, mayAsk = true, heldAsked = 0;
// Spread out: everybody who has the board open hears of the same change.
function askHeldSoon() { if (!held && mayAsk && model.held) held = setTimeout(() => { held = 0; askHeld(); }, 2000 + 4000 * Math.random()); }

async function askHeld() {
  if (!mayAsk) return;
  heldAsked = performance.now() + 30000 * Math.random();
  const answer = await fetch("/board/held", { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer && answer.status === 403) mayAsk = false;
  if (!answer || !answer.ok) return;
  const found = (await answer.json()).held;
  if (JSON.stringify(found) === JSON.stringify(model.held)) return;
  model.held = found;
  refresh();
}

const line = new Line(document.body.dataset.stream, take, () => { trustDirty = true; paintSoon(); });

setInterval(() => {
  tick();
  line.look();
  trustDirty = sourcesDirty = true;
  paintTitle(model, line.connected);
  // Positions are stored beside the stream, and they change without any event.
  if (line.connected && !document.hidden && performance.now() - heldAsked > HELD_MS) askHeld();
  paintSoon();
}, 1000);

setControls();
paintLocal();
if (filters.q) filterState.namesOf(filters.q).then((found) => { if (found) { names = found; refresh(); } }).catch(() => {});
listen(board);
line.open();
