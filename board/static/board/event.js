// The page of one event: its acts, its times, its prices.
import { $, say } from "./dom.js";
import { act, silenceDialog } from "./acts.js";
import { axisText, clockText, isLocal, tick, toggleLocal } from "./times.js";

const { event, revision, word, what } = document.body.dataset;
const row = { id: Number(event), revision: Number(revision), word, what };

tick(true);
setInterval(tick, 1000);
const local = $("#local");
function paintLocal() { local.textContent = isLocal() ? "Local time" : "UTC"; local.setAttribute("aria-pressed", String(isLocal())); }
local.addEventListener("click", () => { toggleLocal(); paintLocal(); if (plot) plot.redraw(false, true); });
paintLocal();

document.addEventListener("click", async (click) => {
  const kind = click.target.dataset?.act;
  if (click.target.hasAttribute?.("data-close")) click.target.closest("dialog").close();
  if (!kind) return;
  if (kind === "silence") { silenceDialog([row], again, () => {}); return; }
  // What was not done is said, and stays to be read.
  if (await act(kind, [row])) again();
});

function again() { setTimeout(() => location.reload(), 900); }

// The page is of one moment: whoever leaves it open is told when it is no longer true, and when nobody can say.
const LOOK_MS = 10000;
let looked = 0;
async function look() {
  if (document.hidden || Date.now() - looked < LOOK_MS) return;
  looked = Date.now();
  const answer = await fetch(document.body.dataset.state, { headers: { Accept: "application/json" } }).catch(() => null);
  const found = answer && (answer.ok || answer.status === 404) ? await answer.json().catch(() => null) : null;
  $("#old").hidden = Boolean(found) && found.state === document.body.dataset.seen;
  $("#old-text").textContent = found ? "This event has changed since this page was opened." : "NOT CONNECTED · whether this page still holds is not known.";
}
setInterval(look, 1000);
document.addEventListener("visibilitychange", look);

let plot = null;
const prices = JSON.parse($("#prices").textContent);
if (!prices.lines.length) $("#no-prices").hidden = false;
else window.addEventListener("load", () => draw(prices));

/** The moments within a day of what is drawn. */
const near = (moments, from, to) => moments.map((one) => one.at).filter((at) => at > from - 86400 && at < to + 86400);

function draw({ at, lines, moments }) {
  const style = getComputedStyle(document.documentElement);
  const text = style.getPropertyValue("--text").trim(), grid = style.getPropertyValue("--line").trim();
  const colours = ["--watch", "--exit", "--good", "--avoid"].map((name) => style.getPropertyValue(name).trim());
  const dashes = [[], [6, 3], [2, 3], [10, 3, 2, 3]];
  const place = $("#chart");
  plot = new uPlot({
    width: place.clientWidth, height: 260,
    // A moment after the last price is on the chart too.
    scales: { x: { range: (_u, from, to) => [Math.min(from, ...near(moments, from, to)), Math.max(to, ...near(moments, from, to))] } },
    series: [{ label: "Time", value: (_u, seconds) => (seconds ? clockText(seconds * 1e3) : "–") }, ...lines.map((line, n) => ({ label: line.name, stroke: colours[n], dash: dashes[n], width: 1.5, spanGaps: false }))],
    axes: [{ stroke: text, grid: { stroke: grid }, space: 70, values: (_u, splits) => splits.map(axisText) }, { stroke: text, grid: { stroke: grid }, size: 70 }],
    tzDate: (s) => (isLocal() ? new Date(s * 1e3) : uPlot.tzDate(new Date(s * 1e3), "Etc/UTC")),
    hooks: { draw: [(u) => {
      u.ctx.save();
      u.ctx.strokeStyle = text; u.ctx.fillStyle = text; u.ctx.setLineDash([4, 4]);
      moments.forEach((one, n) => {
        const x = u.valToPos(one.at, "x", true);
        if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) return;
        u.ctx.beginPath(); u.ctx.moveTo(x, u.bbox.top); u.ctx.lineTo(x, u.bbox.top + u.bbox.height); u.ctx.stroke();
        // Moments of one minute stand below each other; none runs out of the chart.
        const right = x > u.bbox.left + u.bbox.width - 90 * devicePixelRatio;
        u.ctx.textAlign = right ? "right" : "left";
        u.ctx.fillText(one.what, right ? x - 4 : x + 4, u.bbox.top + (12 + 14 * n) * devicePixelRatio);
      });
      u.ctx.restore();
    }] },
  }, [at, ...lines.map((line) => line.prices)], place);
  window.chart = plot;
  addEventListener("resize", () => plot.setSize({ width: place.clientWidth, height: 260 }));
}
export { say };
