// What a person can have read: whoever presses a key acts on what was on the screen a moment before, not on what came
// while the finger was on its way.
const READ_MS = 600;
const seen = new Map(); // event → { revision, since, before }

/** These rows are on the screen now. first: with the page itself, so nobody can have pressed a key before. */
export function noteShown(rows, first) {
  const at = performance.now();
  for (const row of rows) {
    const known = seen.get(row.id);
    if (known && known.revision === row.revision) continue;
    const before = known ? (at - known.since >= READ_MS ? known.revision : known.before) : null;
    seen.set(row.id, { revision: row.revision, since: first ? -READ_MS : at, before });
  }
}

export function forget(id) { seen.delete(id); }

/** { events: event → the revision that can have been read, fresh: the events that nobody can have read yet }. */
export function asRead(rows) {
  const at = performance.now(), events = {}, fresh = [];
  for (const row of rows) {
    const known = seen.get(row.id);
    const revision = !known || at - known.since >= READ_MS ? row.revision : known.before;
    if (revision === null) fresh.push(row.id);
    else events[row.id] = revision;
  }
  return { events, fresh };
}
