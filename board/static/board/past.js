// The time machine: one slider, one question, one answer.
import { $, el, say } from "./dom.js";
import { RANKS } from "./model.js";
import { isLocal, now, tick, time, toggleLocal } from "./times.js";

const slider = $("#slider");
// The slider has the last days; a time that is typed may be any since the history began.
const begin = Date.parse(document.body.dataset.begin), first = Date.parse(document.body.dataset.history);
let at = now(), asked = 0, timer = 0, bounds = "";

tick(true);
const local = $("#local");
function paintLocal() { local.textContent = isLocal() ? "Local time" : "UTC"; local.setAttribute("aria-pressed", String(isLocal())); }
local.addEventListener("click", () => { toggleLocal(); paintLocal(); });
paintLocal();

function set(ms, ask = true) {
  const end = now();
  at = Math.min(end, Math.max(first, Math.floor(ms / 1000) * 1000));
  bounds = ms > end + 1000 ? "That is not over yet: this is now." : ms < first - 1000 ? "The history begins here." : "";
  slider.value = String(end > begin ? Math.max(0, (at - begin) / (end - begin)) * 1000 : 1000);
  slider.setAttribute("aria-valuetext", new Date(at).toISOString().replace("T", " ").slice(0, 19) + " UTC");
  $("#when").setAttribute("datetime", new Date(at).toISOString());
  $("#seconds").textContent = ` (${new Date(at).toISOString().slice(17, 19)} s)`;
  tick(true);
  history.replaceState(null, "", `?at=${new Date(at).toISOString().replace(".000", "")}`);
  if (ask) { clearTimeout(timer); timer = setTimeout(look, 60); }
}

async function look() {
  const mine = (asked += 1);
  // A second that has begun is over at its end: what happened within it is on the board of it.
  const moment = new Date(Math.min(at + 999, now())).toISOString();
  const answer = await fetch(`${document.body.dataset.at}?at=${encodeURIComponent(moment)}`, { headers: { Accept: "application/json" } }).catch(() => null);
  if (mine !== asked) return;
  const found = answer ? await answer.json().catch(() => ({ error: `the server answered ${answer.status}` })) : { error: "the server does not answer" };
  if (mine !== asked) return;
  if (!answer || !answer.ok) { say(`Not known: ${found.error}.`); paintUnknown(); return; }
  say(bounds);
  paint(found);
}

/** What was shown is of another second. */
function paintUnknown() {
  for (const id of ["#tokens-count", "#events-count", "#alerts"]) $(id).textContent = "";
  $("#tokens").replaceChildren(el("tr", {}, el("td", { colspan: "5" }, "Not known.")));
  for (const id of ["#events", "#sources"]) $(id).replaceChildren(el("li", {}, "Not known."));
}

function paint({ tokens, events, alerts, sources }) {
  const order = Object.keys(RANKS);
  tokens.sort((a, b) => order.indexOf(a.action) - order.indexOf(b.action) || (a.token < b.token ? -1 : 1));
  $("#tokens-count").textContent = String(tokens.length);
  $("#tokens").replaceChildren(...(tokens.length ? tokens.map((row) => el("tr", {},
    el("th", { scope: "row" }, row.token),
    el("td", { class: `a-${row.action}` }, RANKS[row.action] || row.action),
    el("td", {}, Object.entries(row.venue_actions || {}).map(([venue, action]) => `${venue} ${RANKS[action] || action}`).join(", ")),
    el("td", {}, row.trading_status || ""),
    el("td", {}, row.trading_ends_at ? time(row.trading_ends_at, "at") : ""),
  )) : [el("tr", {}, el("td", { colspan: "5" }, "No coin was at risk."))]));
  $("#events-count").textContent = String(events.length);
  $("#events").replaceChildren(...(events.length ? events.map((one) => el("li", { class: "t-event" },
    time(one.opened_at, "at"), " ", el("a", { href: `/board/event/${one.id}/` }, `#${one.id} ${one.title}`), one.held ? " · acknowledged" : " · nobody had it",
    el("ul", {}, one.effects.map((effect) => el("li", {}, `${effect.token} ${effect.venue || "everywhere"}: ${RANKS[effect.action] || effect.action}`)))))
    : [el("li", {}, "None.")]));
  $("#alerts").textContent = `${alerts.queued} queued, ${alerts.delivered} delivered, ${alerts.suppressed} suppressed, ${alerts.failed} failed.`;
  $("#sources").replaceChildren(...sources.map((one) => el("li", { class: one.state === "ok" ? "ok" : "bad" }, el("b", {}, one.source), ` ${one.state}`)));
}

if (slider) {
  slider.addEventListener("input", () => set(begin + ((now() - begin) * Number(slider.value)) / 1000));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.step) set(at + Number(button.dataset.step) * 1000);
    if (button.dataset.go) { set(Date.parse(button.dataset.go)); scrollTo(0, 0); }
    if (button.id === "go") {
      const text = $("#typed").value.trim().replace(" ", "T");
      const ms = Date.parse(/Z|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
      if (Number.isNaN(ms)) say(`“${$("#typed").value}” is no time: 2026-12-01 08:00:00 is one.`);
      else set(ms);
    }
  });
  const given = Date.parse(new URLSearchParams(location.search).get("at") || "");
  set(Number.isNaN(given) ? now() : given);
}
