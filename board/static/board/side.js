// Beside the list: counts, trust, sources, who has nothing, next dates, the matrix.
import { $, el, fill, link } from "./dom.js";
import { now, span, time } from "./times.js";
import { RANKS, matrix, nextDates } from "./model.js";

export function paintCounts(model, filters) {
  const rows = [...model.rows.values()];
  const counts = Object.keys(RANKS).map((action) => [action, rows.filter((row) => row.action === action).length]);
  const blind = rows.filter((row) => !row.action).length;
  const free = rows.filter((row) => !row.ack).length;
  const chips = counts.map(([action, count]) =>
    el("button", { type: "button", class: `chip a-${action}`, "data-key": action, "data-action": action, "aria-pressed": filters.action === action ? "true" : "false" }, el("b", {}, String(count)), ` ${RANKS[action]}`));
  chips.push(el("button", { type: "button", class: "chip", "data-key": "free", "data-ack": "no", "aria-pressed": filters.ack === "no" ? "true" : "false" }, el("b", {}, String(free)), " nobody has"));
  if (blind) chips.push(el("span", { class: "chip" }, el("b", {}, String(blind)), " without an action"));
  if (model.reviews.count) chips.push(el("a", { class: model.reviews.urgent ? "chip bad" : "chip", "data-key": "reviews", href: REVIEWS }, el("b", {}, String(model.reviews.count)), ` ${unread(model.reviews)}`));
  fill($("#counts"), chips);
}

/** For a tab behind others: what cannot be trusted, then how much of the worst. */
export function paintTitle(model, connected) {
  const status = connected && model.beat && model.beat.rows_known ? model.beat.status : "unknown";
  const rows = [...model.rows.values()];
  const counts = Object.keys(RANKS).map((action) => [RANKS[action], rows.filter((row) => row.action === action && !row.ack).length]).filter(([, count]) => count);
  const parts = [status === "fresh" ? "" : status === "stale" ? "STALE" : "NOT KNOWN", ...counts.slice(0, 2).map(([word, count]) => `${count} ${word}`), "Board"];
  const text = parts.filter(Boolean).join(" · ");
  if (document.title !== text) document.title = text;
}

export function paintTrust(model, { connected, why, login }) {
  const place = $("#trust");
  const beat = model.beat;
  let state = "unknown", text;
  if (!connected) text = `NOT CONNECTED · ${why ? `${why}: ` : ""}this board may be old, nothing that happens now is on it`;
  else if (!beat) text = "Connecting";
  else if (!beat.rows_known) text = "NOT KNOWN · the board cannot read the database";
  else if (beat.status === "unknown") text = "NOT KNOWN · the daemon gives no sign of life: nothing new is seen";
  else if (beat.status === "stale") { state = "stale"; text = `STALE · not read in time: ${some(beat.stale_sources)}. What these would say is missing`; }
  else { state = "fresh"; text = `FRESH · every source is read, as of ${span((beat.age_ms || 0) / 1000)} ago`; }
  place.className = `trust ${state}`;
  const words = $("#trust-text");
  if (words.textContent !== text) words.textContent = text;
  $("#login").hidden = !login;
}

const NAMED = 4;
/** All of forty would fill a phone's screen; they are listed beside. */
const some = (names) => (names.length > NAMED + 1 ? `${names.slice(0, NAMED).join(", ")} and ${names.length - NAMED} more` : names.join(", "));

/** Where no row is shown: nothing is open only where that is known. */
export function paintNothing(model, connected) {
  const { count } = model.reviews, all = model.rows.size;
  const status = connected && model.beat && model.beat.rows_known ? model.beat.status : "unknown";
  const parts = [];
  if (all) parts.push(all === 1 ? "1 event is open, and the filters hide it." : `${all} events are open, and the filters hide them.`);
  if (status === "unknown") parts.push("It is not known whether anything is open.");
  if (count) parts.push(`${all ? "Besides," : "No event is open here, but"} ${count} ${unread(model.reviews)}: what ${count === 1 ? "it says" : "they say"} is not known.`);
  if (status === "stale") parts.push("Not every source is read: what these would say is missing.");
  const text = parts.join(" ") || "Nothing is open here.";
  if ($("#nothing").textContent !== text) $("#nothing").textContent = text;
}

const BAD = { failing: "fails", drift: "not understood", stale: "silent", waiting: "not read yet" };

