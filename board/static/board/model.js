// What the board knows, and what follows from it. No DOM.
export const RANKS = { halt: "HALT", exit: "EXIT", reduce_only: "REDUCE ONLY", avoid_new: "OPEN NOTHING NEW", watch: "WATCH" };

export function makeModel() {
  return { rows: new Map(), sources: [], escalations: {}, past: {}, reviews: { count: 0, urgent: 0, oldest: null, listed: [] }, beat: null, held: null, cut: false, known: false };
}

/** Takes over a message of the stream; returns what of the page has to be painted again. */
export function apply(model, message) {
  switch (message.kind) {
    case "full":
      model.rows = new Map(message.rows.map((row) => [row.id, row]));
      Object.assign(model, { sources: message.sources, escalations: message.escalations, past: message.past, reviews: message.reviews, cut: message.cut, known: true });
      return { rows: "all", sources: true, reviews: true };
    case "rows":
      for (const id of message.gone) model.rows.delete(id);
      for (const row of message.changed) model.rows.set(row.id, row);
      return { rows: [...message.gone, ...message.changed.map((row) => row.id)] };
    case "extras": {
      const touched = new Set();
      for (const id of new Set([...Object.keys(model.escalations), ...Object.keys(message.escalations)]))
        if (model.escalations[id] !== message.escalations[id]) touched.add(Number(id));
      const coins = new Set([...Object.keys(model.past), ...Object.keys(message.past)].filter(
        (coin) => (model.past[coin] || {}).id !== (message.past[coin] || {}).id));
      for (const row of model.rows.values()) if (row.tokens.some((token) => coins.has(token))) touched.add(row.id);
      model.escalations = message.escalations;
      model.past = message.past;
      return { rows: [...touched] };
    }
    case "reviews":
      model.reviews = message.reviews;
      return { reviews: true };
    case "sources":
      model.sources = message.sources;
      return { sources: true };
    case "beat":
      model.beat = message;
      return { trust: true };
    default:
      return {};
  }
}

export function filtered(model, filters, names) {
  const found = [];
  for (const row of model.rows.values()) if (takes(model, row, filters, names)) found.push(row);
  return found;
}

function takes(model, row, f, names) {
  if (f.action && (row.action || "") !== f.action) return false;
  if (f.category && row.category !== f.category) return false;
  if (f.venue && !row.cells.some((cell) => cell.venue === "" || cell.venue === f.venue || cell.venue.startsWith(f.venue + "_"))) return false;
  if (f.ack === "no" && row.ack) return false;
  if (f.ack === "yes" && !row.ack) return false;
  if (f.mine && !(model.held ? model.held[row.id] : row.watched)) return false;
  return !f.q || matches(row, f.q, names);
}

function matches(row, typed, names) {
  const asked = typed.trim().toLowerCase();
  if ([...row.tokens, ...row.others].some((token) => names.has(token))) return true;
  const text = `${row.what} ${row.tokens.join(" ")} ${row.others.join(" ")} ${row.pairs.join(" ")} ${row.title} ${row.kind} ${row.where} #${row.id}`.toLowerCase();
  return asked.split(/\s+/).every((word) => text.includes(word));
}

/** Groups by token, the worst first, then by what ends next. Rows within a group likewise. */
export function groups(rows, now) {
  const found = new Map();
  for (const row of rows) {
    for (const token of row.tokens.length ? row.tokens : [`#${row.id}`]) {
      let group = found.get(token);
      if (!group) found.set(token, (group = { token, rows: [] }));
      group.rows.push(row);
    }
  }
  const list = merged([...found.values()]);
  for (const group of list) {
    group.rows.sort((a, b) => order(a, b, now, group.token));
    const first = group.rows[0];
    group.rank = rankFor(first, group.token);
    group.deadline = first.deadline;
    group.since = first.opened_at;
  }
  return list.sort((a, b) => b.rank - a.rank || ends(a.deadline, now) - ends(b.deadline, now) || Date.parse(b.since) - Date.parse(a.since) || (a.token < b.token ? -1 : 1));
}

/** Coins of one event that nothing else is about, and of which it demands the same, are one group: a notice of three
 * hundred coins is one thing to do and not three hundred. */
