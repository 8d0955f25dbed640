// The editor of components/canvas without a browser: opens a definition, does what a person would, and tells how it looks then.
import { createCommands } from "../../components/canvas/commands.js";
import { createEditor } from "../../components/canvas/editor.js";
import { portsOf, setCatalog, sizeOf } from "../../components/canvas/kinds.js";
import { same, writeGraph } from "../../components/canvas/graph.js";

const MIDDLE = { x: 800, y: 400 };

// acts: [command, ...arguments] of commands.js, or ["select", ids] and ["undo"].
export function edited(kinds, definition, acts) {
  setCatalog({ kinds });
  const editor = createEditor();
  const commands = createCommands(editor);
  const sent = [];
  editor.hooks.changed = (operations) => sent.push(...operations);
  editor.hooks.view = {
    select: (nodes, edges = []) => editor.select(nodes, edges),
    middle: (size) => ({ x: MIDDLE.x - size.width / 2, y: MIDDLE.y - size.height / 2 }),
    bringIn: () => {},
    reveal: () => {},
  };
  editor.open({ id: "drawn", name: "Drawn", can_edit: true, can_run: true, definition });
  const before = writeGraph(editor.state.graph);
  for (const [name, ...args] of acts) {
    if (name === "select") editor.select(...args);
    else if (name === "undo") editor.undo();
    else commands[name](...args);
  }
  const made = writeGraph(editor.state.graph);
  const boxes = Object.fromEntries(made.nodes.map((node) => [node.id, { ...commands.absolute(node.id), ...sizeOf(node) }]));
  const ports = Object.fromEntries(made.nodes.map((node) => [node.id, portsOf(node).map((port) => port.name)]));
  const answer = { definition: made, boxes, ports, sent, selection: editor.state.selection.nodes, said: editor.state.notice?.text ?? "" };
  while (editor.state.undo.can) editor.undo();
  return { ...answer, isUndone: same(sorted(before), sorted(writeGraph(editor.state.graph))) };
}

const byId = (a, b) => (a.key < b.key ? -1 : 1);
// The order of steps means nothing; that of the fields of a step neither.
const sorted = ({ nodes, edges, ...rest }) => ({
  ...rest,
  nodes: nodes.map((node) => ({ key: node.id, fields: Object.keys(node).sort().map((key) => [key, node[key]]) })).sort(byId),
  edges: edges.map((edge) => ({ key: `${edge.source}.${edge.port}.${edge.target}` })).sort(byId),
});
