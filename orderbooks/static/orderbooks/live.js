// The live page: server-sent events in, a chart of orders as bubbles, the last minute's metrics below it.
"use strict";

(() => {
  const HISTORY_MS = 3600e3, MOST_ORDERS = 20000, MOST_STATES = 40000, SILENT_MS = 6000, FRAME_MS = 120;
  const $ = (id) => document.getElementById(id);
  const pairs = JSON.parse($("pairs").textContent);
  const names = JSON.parse($("names").textContent), busiest = JSON.parse($("busiest").textContent);
  const given = new URLSearchParams(location.search);
  // Opens on the pair with most updates, unless the address names one.
  const first = busiest && (pairs[busiest.venue] || []).includes(busiest.symbol) ? busiest : {};
  const requested = given.has("venue") ? given : new Map(Object.entries(first));
  let source = null, receivedAt = 0, paused = false, dirty = true, clock = { exchange: 0, at: 0 };
  let depth = null, trades = [];
  let orders = [], states = [], minutes = [], inSync = null, reason = "", dropped = 0, collected = true, known = new Set();

  // ---- choosing a pair

  const fill = (select, values, chosen) => {
    select.replaceChildren(...values.map((value) => new Option(value, value, false, value === chosen)));
  };
  const symbols = () => pairs[$("venue").value] || [];
  fill($("venue"), Object.keys(pairs), requested.get("venue"));
  fill($("symbol"), symbols(), requested.get("symbol"));
  const typed = (text) => text.trim().toLowerCase().split(/[\s/]+/).filter(Boolean);
  const matching = (text) => {
    const words = typed(text);
    return words.length ? Object.keys(names).filter((pair) => words.every((word) => names[pair].toLowerCase().includes(word))) : [];
  };
  $("search").oninput = () => {
    $("not-found").textContent = "";
    $("found").replaceChildren(...matching($("search").value).slice(0, 20).map((pair) => new Option(pair, pair)));
    if (names[$("search").value]) choose($("search").value);
  };
  $("search").onkeydown = (event) => {
    const pair = event.key === "Enter" ? matching($("search").value)[0] : null;
    if (pair) choose(pair);
    else if (event.key === "Enter") $("not-found").textContent = `no pair is called “${$("search").value}”`;
  };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.matches("input, select") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    $("search").focus();
  });
  function choose(pair) {
    const at = pair.indexOf(":");
    $("venue").value = pair.slice(0, at);
    fill($("symbol"), symbols(), pair.slice(at + 1));
    $("search").value = "";
    $("search").blur();
    connect();
  }
  $("venue").onchange = () => { fill($("symbol"), symbols(), $("symbol").value); connect(); };
  $("symbol").onchange = () => connect();
  $("least").onchange = $("window").onchange = () => { dirty = true; };
  $("pause").onclick = () => {
    paused = !paused;
    $("pause").textContent = paused ? "Resume" : "Pause";
    $("pause").setAttribute("aria-pressed", paused);
    dirty = true;
  };

  // ---- events

  const key = (o) => `${o.exchange_ms}|${o.bid}|${o.price}|${o.size}`;
  const tick = (ms) => { if (ms > clock.exchange) clock = { exchange: ms, at: performance.now() }; };
  const nowMs = () => clock.exchange + (clock.exchange ? performance.now() - clock.at : 0);

  function take(data) {
    for (const o of data.orders || []) {
      if (known.has(key(o))) continue;
      known.add(key(o));
      orders.push(o);
      tick(o.exchange_ms);
    }
    for (const s of data.states || []) {
      inSync = s.in_sync;
      reason = s.reason;
      if (s.in_sync) tick(s.exchange_ms); else depth = null;
      states.push(s);
    }
    for (const t of data.trades || []) {
      trades.unshift(t);
      trades.length = Math.min(trades.length, 12);
      $("trade").textContent = price(t.price);
      $("trade").className = t.buy_volume >= t.sell_volume ? "bid" : "ask";
      $("trade-time").textContent = time(t.exchange_ms);
      tick(t.exchange_ms);
    }
    for (const m of data.minutes || []) {
      if (!minutes.length || m.minute_ms > minutes[minutes.length - 1].minute_ms) minutes.push(m);
    }
    for (const d of data.depths || []) {
      depth = d;
      tick(d.exchange_ms);
    }
    if ("dropped" in data) dropped = data.dropped;
    if ("collected" in data) collected = data.collected;
    trim();
    document.body.dataset.orders = orders.length;
    dirty = true;
  }

  function trim() {
    const oldest = nowMs() - HISTORY_MS;
    const cut = (list, most, at) => {
      let from = Math.max(0, list.length - most);
      while (from < list.length && at(list[from]) < oldest) from++;
      return from ? list.slice(from) : list;
    };
    const before = orders.length;
    orders = cut(orders, MOST_ORDERS, (o) => o.exchange_ms);
    if (orders.length < before) known = new Set(orders.map(key));
    states = cut(states, MOST_STATES, (s) => s.exchange_ms);
    minutes = minutes.slice(-120);
  }

  function connect() {
    if (source) source.close();
    const venue = $("venue").value, symbol = $("symbol").value;
    orders = []; states = []; minutes = []; known = new Set(); inSync = null; reason = ""; dropped = 0; depth = null; trades = [];
    clock = { exchange: 0, at: 0 };
    for (const id of ["bid", "ask", "spread", "trade"]) $(id).textContent = "–";
    for (const id of ["bid-size", "ask-size", "trade-time"]) $(id).textContent = "";
    dirty = true;
    if (!symbol) return showPill("bad", "no pair is collected yet");
    history.replaceState(null, "", `?${new URLSearchParams({ venue, symbol })}`);
    document.title = `${symbol} · ${venue}`;
    source = new EventSource(`${document.body.dataset.stream}?${new URLSearchParams({ venue, symbol })}`);
    const listen = (event) => { receivedAt = performance.now(); take(JSON.parse(event.data)); };
    source.addEventListener("history", listen);
    source.addEventListener("live", listen);
    askEvents();
    source.onerror = () => { receivedAt = 0; dirty = true; };
  }

  // ---- what is open on its coins

  async function askEvents() {
    const venue = $("venue").value, symbol = $("symbol").value;
    const answer = await fetch(`${document.body.dataset.events}?${new URLSearchParams({ venue, symbol })}`).catch(() => null);
    if (venue !== $("venue").value || symbol !== $("symbol").value) return;
    const place = $("events");
    if (!answer || !answer.ok) { place.textContent = "Its open events cannot be read now."; return; }
    const { events } = await answer.json();
    place.replaceChildren(...(events.length ? events.map((one) => {
      const line = document.createElement("p"), word = document.createElement("b"), to = document.createElement("a");
      const what = one.pairs.length ? one.pairs.join(", ") : one.token === "*" ? "everything" : one.token;
      word.textContent = `${one.other ? "Not this pair: " : ""}${one.action.toUpperCase()} ${what}${one.ends ? ` by ${one.ends.slice(0, 16).replace("T", " ")} UTC` : ""}`;
      to.href = `/board/event/${one.id}/`;
      to.textContent = one.title;
      line.append(word, " · ", to);
      return line;
    }) : ["No open event of high priority on its coins."]));
  }
  setInterval(() => { if (source) askEvents(); }, 15000);

  // ---- text

  const time = (ms) => new Date(ms).toISOString().slice(11, 19);
  const price = (value) => (value == null ? "–" : Number(value).toLocaleString("en", { maximumSignificantDigits: 10 }));
  const size = (value) => {
    if (value == null) return "–";
    const units = [[1e9, "G"], [1e6, "M"], [1e3, "k"]].find(([unit]) => Math.abs(value) >= unit);
    return units ? `${(value / units[0]).toPrecision(4)} ${units[1]}` : `${+Number(value).toPrecision(4)}`;
  };
  const percent = (value, digits = 1) => (value == null ? "–" : `${(100 * value).toFixed(digits)} %`);
  function showPill(kind, text) {
    $("state").className = `pill ${kind}`;
    $("state").textContent = text;
  }

  // ---- the chart

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colour = (bid, alpha) => `rgb(${style(bid ? "--bid" : "--ask")} / ${alpha})`;
  // Asked for at each drawing: the reader's light or dark may change while the page is open.
  const soft = () => style("--soft"), line = { stroke: () => style("--line"), width: 1 };
  const axis = (more) => ({ stroke: soft, grid: line, ticks: line, ...more });
  const times = (digits) => axis({ space: 90, values: (_u, splits) => splits.map((seconds) => new Date(seconds * 1e3).toISOString().slice(11, digits)) });
  const priceAxis = () => axis({ size: 84, values: (_u, splits) => splits.map((value) => price(value)) });
  const utc = (seconds) => uPlot.tzDate(new Date(seconds * 1e3), "Etc/UTC");
  let placed = [];

  function radius(o, largest) {
    return Math.max(2.5, 26 * Math.sqrt((o.price * o.size) / largest)) * devicePixelRatio;
  }

  function drawOrders(u) {
    const shown = visible(), largest = Math.max(1e-12, ...shown.map((o) => o.price * o.size));
    const { ctx } = u;
    placed = [];
    ctx.save();
    ctx.beginPath();
    ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    ctx.clip();
    for (const o of shown) {
      const x = u.valToPos(o.exchange_ms / 1e3, "x", true), y = u.valToPos(o.price, "y", true), r = radius(o, largest);
      ctx.beginPath();
      ctx.arc(x, y, r, 0, 2 * Math.PI);
      ctx.fillStyle = colour(o.bid, 0.12 + 0.13 * o.score);
      ctx.fill();
      ctx.strokeStyle = colour(o.bid, 0.5 + 0.08 * o.score);
      ctx.stroke();
      if (o.walls) drawWall(u, o, x, y);
      placed.push({ o, x: x / devicePixelRatio, y: y / devicePixelRatio, r: r / devicePixelRatio });
    }
    ctx.restore();
    $("shown").textContent = shown.length;
  }

  /** A level that is still there: a line from its order to the edge, as thick as what is left of it. */
  function drawWall(u, o, x, y) {
    const { ctx } = u;
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.lineTo(u.bbox.left + u.bbox.width, y);
    ctx.lineWidth = Math.max(1, Math.min(5, 3 * o.walls)) * devicePixelRatio;
    ctx.strokeStyle = colour(o.bid, 0.55);
    ctx.stroke();
    ctx.lineWidth = devicePixelRatio;
  }

  /** How much of each shown order's level is left, by the depth. */
  function markWalls() {
    const left = new Map();
    for (const [bid, side] of [[true, depth?.bids || []], [false, depth?.asks || []]]) for (const [at, size] of side) left.set(`${bid}|${at}`, size);
    for (const o of orders) o.walls = left.has(`${o.bid}|${o.price}`) ? left.get(`${o.bid}|${o.price}`) / o.level_size : 0;
  }

  const visible = () => {
    const from = nowMs() - 1e3 * $("window").value, least = Number($("least").value);
    return orders.filter((o) => o.score >= least && o.exchange_ms >= from);
  };

  function prices() {
    const from = nowMs() - 1e3 * $("window").value;
    const values = visible().map((o) => o.price);
    for (const s of states) if (s.in_sync && s.exchange_ms >= from) values.push(s.best_bid, s.best_ask);
    if (!values.length) return [0, 1];
    let low = Infinity, high = -Infinity;
    for (const value of values) { low = Math.min(low, value); high = Math.max(high, value); }
    const margin = Math.max(0.06 * (high - low), high * 1e-5);
    return [low - margin, high + margin];
  }

  const width = (element) => Math.max(200, element.clientWidth - 12);
  const chart = new uPlot({
    width: width($("chart")), height: 420, tzDate: utc, cursor: { drag: { x: false, y: false }, points: { show: false } },
    legend: { show: false },
    scales: { x: { range: () => [nowMs() / 1e3 - $("window").value, nowMs() / 1e3] }, y: { range: prices } },
    axes: [times(19), priceAxis()],
    series: [{}, ...[true, false].map((bid) => ({ stroke: () => colour(bid, 0.9), width: 1.2, points: { show: false }, paths: uPlot.paths.stepped({ align: 1 }) }))],
    hooks: { draw: [drawOrders], setCursor: [showTip] },
  }, [[], [], []], $("chart"));

  const tip = Object.assign(document.createElement("div"), { id: "tip", hidden: true });
  $("chart").append(tip);
  function showTip(u) {
    const left = u.cursor.left + u.bbox.left / devicePixelRatio, top = u.cursor.top + u.bbox.top / devicePixelRatio;
    const under = placed.filter((p) => Math.hypot(p.x - left, p.y - top) <= p.r + 3).sort((a, b) => a.r - b.r)[0];
    tip.hidden = !under;
    if (!under) return;
    const o = under.o;
    tip.textContent = [
      `${o.bid ? "Bid" : "Ask"} ${price(o.price)} at ${time(o.exchange_ms)}`,
      `added ${size(o.size)}, now ${size(o.level_size)} (${size(o.price * o.size)} in quote)`,
      `score ${o.score}${o.sigmas == null ? "" : `, ${o.sigmas.toFixed(2)} σ`}, ${percent(o.distance, 3)} from the mid`,
    ].join("\n");
    tip.style.left = `${Math.min(left + 16, $("chart").clientWidth - 280)}px`;
    tip.style.top = `${top + 12}px`;
  }

  const minutesChart = new uPlot({
    width: width($("minutes-chart")), height: 160, tzDate: utc, legend: { show: false },
    scales: { bias: { range: [-1, 1] } },
    axes: [times(16), priceAxis(), axis({ scale: "bias", side: 1, grid: { show: false } })],
    series: [{}, { stroke: () => style("--text"), width: 1.2 }, { scale: "bias", stroke: "#f59e0b", width: 1.2 }],
  }, [[], [], []], $("minutes-chart"));

  new ResizeObserver(() => {
    chart.setSize({ width: width($("chart")), height: 420 });
    minutesChart.setSize({ width: width($("minutes-chart")), height: 160 });
  }).observe(document.body);

  // ---- tables

  const cells = (values) => {
    const row = document.createElement("tr");
    row.append(...values.map((value) => {
      const cell = document.createElement("td");
      if (value instanceof Node) cell.append(value); else cell.textContent = value;
      return cell;
    }));
    return row;
  };

  function bar(bias) {
    const outer = document.createElement("span"), part = document.createElement("i");
    outer.className = "bar";
    if (bias != null) {
      part.style.background = colour(bias >= 0, 0.8);
      part.style.left = `${bias >= 0 ? 50 : 50 + 50 * bias}%`;
      part.style.width = `${50 * Math.abs(bias)}%`;
      outer.append(part);
    }
    return outer;
  }

  function showMinute() {
    const m = minutes[minutes.length - 1];
    if (!m) return;
    $("minute-time").textContent = `${time(m.minute_ms)}${m.partial ? ", partial" : ""}`;
    $("minute").tBodies[0].replaceChildren(
      cells(["Mid", price(m.mid), "Micro-price", price(m.micro_price)]),
      cells(["Order flow", size(m.order_flow_imbalance), "Updates", size(m.updates)]),
      cells(["Bought", size(m.buy_volume), "Sold", size(m.sell_volume)]),
      cells(["Bid levels", m.bid_levels, "Ask levels", m.ask_levels]),
    );
    const covered = (value, coverage) => size(value) + (coverage < 0.995 ? ` (${percent(coverage, 0)} known)` : "");
    $("bands").tBodies[0].replaceChildren(...m.bands.map((b) =>
      cells([`±${b.percent} %`, covered(b.bid, b.bid_coverage), covered(b.ask, b.ask_coverage), b.bias == null ? "–" : b.bias.toFixed(2), bar(b.bias)])));
    const one = (row) => (row.bands.find((b) => b.percent === 1) || {}).bias ?? null;
    minutesChart.setData([minutes.map((row) => row.minute_ms / 1e3), minutes.map((row) => row.mid), minutes.map(one)]);
  }

  function showOrders() {
    const largest = visible().sort((a, b) => b.score - a.score || b.exchange_ms - a.exchange_ms).slice(0, 15);
    $("orders").tBodies[0].replaceChildren(...largest.map((o) => {
      const side = Object.assign(document.createElement("span"), { className: o.bid ? "bid" : "ask", textContent: o.bid ? "bid" : "ask" });
      const row = cells([time(o.exchange_ms), side, price(o.price), size(o.size), o.sigmas == null ? "–" : o.sigmas.toFixed(1), o.score]);
      row.dataset.price = o.price;
      return row;
    }));
  }

  function showDepth() {
    $("depth-time").textContent = depth ? time(depth.exchange_ms) : "not known";
    const rows = [], most = Math.max(1e-12, ...(depth ? [...depth.bids, ...depth.asks].map(([, s]) => s) : [0]));
    const side = (list, bid) => {
      let sum = 0;
      const made = list.slice(0, 12).map(([at, amount]) => {
        sum += amount;
        const row = cells([price(at), size(amount), size(sum), size(amount * at), level(amount / most, bid)]);
        row.className = bid ? "bid" : "ask";
        return row;
      });
      return bid ? made : made.reverse();
    };
    if (depth) rows.push(...side(depth.asks, false), ...side(depth.bids, true));
    $("depth").tBodies[0].replaceChildren(...rows);
    $("trades").tBodies[0].replaceChildren(...trades.map((t) => {
      const buys = t.buy_volume >= t.sell_volume;
      const row = cells([time(t.exchange_ms), buys ? "buy" : "sell", price(t.price), size(t.buy_volume), size(t.sell_volume)]);
      row.className = buys ? "bid" : "ask";
      return row;
    }));
  }

  function level(share, bid) {
    const outer = document.createElement("span"), part = document.createElement("i");
    outer.className = "bar";
    part.style.background = colour(bid, 0.8);
    part.style.left = "0";
    part.style.width = `${100 * share}%`;
    outer.append(part);
    return outer;
  }

  function showQuote() {
    const last = states[states.length - 1];
    if (!last || !last.in_sync) {
      for (const id of ["bid", "ask", "spread"]) $(id).textContent = "–";
      return;
    }
    $("bid").textContent = price(last.best_bid);
    $("ask").textContent = price(last.best_ask);
    $("bid-size").textContent = size(last.best_bid_size);
    $("ask-size").textContent = size(last.best_ask_size);
    $("spread").textContent = percent((2 * (last.best_ask - last.best_bid)) / (last.best_ask + last.best_bid), 4);
  }

  function showState() {
    if (!source) return;
    if (paused) return showPill("", "paused");
    if (!receivedAt || performance.now() - receivedAt > SILENT_MS) return showPill("bad", "no connection");
    if (inSync === false) return showPill("bad", `out of sync${reason ? `: ${reason}` : ""}`);
    if (inSync === null) return showPill(collected ? "" : "bad", collected ? "waiting for the book" : "this exchange is not collected: runschedulers --streams");
    showPill("good", "live");
  }

  let drawn = 0;
  function frame(at) {
    requestAnimationFrame(frame);
    if (at - drawn < FRAME_MS) return;
    drawn = at;
    showState();
    if (paused) return;
    if (dirty) { markWalls(); showDepth(); showQuote(); showOrders(); showMinute(); $("dropped").textContent = dropped ? `${dropped} dropped: too slow` : ""; }
    if (dirty || clock.exchange) {
      // Out of sync the price is unknown: a gap in the line, not a flat one.
      chart.setData([states.map((s) => s.exchange_ms / 1e3), states.map((s) => (s.in_sync ? s.best_bid : null)), states.map((s) => (s.in_sync ? s.best_ask : null))]);
    }
    dirty = false;
  }

  connect();
  requestAnimationFrame(frame);
})();
