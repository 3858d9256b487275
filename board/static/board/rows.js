// Rows and groups as elements, patched in place: whoever reads or types loses neither place nor focus.
import { el, link } from "./dom.js";
import { time } from "./times.js";
import { RANKS, actionFor, whatFor, whatOf } from "./model.js";

const ROWS_AT_ONCE = 50;

export function wordOf(action, row) {
  return action ? RANKS[action] || action : row.word;
}

/** One event. token: of the group that it stands in. */
export function rowElement(row, model, picked, token, may, what = whatFor(row, token)) {
  const action = token ? actionFor(row, token) : row.action;
  return el("article", { class: `row a-${action || (row.urgent ? "blind" : "none")}${row.ack ? " acked" : ""}`, tabindex: "-1", "data-id": row.id, "data-token": token || "", "aria-label": `${wordOf(action, row)} ${what}, event ${row.id}` },
    el("div", { class: "line" },
      may.some ? el("input", { type: "checkbox", class: "pick", "aria-label": `Select event ${row.id}`, checked: picked.has(row.id) }) : null,
      el("span", { class: "word" }, wordOf(action, row)),
      el("b", { class: "what" }, what),
      row.where ? el("span", { class: "where" }, row.where) : null,
      row.deadline ? el("span", { class: "until" }, `${row.deadline_is} `, time(row.deadline)) : null,
    ),
    el("p", { class: "why" }, row.why || row.title),
    el("p", { class: "meta" },
      el("span", {}, `${row.kind} · ${row.from} · since `, time(row.opened_at)),
      who(row, model),
      row.silenced ? el("span", { class: "who" }, `Silenced by ${row.silenced.by} until `, time(row.silenced.until)) : null,
      model.held && model.held[row.id] ? el("span", { class: "held" }, model.held[row.id]) : null,
      row.others.length ? el("span", { title: row.others.slice(0, 60).join(", ") }, `${row.others.length} other coin${row.others.length === 1 ? "" : "s"}`) : null,
      past(row, model),
    ),
    el("div", { class: "acts" },
      may.acknowledge ? (row.ack ? el("button", { type: "button", "data-act": "unacknowledge" }, "Unacknowledge") : el("button", { type: "button", "data-act": "acknowledge" }, "Acknowledge")) : null,
      may.silence ? el("button", { type: "button", "data-act": "silence" }, "Silence") : null,
      link(row.page, `Event #${row.id}`),
      link(row.url, "Source", { target: "_blank", rel: "noopener noreferrer" }),
      link(row.runbook, "Runbook"),
    ),
  );
}

function who(row, model) {
  if (row.ack) return el("span", { class: "who" }, `✓ ${row.ack.by} has it since `, time(row.ack.at), row.ack.note ? `: ${row.ack.note}` : "");
  const at = model.escalations[row.id];
  return el("span", { class: "who nobody" }, "Nobody has it", at ? [" · escalates ", time(at, "far")] : "");
}

function past(row, model) {
  for (const token of row.tokens) {
    const last = model.past[token];
    if (last && last.id !== row.id)
      return el("span", { class: "past" }, `${token} last time: `, link(last.page, `${last.kind}, ${RANKS[last.action] || last.action}`), " ", time(last.at, "at"), last.lasted ? `, lasted ${last.lasted}` : "");
  }
  return null;
}

/** Whether only single pairs of a coin are meant: EXIT of ETH/USDC is none of ETH. */
function onPairs(row, token) {
  const cells = row.cells.filter((cell) => cell.token === token);
  return cells.length > 0 && cells.every((cell) => cell.pairs.length > 0);
}

