// Keys: / search, j k move, a acknowledge, s silence, x select, Enter open, Escape leave, ? help.
export function listen(board) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.matches("input:not([type=checkbox]), select, textarea");
    if (event.key === "Escape") {
      if (typing) { event.target.blur(); board.current(); }
      else board.clear();
      return;
    }
    if (typing || document.querySelector("dialog[open]")) return;
    const found = { "/": board.search, j: () => board.move(1), k: () => board.move(-1), a: board.acknowledge, s: board.silence, x: board.pick, "?": board.help, o: board.open }[event.key];
    if (!found) return;
    event.preventDefault();
    // A key that is held down moves on; it does not act again and again.
    if (event.repeat && !"jk".includes(event.key)) return;
    found();
  });
}
