// Keyboard shortcuts of the canvas, and the clipboard. Nothing fires while somebody types in a field.
import { createActions } from "./actions.js";
import { keepFocus } from "./focus.js";

const TYPING = "input, textarea, select, [contenteditable=true], .cm-editor";
const OVERLAY = "dialog[open], [role=dialog], [role=alertdialog], [role=menu][data-state=open]";

export const SHORTCUTS = [
  ["Mod+Z", "undo"],
  ["Mod+Shift+Z", "redo"],
  ["Mod+Y", "redo"],
  ["Mod+A", "all"],
  ["Mod+D", "duplicate"],
  ["Mod+F", "find"],
  ["Mod+Shift+L", "tidy"],
  ["Mod+S", "save"],
  ["Mod+Enter", "run"],
  ["Delete", "remove"],
  ["Backspace", "remove"],
  ["F2", "rename"],
  ["A", "quick"],
  ["Escape", "escape"],
  ["?", "sheet"],
  ["Shift+?", "sheet"],
  ["1", "fit"],
  ["0", "zoom-100"],
  ["+", "zoom-in"],
  ["=", "zoom-in"],
  ["-", "zoom-out"],
  ["F", "findings"],
  ["C", "connect"],
  ["G", "wrap"],
  ["R", "replace"],
  ["P", "palette"],
];

function nameOf(event) {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  return [event.ctrlKey || event.metaKey ? "Mod" : "", event.shiftKey && !(event.key.length === 1 && !/[a-z]/i.test(event.key)) ? "Shift" : "", key].filter(Boolean).join("+");
}

export function bindKeys({ editor, commands, reshape, view }) {
  const actions = createActions({ editor, commands, reshape, view });
  const table = new Map(SHORTCUTS);
  editor.hooks.actions = actions;
  const letFocusGo = keepFocus(editor);
  const standStill = editor.subscribe("selection", () => (editor.hooks.walked = false));

  const isElsewhere = (target) => target.closest?.(TYPING) || document.querySelector(OVERLAY);
  const inFlow = (target) => target === document.body || target.closest?.(".af-flow");

  function down(event) {
    // Suggestions of a text field close first; the field keeps what is typed next.
    if (event.key === "Escape" && document.querySelector(".cm-tooltip-autocomplete, .af-suggestions")) return;
    // What a menu closes with must not also take the selection away.
    if (event.key === "Escape" && !document.querySelector(OVERLAY) && actions.escape(event)) return event.stopPropagation();
    if (event.key === "Tab") editor.hooks.walked = true;
    if (event.altKey || event.isComposing) return;
    // What is being typed is kept first, so that it may be tried out from the field it stands in.
    if (isElsewhere(event.target) && !(nameOf(event) === "Mod+Enter" && !document.querySelector(OVERLAY))) return;
    if (event.key.startsWith("Arrow")) return arrow(event);
    const act = table.get(nameOf(event));
    if (!act || act === "escape") return;
    event.preventDefault();
    event.stopPropagation();
    actions[act]();
  }

  function arrow(event) {
    if (!inFlow(event.target)) return;
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    event.preventDefault();
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey) {
      const next = commands.neighbour(dx, dy);
      if (next) {
        view.select([next]);
        view.reveal([next]);
      }
    } else if (editor.state.selection.nodes.length) {
      const step = event.shiftKey ? 100 : 20;
      commands.nudge(dx * step, dy * step);
    }
  }

  const mayClip = (event) => !isElsewhere(event.target) && !String(window.getSelection() ?? "").trim();
  function copy(event) {
    if (!mayClip(event)) return;
    const text = commands.copied();
    if (!text) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", text);
    actions.keep(text);
    if (event.type === "cut") commands.remove();
  }
  function paste(event) {
    if (isElsewhere(event.target)) return;
    if (actions.pasteText(event.clipboardData.getData("text/plain"))) event.preventDefault();
  }

  document.addEventListener("keydown", down, true);
  document.addEventListener("copy", copy);
  document.addEventListener("cut", copy);
  document.addEventListener("paste", paste);
  return () => {
    letFocusGo();
    standStill();
    document.removeEventListener("keydown", down, true);
    document.removeEventListener("copy", copy);
    document.removeEventListener("cut", copy);
    document.removeEventListener("paste", paste);
    delete window.afPageActions;
  };
}
