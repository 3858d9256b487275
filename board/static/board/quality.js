// Bars of medians: each leg a bar on a logarithmic scale, from a tenth of a second to a day.
import { $, el } from "./dom.js";
import { isLocal, span, tick, toggleLocal } from "./times.js";

tick(true);
const local = $("#local");
function paintLocal() { local.textContent = isLocal() ? "Local time" : "UTC"; local.setAttribute("aria-pressed", String(isLocal())); }
local.addEventListener("click", () => { toggleLocal(); paintLocal(); });
paintLocal();

const { legs, rows } = JSON.parse($("#figures").textContent);
const LEAST = Math.log10(0.1), MOST = Math.log10(86400);
for (const row of rows) {
  const bars = row.legs.map((seconds, n) => seconds === null ? null : { name: legs[n], seconds }).filter(Boolean);
  $("#bars").append(el("h3", {}, row.name), ...bars.map(({ name, seconds }) => {
    const share = Math.min(1, Math.max(0.01, (Math.log10(Math.max(seconds, 0.1)) - LEAST) / (MOST - LEAST)));
    const bar = el("span", { class: "bar" });
    bar.style.width = `${Math.round(share * 60)}%`;
    return el("div", {}, bar, ` ${name}: ${seconds < 10 ? `${seconds.toPrecision(2)} s` : span(seconds)}`);
  }));
}