function groupHead(group, open) {
  const first = group.rows[0];
  const action = actionFor(first, group.token);
  const held = group.rows.filter((row) => row.ack).length;
  return el("button", { type: "button", class: "head", "aria-expanded": open ? "true" : "false" },
    el("span", { class: "word" }, wordOf(action, first)),
    el("b", { class: "what" }, group.token === "*" ? "Everything on a venue" : group.token),
    onPairs(first, group.token) ? el("span", { class: "where" }, whatFor(first, group.token)) : null,
    el("span", { class: "count" }, `${group.rows.length} events`),
    first.deadline ? el("span", { class: "until" }, `${first.deadline_is} `, time(first.deadline)) : null,
    el("span", { class: "meta" }, held === group.rows.length ? "all acknowledged" : `${group.rows.length - held} not acknowledged`),
  );
}

/** Keeps the list of groups as elements, and touches only what changed. */
export class GroupList {
  constructor(place, may) {
    this.place = place;
    this.may = may;
    this.items = new Map(); // token → { node, stamp, open }
    this.open = new Set();
    this.more = new Set();
  }

  paint(list, model, picked, touched) {
    const keep = new Set();
    let before = null;
    const focused = document.activeElement && this.place.contains(document.activeElement) ? where(document.activeElement) : null;
    // The row that has the focus stays a row when others join it: a key that was meant for it must not mean them all.
    const joined = focused && focused.id && list.find((group) => group.token === focused.token && group.rows.length > 1 && group.rows.some((row) => String(row.id) === focused.id));
    if (joined) this.open.add(joined.token);
    for (const group of list) {
      keep.add(group.token);
      const stamp = `${group.tokens.join()}|${group.rows.map((row) => `${row.id}.${row.revision}.${row.ack ? 1 : 0}`).join()}|${this.open.has(group.token)}|${this.more.has(group.token)}`;
      let item = this.items.get(group.token);
      const changed = !item || item.stamp !== stamp || touched === "all" || group.rows.some((row) => touched.has(row.id));
      if (changed) {
        const node = this.make(group, model, picked);
        if (item) item.node.replaceWith(node);
        this.items.set(group.token, (item = { node, stamp }));
      }
      const after = before ? before.nextSibling : this.place.firstChild;
      if (after !== item.node) this.place.insertBefore(item.node, after);
      before = item.node;
    }
    for (const [token, item] of this.items) if (!keep.has(token)) { item.node.remove(); this.items.delete(token); }
    if (focused) this.focusAgain(focused);
  }

  make(group, model, picked) {
    const node = el("li", { class: `group a-${actionFor(group.rows[0], group.token) || "none"}`, "data-token": group.token });
    if (group.rows.length === 1) {
      node.append(rowElement(group.rows[0], model, picked, group.token, this.may, whatOf(group)));
      return node;
    }
    const open = this.open.has(group.token);
    node.append(groupHead(group, open));
    if (open) {
      const most = this.more.has(group.token) ? Infinity : ROWS_AT_ONCE;
      for (const row of group.rows.slice(0, most)) node.append(rowElement(row, model, picked, group.token, this.may));
      if (group.rows.length > most) node.append(el("button", { type: "button", class: "more" }, `${group.rows.length - most} more events of ${group.token}`));
    }
    return node;
  }

  toggle(token) {
    if (this.open.has(token)) this.open.delete(token); else this.open.add(token);
  }

  focusAgain({ token, id, part }) {
    // The row may stand in the group of another of its coins now.
    const inside = this.items.get(token)?.node || (id && this.place);
    const found = inside && ((id && inside.querySelector(`[data-id="${id}"]`)) || (inside !== this.place && inside.querySelector(".head, .row")));
    if (!found) return;
    const target = (part && found.querySelector(part)) || found;
    if (document.activeElement !== target) target.focus({ preventScroll: true });
  }
}

function where(node) {
  const row = node.closest(".row");
  const act = node.dataset && node.dataset.act;
  return { token: node.closest(".group")?.dataset.token, id: row ? row.dataset.id : null, part: act ? `[data-act="${act}"]` : node.classList.contains("pick") ? ".pick" : null };
}
