// Acts: acknowledge, give back, silence. Each says what became of it.
import { $, el, say } from "./dom.js";
import { time } from "./times.js";

async function post(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": document.body.dataset.csrf },
    body: JSON.stringify(body),
  });
  let given = {};
  try { given = await answer.json(); } catch { given = { error: `the server answered ${answer.status}` }; }
  if (!answer.ok) throw new Error(given.error || `the server answered ${answer.status}`);
  return given;
}

const eventsOf = (rows) => Object.fromEntries(rows.map((row) => [row.id, row.revision]));

export async function act(kind, rows) {
  if (!rows.length) return say("Nothing is selected: j and k move, x selects.");
  const url = kind === "acknowledge" ? "/board/acknowledge" : "/board/unacknowledge";
  try {
    const done = await post(url, { events: eventsOf(rows), note: "" });
    report(done, kind === "acknowledge" ? "acknowledged" : "no longer acknowledged");
  } catch (error) {
    say(`Not done: ${error.message}.`);
  }
}

function report(answer, word) {
  const left = Object.entries(answer.left || {}).map(([id, why]) => `#${id} ${why}`);
  const count = answer.done.length;
  say([count ? `${count === 1 ? `Event ${answer.done[0]}` : `${count} events`} ${word}.` : "", left.length ? `Left out: ${left.slice(0, 5).join("; ")}${left.length > 5 ? ` and ${left.length - 5} more` : ""}.` : ""].filter(Boolean).join(" "));
}

export function silenceDialog(rows, onClose) {
  if (!rows.length) return say("Nothing is selected: j and k move, x selects.");
  const dialog = $("#silence");
  const form = $("form", dialog), hours = $("[name=hours]", form), reason = $("[name=reason]", form), preview = $("#hides");
  $("#silence-what").textContent = rows.length === 1 ? `Alerts like those of ${rows[0].word} ${rows[0].what}` : `Alerts like those of ${rows.length} events`;
  let asked = 0;
  async function look() {
    const mine = (asked += 1);
    preview.replaceChildren(el("p", {}, "Looking what this would hide …"));
    try {
      const found = await post("/board/silence", { events: eventsOf(rows), hours: Number(hours.value), reason: reason.value, sure: false });
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
    try {
      const done = await post("/board/silence", { events: eventsOf(rows), hours: Number(hours.value), reason: reason.value, sure: true });
      dialog.close();
      report(done, "silenced");
    } catch (error) {
      preview.replaceChildren(el("p", { class: "fault" }, `${error.message}.`));
    }
  };
  dialog.onclose = onClose;
  dialog.showModal();
  reason.focus();
  look();
}
