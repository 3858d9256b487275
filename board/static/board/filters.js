// The filters. The address is the state: a link shows what its sender saw.
const NAMES = ["action", "category", "venue", "ack", "mine", "q"];

export function read() {
  const given = new URLSearchParams(location.search);
  return Object.fromEntries(NAMES.map((name) => [name, given.get(name) || ""]));
}

export function write(filters) {
  const given = new URLSearchParams();
  for (const name of NAMES) if (filters[name]) given.set(name, filters[name]);
  const text = given.toString();
  history.replaceState(null, "", text ? `?${text}` : location.pathname);
}

/** The parts that say "showing 3 of 41: action exit · not acknowledged". */
export function inWords(filters, labels) {
  const parts = [];
  if (filters.action) parts.push(labels.action[filters.action] || filters.action);
  if (filters.category) parts.push(labels.category[filters.category] || filters.category);
  if (filters.venue) parts.push(labels.venue[filters.venue] || filters.venue);
  if (filters.ack) parts.push(filters.ack === "no" ? "not acknowledged" : "acknowledged");
  if (filters.mine) parts.push("mine");
  if (filters.q) parts.push(`“${filters.q}”`);
  return parts.join(" · ");
}

let asked = "";
/** The coins that a typed name may mean: XBT is BTC. */
export async function namesOf(typed) {
  asked = typed;
  if (!typed.trim()) return new Set();
  const answer = await fetch(`/board/names?q=${encodeURIComponent(typed)}`, { headers: { Accept: "application/json" } });
  if (!answer.ok || asked !== typed) return null;
  return new Set((await answer.json()).tokens);
}
