// The editor of components/canvas without a browser: opens a definition, does what a person would, and tells how it looks then.
import { createCommands } from "../../components/canvas/commands.js";
import { createEditor } from "../../components/canvas/editor.js";
import { applyAll, readGraph, same, writeGraph } from "../../components/canvas/graph.js";
import { HEAD_HEIGHT, hasRows, portsOf, ROW_HEIGHT, setCatalog, sizeOf, summaryOf } from "../../components/canvas/kinds.js";
import { curveAt } from "../../components/canvas/layers.js";
import { arrange } from "../../components/canvas/layout.js";
import { createReshape } from "../../components/canvas/reshape.js";

const MIDDLE = { x: 800, y: 400 };

// acts: [command, ...arguments] of commands.js or reshape.js, or ["select", ids], ["undo"] and ["addNext", kind].
export function edited(kinds, definition, acts) {
  setCatalog({ kinds });
  const editor = createEditor();
  const commands = createCommands(editor);
  const able = { ...commands, ...createReshape(editor, commands) };
  const sent = [];
  editor.hooks.changed = (operations) => sent.push(...operations);
  editor.hooks.view = {
    select: (nodes, edges = []) => editor.select(nodes, edges),
    middle: (size) => ({ x: MIDDLE.x - size.width / 2, y: MIDDLE.y - size.height / 2 }),
    bringIn: () => {},
    reveal: () => {},
  };
  editor.open({ id: "drawn", name: "Drawn", can_edit: true, can_run: true, definition, agents: definition.agents });
  const before = writeGraph(editor.state.graph);
  for (const [name, ...args] of acts) {
    if (name === "select") editor.select(...args);
    else if (name === "undo") editor.undo();
    else if (name === "addNext") commands.add(args[0], commands.following());
    else able[name](...args);
  }
  const made = writeGraph(editor.state.graph);
  const boxes = Object.fromEntries(made.nodes.map((node) => [node.id, { ...commands.absolute(node.id), ...sizeOf(node) }]));
  const ports = Object.fromEntries(made.nodes.map((node) => [node.id, portsOf(node).map((port) => port.name)]));
  const summaries = Object.fromEntries([...editor.state.graph.nodes.values()].map((node) => [node.id, summaryOf(node)]));
  const answer = { definition: made, boxes, summaries, ports, sent, selection: editor.state.selection.nodes, said: editor.state.notice?.text ?? "" };
  while (editor.state.undo.can) editor.undo();
  return { ...answer, isUndone: same(sorted(before), sorted(writeGraph(editor.state.graph))) };
}

// What the palette offers for each search, in a workspace with these agents.
export function offers(kinds, agents, searches) {
  setCatalog({ kinds, agents });
  const commands = createCommands(createEditor());
  return searches.map((search) => commands.kindsFor(search).map((kind) => kind.kind));
}

// Why each of these connections cannot be drawn.
export function reasons(kinds, definition, wishes) {
  setCatalog({ kinds });
  const editor = createEditor();
  const commands = createCommands(editor);
  editor.open({ id: "drawn", name: "Drawn", can_edit: true, can_run: true, definition });
  return wishes.map(commands.whyNot);
}

const byId = (a, b) => (a.key < b.key ? -1 : 1);
// The order of steps means nothing; that of the fields of a step neither.
const sorted = ({ nodes, edges, ...rest }) => ({
  ...rest,
  nodes: nodes.map((node) => ({ key: node.id, fields: Object.keys(node).sort().map((key) => [key, node[key]]) })).sort(byId),
  edges: edges.map((edge) => ({ key: `${edge.source}.${edge.port}.${edge.target}` })).sort(byId),
});

// The definition after "Tidy up".
export function arranged(kinds, definition, only = null) {
  setCatalog({ kinds });
  const moves = arrange(readGraph(definition), only && new Set(only));
  return writeGraph(applyAll(readGraph(definition), [{ op: "move", moves }]).graph);
}

// What is ugly in a drawing: steps and notes on each other, lines that cross, and lines that pass behind a step.
export function flaws(kinds, definition) {
  setCatalog({ kinds });
  const graph = readGraph(definition);
  const found = { overlaps: [], crossings: [], behind: [] };
  for (const scope of new Set([...graph.nodes.values()].map((node) => node.parent ?? ""))) look(graph, scope, found);
  return found;
}

function look(graph, scope, found) {
  const nodes = [...graph.nodes.values()].filter((node) => (node.parent ?? "") === scope);
  const boxes = new Map(nodes.map((node) => [node.id, { ...node.position, ...sizeOf(node) }]));
  const lines = [...graph.edges.values()].filter((edge) => boxes.has(edge.source)).map((edge) => ({ ...edge, points: pointsOf(edge, graph, boxes) }));
  pairs([...boxes]).forEach(([[id, one], [other, two]]) => touch(one, two) && found.overlaps.push(`${id} ${other}`));
  pairs(lines).forEach(([one, two]) => meet(one, two) && found.crossings.push(`${one.source}.${one.port}->${one.target} ${two.source}.${two.port}->${two.target}`));
  for (const line of lines)
    for (const [id, box] of boxes)
      if (id !== line.source && id !== line.target && line.points.some((point) => touch({ ...point, width: 0, height: 0 }, box))) found.behind.push(`${line.source}->${line.target} ${id}`);
}

const pairs = (list) => list.flatMap((one, index) => list.slice(index + 1).map((other) => [one, other]));
const touch = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

function pointsOf({ source, port, target }, graph, boxes) {
  const ports = portsOf(graph.nodes.get(source));
  const index = ports.findIndex((one) => one.name === port);
  const [from, to] = [boxes.get(source), boxes.get(target)];
  const curve = { x: from.x + from.width, y: from.y + (hasRows(ports) ? HEAD_HEIGHT + ROW_HEIGHT * (index + 0.5) : HEAD_HEIGHT / 2), toX: to.x, toY: to.y + HEAD_HEIGHT / 2 };
  return Array.from({ length: 81 }, (_, step) => curve.x + ((curve.toX - curve.x) * step) / 80).map((x) => ({ x, y: curveAt(curve, x) }));
}

function meet(one, two) {
  if (one.source === two.source && one.port === two.port) return false;
  const end = one.target === two.target ? one.points.at(-1).x - 12 : Infinity;
  const begin = Math.max(one.points[0].x, two.points[0].x);
  const last = Math.min(one.points.at(-1).x, two.points.at(-1).x, end);
  const height = ({ points }, x) => points.reduce((best, point) => (Math.abs(point.x - x) < Math.abs(best.x - x) ? point : best)).y;
  const sides = [];
  for (let x = begin; x <= last; x += 4) sides.push(Math.sign(Math.round(height(one, x) - height(two, x))));
  return new Set(sides.filter(Boolean)).size > 1;
}
