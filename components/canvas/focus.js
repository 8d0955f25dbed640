// What opens above the canvas takes the focus; when it closes, the focus goes back to where it was.
const OPENED = ["quick", "find", "menu", "panel"];
const OWN = ".af-popup, .af-panel";

export function keepFocus(editor, page = document) {
  const before = new Map();
  const stops = OPENED.map((key) => editor.subscribe(key, () => {
    if (editor.state[key]) {
      const held = page.activeElement;
      if (!before.has(key) && !held?.closest?.(OWN)) before.set(key, held);
      return;
    }
    const held = before.get(key);
    before.delete(key);
    const now = page.activeElement;
    const isLost = !now || now === page.body || now.closest?.(OWN);
    if (isLost && held && held !== page.body && held.isConnected) held.focus({ preventScroll: true });
  }));
  return () => stops.forEach((stop) => stop());
}