function merged(list) {
  const alone = new Map(), kept = [];
  for (const group of list) {
    const key = group.rows.length === 1 ? `${group.rows[0].id} ${rankFor(group.rows[0], group.token)}` : "";
    const first = key && alone.get(key);
    if (first) { first.tokens.push(group.token); continue; }
    group.tokens = [group.token];
    if (key) alone.set(key, group);
    kept.push(group);
  }
  return kept;
}

const SEVERITY = { none: -1, watch: 0, avoid_new: 1, reduce_only: 2, exit: 3, halt: 4 };

/** What an event demands of one of its coins. */
export function rankFor(row, token) {
  const of = row.cells.filter((cell) => cell.token === token).map((cell) => SEVERITY[cell.action] ?? -1);
  return of.length ? Math.max(...of) : row.rank;
}

/** What an event is about within the group of a coin: its single pairs, where only these are meant. */
export function whatFor(row, token) {
  const cells = row.cells.filter((cell) => cell.token === token);
  const pairs = [...new Set(cells.flatMap((cell) => cell.pairs))];
  if (!cells.length || cells.some((cell) => !cell.pairs.length) || row.tokens.length < 2) return row.what;
  return pairs.length > 3 ? `${pairs.slice(0, 3).join(", ")} + ${pairs.length - 3}` : pairs.join(", ");
}

/** What the first event of a group is about there. */
export function whatOf(group) {
  const [row] = group.rows;
  if (group.tokens.length < 2) return whatFor(row, group.token);
  const cells = row.cells.filter((cell) => group.tokens.includes(cell.token));
  const pairs = [...new Set(cells.flatMap((cell) => cell.pairs))];
  const single = cells.length > 0 && cells.every((cell) => cell.pairs.length);
  if (!single && group.tokens.length === row.tokens.length) return row.what;
  const names = single ? pairs : group.tokens;
  return names.length > 4 ? `${names.slice(0, 4).join(", ")} + ${names.length - 4}` : names.join(", ");
}

export function actionFor(row, token) {
  const cells = row.cells.filter((cell) => cell.token === token);
  return cells.length ? cells.reduce((a, b) => ((SEVERITY[b.action] ?? -1) > (SEVERITY[a.action] ?? -1) ? b : a)).action : row.action;
}

function ends(deadline, now) {
  if (!deadline) return Infinity;
  const at = Date.parse(deadline);
  // What has ended already comes after what can still be done.
  return at < now ? 8e15 : at;
}

function order(a, b, now, token) {
  return rankFor(b, token) - rankFor(a, token) || ends(a.deadline, now) - ends(b.deadline, now) || Date.parse(b.opened_at) - Date.parse(a.opened_at) || a.id - b.id;
}

/** The next dates of all rows, soonest first. */
export function nextDates(rows, now, most) {
  const found = [];
  for (const row of rows) {
    const seen = new Set();
    for (const date of row.dates) {
      const at = Date.parse(date.at);
      if (at > now && !seen.has(at)) { seen.add(at); found.push({ at: date.at, what: date.what, row }); }
    }
    if (row.deadline && Date.parse(row.deadline) > now && !seen.has(Date.parse(row.deadline)))
      found.push({ at: row.deadline, what: row.deadline_is === "by" ? "trading ends" : row.deadline_is, row });
  }
  return found.sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).slice(0, most);
}

/** Coins × venues with the strictest action of each cell. */
export function matrix(list, most) {
  const venues = new Map();
  const coins = list.flatMap((group) => group.tokens.map((token) => ({ ...group, token })));
  const rows = coins.slice(0, most).map((group) => {
    const cells = new Map();
    for (const row of group.rows) {
      for (const cell of row.cells) {
        if (cell.token !== group.token) continue;
        if (!venues.has(cell.venue)) venues.set(cell.venue, cell.place);
        const before = cells.get(cell.venue);
        if (!before || SEVERITY[cell.action] > SEVERITY[before.action]) cells.set(cell.venue, cell);
      }
    }
    return { token: group.token, cells };
  });
  return { venues: [...venues].sort((a, b) => (a[0] < b[0] ? -1 : 1)), rows };
}