export function paintSources(model) {
  const at = now();
  const age = (iso) => (iso ? span((at - Date.parse(iso)) / 1000) : "never");
  fill($("#sources"), model.sources.map((one) => {
    const bad = one.state !== "ok" || one.content_overdue.length > 0;
    const what = one.state !== "ok" ? BAD[one.state] || one.state : one.content_overdue.length ? "content is old" : "ok";
    return el("li", { class: bad ? "bad" : "ok", title: [one.unseen && `Without it nobody sees ${one.unseen}.`, one.last_error].filter(Boolean).join(" ") },
      el("b", {}, one.source), ` ${what} · answer ${age(one.last_success_at)}`, one.content_at ? ` · content ${age(one.content_at)}` : "");
  }));
  const bad = model.sources.filter((one) => one.state !== "ok").length;
  const old = model.sources.filter((one) => one.state === "ok" && one.content_overdue.length > 0).length;
  $("#sources-summary").textContent = `Sources: ${model.sources.length - bad} of ${model.sources.length} answer${old ? `, ${old} with old content` : ""}`;
  $("#sources-box").classList.toggle("bad", bad + old > 0);
}

const REVIEWS = "/admin/events/review/";

/** "notices to be read, 1 urgent": nobody could judge them, so what they say is unknown, and not nothing. */
export function unread(reviews) {
  return `notice${reviews.count === 1 ? "" : "s"} to be read${reviews.urgent ? `, ${reviews.urgent} urgent` : ""}`;
}

export function paintReviews(model) {
  const { count, listed } = model.reviews;
  $("#reviews-box").hidden = count === 0;
  $("#reviews-count").textContent = String(count);
  fill($("#reviews"), [...listed.map((one) =>
    el("li", { class: one.urgent ? "bad" : "" }, one.urgent ? el("b", {}, "URGENT ") : "", link(one.page, one.title, { "data-key": `review${one.id}` }), ` · ${one.from}`,
      one.names.length ? ` · names ${one.names.join(", ")}${one.more ? ` and ${one.more} more` : ""}` : "", ` · ${one.why} · `, time(one.opened_at, "far"))),
    ...(count > listed.length ? [el("li", {}, link(REVIEWS, `${count - listed.length} more`, { "data-key": "more-reviews" }))] : [])]);
}

export function paintFree(rows, model) {
  const free = rows.filter((row) => !row.ack).sort((a, b) => b.rank - a.rank || when(a, model) - when(b, model));
  const all = [...model.rows.values()].filter((row) => !row.ack).length;
  $("#free-count").textContent = free.length === all ? String(all) : `${free.length} of ${all}`;
  fill($("#free"), free.slice(0, 12).map((row) => {
    const at = model.escalations[row.id];
    return el("li", {}, el("button", { type: "button", "data-key": `free${row.id}`, "data-go": row.id }, `${row.word} ${row.what}`), " ", at ? ["escalates ", time(at, "far")] : ["since ", time(row.opened_at, "far")]);
  }));
}

function when(row, model) {
  return Date.parse(model.escalations[row.id] || row.deadline || row.opened_at);
}

export function paintDates(rows) {
  const found = nextDates(rows, now(), 10);
  fill($("#dates"), found.length ? found.map((one) =>
    el("li", {}, time(one.at), " ", el("button", { type: "button", "data-key": `date${one.row.id}.${one.at}`, "data-go": one.row.id }, `${one.row.what}: ${one.what}`))) : [el("li", {}, "None is known.")]);
}

export function paintMatrix(list) {
  const { venues, rows } = matrix(list.filter((group) => group.token !== "*"), 60);
  $("#matrix").replaceChildren(
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Coin"), venues.map(([, place]) => el("th", { scope: "col" }, place)))),
    el("tbody", {}, rows.map((row) => el("tr", {}, el("th", { scope: "row" }, row.token), venues.map(([venue]) => {
      const cell = row.cells.get(venue);
      return cell ? el("td", { class: `a-${cell.action}` }, RANKS[cell.action] || cell.action, cell.pairs.length ? ` (${cell.pairs.slice(0, 2).join(", ")}${cell.pairs.length > 2 ? " …" : ""})` : "") : el("td", {}, el("span", { class: "quiet" }, "·"));
    })))),
  );
}

export { link };
