// The page of one event: its acts, its times, its prices.
import { $, say } from "./dom.js";
import { act, silenceDialog } from "./acts.js";
import { isLocal, tick, toggleLocal } from "./times.js";

const { event, revision, word, what } = document.body.dataset;
const row = { id: Number(event), revision: Number(revision), word, what };

tick(true);
setInterval(tick, 1000);
const local = $("#local");
function paintLocal() { local.textContent = isLocal() ? "Local time" : "UTC"; local.setAttribute("aria-pressed", String(isLocal())); }
local.addEventListener("click", () => { toggleLocal(); paintLocal(); });
paintLocal();

document.addEventListener("click", async (click) => {
  const kind = click.target.dataset?.act;
  if (click.target.hasAttribute?.("data-close")) click.target.closest("dialog").close();
  if (!kind) return;
  if (kind === "silence") { silenceDialog([row], () => {}); return; }
  await act(kind, [row]);
  if (!$("#said").textContent.startsWith("Not")) setTimeout(() => location.reload(), 900);
});

const prices = JSON.parse($("#prices").textContent);
if (!prices.lines.length) $("#no-prices").hidden = false;
else window.addEventListener("load", () => draw(prices));

function draw({ at, lines, moments }) {
  const style = getComputedStyle(document.documentElement);
  const text = style.getPropertyValue("--text").trim(), grid = style.getPropertyValue("--line").trim();
  const colours = ["--watch", "--exit", "--good", "--avoid"].map((name) => style.getPropertyValue(name).trim());
  const dashes = [[], [6, 3], [2, 3], [10, 3, 2, 3]];
  const place = $("#chart");
  const plot = new uPlot({
    width: place.clientWidth, height: 260,
    series: [{}, ...lines.map((line, n) => ({ label: line.name, stroke: colours[n], dash: dashes[n], width: 1.5, spanGaps: true }))],
    axes: [{ stroke: text, grid: { stroke: grid } }, { stroke: text, grid: { stroke: grid }, size: 70 }],
    tzDate: (s) => (isLocal() ? new Date(s * 1e3) : uPlot.tzDate(new Date(s * 1e3), "Etc/UTC")),
    hooks: { draw: [(u) => {
      u.ctx.save();
      u.ctx.strokeStyle = text; u.ctx.fillStyle = text; u.ctx.setLineDash([4, 4]);
      for (const one of moments) {
        const x = u.valToPos(one.at, "x", true);
        if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) continue;
        u.ctx.beginPath(); u.ctx.moveTo(x, u.bbox.top); u.ctx.lineTo(x, u.bbox.top + u.bbox.height); u.ctx.stroke();
        u.ctx.fillText(one.what, x + 4, u.bbox.top + 12);
      }
      u.ctx.restore();
    }] },
  }, [at, ...lines.map((line) => line.prices)], place);
  addEventListener("resize", () => plot.setSize({ width: place.clientWidth, height: 260 }));
}
export { say };
