// Lists by which the chosen steps are changed: another kind, a container around them, a connection; all by keyboard too.
import { searchKinds } from "./kind_search.js";
import { labelOf } from "./kinds.js";

export function createChoices({ editor, reshape, view }) {
  const chosen = () => (editor.state.selection.nodes.length === 1 ? editor.state.selection.nodes[0] : "");
  // A menu or the keyboard asks: the list opens where the menu was, else beside the step.
  const spot = (id) => (editor.state.menu ? { x: editor.state.menu.x, y: editor.state.menu.y } : view.beside(id));
  const found = (looks, search) => looks.filter((look) => look.title.toLowerCase().includes(search.trim().toLowerCase()));

  function replace() {
    const id = chosen();
    const kinds = id ? reshape.kindsInstead(id) : [];
    if (!kinds.length) return editor.say(id ? "This step cannot become another kind." : "Choose one step to replace it by another kind.");
    return view.choose(spot(id), { prompt: `Replace ${labelOf(editor.node(id))} with`, list: (search) => searchKinds(kinds, search), pick: (kind) => reshape.replace(id, kind) });
  }

  function wrap() {
    const roots = reshape.wrappable();
    if (!roots.length) return editor.say("Choose steps that stand side by side, without Start, to put a container around them.");
    const kinds = reshape.containers();
    return view.choose(spot(roots[0]), { prompt: "Put into", list: (search) => searchKinds(kinds, search), pick: (kind) => reshape.wrap(kind) });
  }

  function connect() {
    const id = chosen();
    const ways = id ? reshape.waysOut(id) : [];
    if (!ways.length) return editor.say(id ? "There is no step that this one could lead to." : "Choose one step to connect it.");
    if (ways.length === 1) return targets(id, ways[0], spot(id));
    const looks = ways.map((port) => ({ ...reshape.looks(editor.node(id), port.label || "Next"), kind: port.name }));
    const place = spot(id);
    return view.choose(place, { prompt: "Connect which way out?", list: (search) => found(looks, search), pick: (name) => targets(id, ways.find((port) => port.name === name), place) });
  }

  function targets(id, port, place) {
    const looks = reshape.targets(id, port.name).map((node) => ({ ...reshape.looks(node), kind: node.id }));
    view.choose(place, { prompt: port.label ? `Connect “${port.label}” to` : "Connect to", list: (search) => found(looks, search), pick: (target) => reshape.connect(id, port.name, target) });
  }

  return { replace, wrap, connect };
}
