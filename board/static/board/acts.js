// Acts: acknowledge, give back, silence. Each says what became of it.
import { $, el, say } from "./dom.js";
import { asRead } from "./seen.js";
import { time } from "./times.js";

const ANSWER_MS = 15000;
const UNCLEAR = "no answer came. Whether it is done is not known until the board shows it";

/** The token that holds now: a login in another tab makes a new one. */
function csrf() {
  return (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1] || document.body.dataset.csrf;
}

async function post(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf() },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch(() => { throw new Error(UNCLEAR); });
  let given = {};
  try { given = await answer.json(); } catch { given = {}; }
  if (!answer.ok) {
    const refused = answer.status === 403 ? "the server takes this page for a strange one: reload it" : `the server answered ${answer.status}`;
    throw new Error(given.error || refused);
  }
  return given;
}

/** Says what became of it; answers whether everything was done. */
export async function act(kind, rows) {
  if (!rows.length) { say("Nothing is selected: j and k move, x selects."); return false; }
  const url = kind === "acknowledge" ? "/board/acknowledge" : "/board/unacknowledge";
  const { events, fresh } = asRead(rows);
  try {
    const done = Object.keys(events).length ? await post(url, { events, note: "" }) : { done: [], left: {} };
    report(done, kind === "acknowledge" ? "acknowledged" : "no longer acknowledged", fresh);
    return !fresh.length && !Object.keys(done.left || {}).length;
  } catch (error) {
    say(`Not done: ${error.message}.`);
    return false;
  }
}

function report(answer, word, fresh = []) {
  const left = Object.entries(answer.left || {}).map(([id, why]) => `#${id} ${why}`);
  left.push(...fresh.map((id) => `#${id} came this moment, look at it first`));
  const count = answer.done.length;
  say([count ? `${count === 1 ? `Event ${answer.done[0]}` : `${count} events`} ${word}.` : "", left.length ? `Left out: ${left.slice(0, 5).join("; ")}${left.length > 5 ? ` and ${left.length - 5} more` : ""}.` : ""].filter(Boolean).join(" "));
}

/** done: called once it is done; closed: whenever the question is left. */
export function silenceDialog(rows, done, closed) {
  if (!rows.length) return say("Nothing is selected: j and k move, x selects.");
  const { events, fresh } = asRead(rows);
  if (!Object.keys(events).length) return report({ done: [] }, "silenced", fresh);
  const dialog = $("#silence");
  const form = $("form", dialog), hours = $("[name=hours]", form), reason = $("[name=reason]", form), preview = $("#hides");
  $("#silence-what").textContent = rows.length === 1 ? `Alerts like those of ${rows[0].word} ${rows[0].what}` : `Alerts like those of ${rows.length} events`;
  let asked = 0, busy = false;
  async function look() {
    const mine = (asked += 1);
    preview.replaceChildren(el("p", {}, "Looking what this would hide …"));
    try {
      const found = await post("/board/silence", { events, hours: Number(hours.value), reason: reason.value, sure: false });
      if (mine !== asked) return;
      preview.replaceChildren(
        el("p", {}, "Until ", time(found.until), `. Alerts that get worse are still sent. ${found.waiting ? `${found.waiting} waiting alerts would be hidden.` : "No waiting alert would be hidden."}`),
        el("p", {}, found.hides.length ? `Updates of ${found.hides.length} open event${found.hides.length === 1 ? "" : "s"} would be hidden:` : "No open event would be hidden."),
        el("ul", {}, found.hides.slice(0, 12).map((one) => el("li", {}, `#${one.id} ${one.title}`)), found.hides.length > 12 ? el("li", {}, `and ${found.hides.length - 12} more`) : null),
      );
    } catch (error) {
      if (mine === asked) preview.replaceChildren(el("p", { class: "fault" }, `${error.message}.`));
    }
  }
  hours.onchange = look;
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    try {
      const answer = await post("/board/silence", { events, hours: Number(hours.value), reason: reason.value, sure: true });
      dialog.close();
      report(answer, "silenced", fresh);
      done();
    } catch (error) {
      asked += 1;
      preview.replaceChildren(el("p", { class: "fault" }, `${error.message}.`));
    } finally {
      busy = false;
    }
  };
  dialog.onclose = closed;
  dialog.showModal();
  reason.focus();
  look();
}
