// The entries of the context menus; `act` names a command of actions.js. Python draws them.
import { kindOf } from "./kinds.js";
import { overlay } from "./facts.js";

const LINE = { key: "line", isLine: true, label: "", icon: "", hint: "", act: "", danger: false };
const mac = () => /Mac|iPhone|iPad/.test(navigator.platform);
export const keyWords = (keys) => keys.replaceAll("Mod", mac() ? "⌘" : "Ctrl").replaceAll("+", mac() ? "" : " ");

const entry = (act, label, icon, hint = "", danger = false) => ({ key: act, act, label, icon, hint: hint && keyWords(hint), danger, isLine: false });

// What the page adds for one step (NodeAction of flow.py), as far as the person may and the step's facts in the overlay say so.
export function pageEntries(state, id, may) {
  const node = state.graph.nodes.get(id);
  if (!node || kindOf(node)?.isDrawing) return [];
  const fact = overlay.get(id) ?? {};
  const fits = (one) => may[one.needs] && (!one.when || fact[one.when]) && !(one.unless && fact[one.unless]);
  return state.nodeActions.filter(fits).map((one) => ({ ...entry("nodeAction", one.label, one.icon, one.hint), key: one.key }));
}

export function menuItems({ kind, target, state }) {
  const { canEdit, canRun } = state.doc;
  const many = state.selection.nodes.length > 1;
  if (kind === "edge") return canEdit ? [entry("insert", "Insert a step", "plus"), entry("remove", "Remove connection", "trash_2", "Del", true)] : [];
  if (kind === "pane") {
    const look = [entry("fit", "Show everything", "maximize", "1"), entry("find", "Find a step", "search", "Mod+F"), entry("all", "Select all", "box_select", "Mod+A")];
    if (!canEdit) return look;
    return [entry("quick", "Add a step", "plus", "A"), entry("note", "Add a note", "sticky_note"), entry("paste", "Paste", "clipboard", "Mod+V"), LINE, entry("tidy", "Tidy up", "network", "Mod+Shift+L"), ...look];
  }
  const edit = [entry("duplicate", "Duplicate", "copy_plus", "Mod+D"), entry("copy", "Copy", "copy", "Mod+C"), entry("cut", "Cut", "scissors", "Mod+X")];
  const type = kindOf(state.graph.nodes.get(target) ?? {});
  const one = many || type?.isDrawing ? [] : [entry("connect", "Connect to…", "spline", "C"), ...(type?.isEntry ? [] : [entry("replace", "Replace with…", "replace", "R")])];
  const reshape = [...one, ...(type?.isEntry || (type?.isDrawing && !many) ? [] : [entry("wrap", "Put into a container…", "group", "G")])];
  const order = many ? [LINE, entry("align-left", "Align left", "align_left"), entry("align-top", "Align top", "align_top"), entry("distribute-x", "Distribute", "distribute"), entry("tidy", "Tidy selection", "network", "Mod+Shift+L")] : [];
  const run = many ? [] : pageEntries(state, target, { edit: canEdit, run: canRun });
  if (!canEdit) return [...run, ...(run.length ? [LINE] : []), entry("copy", "Copy", "copy", "Mod+C")];
  return [...run, ...(run.length ? [LINE] : []), ...(many ? [] : [entry("rename", "Rename", "pencil", "F2")]), ...edit, ...(reshape.length ? [LINE, ...reshape] : []), ...order, LINE, entry("remove", many ? "Delete selection" : "Delete", "trash_2", "Del", true)];
}
