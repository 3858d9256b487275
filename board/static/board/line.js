// The stream of the board, and whether it is there. A connection whose other end is gone without a word (a laptop that
// slept, a router that forgot it) stays open for hours: who is not heard is called anew.
const SILENT_MS = 7000;
// Its head comes at once: a browser takes connections again that it had before, and these may be dead too.
const NO_ANSWER_MS = 3000;
const AGAIN_MS = 3000;

export class Line {
  /** take: what a message is given to. changed: called when it is connected, or no longer. */
  constructor(url, take, changed) {
    Object.assign(this, { url, take, changed, connected: false, why: "", login: false, stream: null, heard: 0, opened: 0, patience: SILENT_MS });
  }

  open() {
    if (this.stream) this.stream.close();
    const stream = (this.stream = new EventSource(this.url));
    this.opened = Date.now();
    // Spread out: a server that was away has everybody call it.
    const spread = 3000 * Math.random();
    this.patience = NO_ANSWER_MS + spread;
    stream.onopen = () => { if (stream === this.stream) this.patience = SILENT_MS + spread; };
    stream.onmessage = (event) => {
      if (stream !== this.stream) return;
      this.heard = Date.now();
      if (!this.connected) { Object.assign(this, { connected: true, why: "", login: false }); this.changed(); }
      this.take(JSON.parse(event.data));
    };
    stream.onerror = () => {
      if (stream !== this.stream) return;
      this.lost();
      if (stream.readyState === EventSource.CLOSED) { this.ask(); setTimeout(() => { if (stream === this.stream) this.open(); }, AGAIN_MS); }
    };
  }

  lost() {
    if (this.connected) { this.connected = false; this.changed(); }
  }

  /** Once a second. By the clock of the day: the other one stands still while the machine sleeps. */
  look() {
    const at = Date.now();
    if (Math.abs(at - this.heard) > SILENT_MS) this.lost();
    if (!this.connected && Math.abs(at - Math.max(this.heard, this.opened)) > this.patience && this.stream.readyState !== EventSource.CLOSED) this.open();
  }

  /** Why there is no stream; an EventSource does not say. */
  async ask() {
    const stop = new AbortController();
    const answer = await fetch(this.url, { signal: stop.signal, headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer) this.why = "the server does not answer";
    else if (answer.status === 401) Object.assign(this, { why: "your login has ended", login: true });
    else if (!answer.ok) this.why = (await answer.json().catch(() => ({}))).detail || `the server answered ${answer.status}`;
    stop.abort();
    this.changed();
  }
}
