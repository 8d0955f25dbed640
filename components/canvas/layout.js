// Automatic arrangement: containers from the inside out, each scope laid out from left to right by dagre, which arrives when first used.
import { kindOf, portsOf, sizeOf } from "./kinds.js";
import { inOrder } from "./order.js";

const PADDING = { left: 40, top: 72, right: 40, bottom: 40 };

// Returns moves for every step that gets another place or size; notes stay where they are.
export async function arrange(graph, only = null) {
  const dagre = await import("@dagrejs/dagre");
  const { Graph, layout } = dagre.Graph ? dagre : { ...dagre.default, Graph: dagre.default.graphlib.Graph };
  const sizes = new Map();
  const moves = new Map();
  const scopes = new Map();
  for (const node of graph.nodes.values()) {
    if (kindOf(node)?.isDrawing) continue;
    const scope = node.parent ?? "";
    if (!scopes.has(scope)) scopes.set(scope, []);
    scopes.get(scope).push(node);
  }
  const settle = (scope) => {
    const nodes = (scopes.get(scope) ?? []).filter((node) => !only || only.has(node.id) || scope !== "");
    for (const node of nodes) {
      if (scopes.has(node.id)) settle(node.id);
      if (!sizes.has(node.id)) sizes.set(node.id, sizeOf(node));
    }
    if (!nodes.length) return;
    const sheet = new Graph({ multigraph: true }).setGraph({ rankdir: "LR", nodesep: 36, ranksep: 84, edgesep: 20, marginx: 0, marginy: 0 }).setDefaultEdgeLabel(() => ({}));
    for (const node of nodes) sheet.setNode(node.id, { ...sizes.get(node.id) });
    const ids = new Set(nodes.map((node) => node.id));
    for (const edge of graph.edges.values()) if (ids.has(edge.source) && ids.has(edge.target)) sheet.setEdge(edge.source, edge.target, {}, edge.port);
    layout(sheet);
    sortByPorts(sheet, nodes);
    const corner = scope === "" ? anchor(nodes, sheet) : { x: PADDING.left, y: PADDING.top };
    let [right, bottom] = [0, 0];
    for (const node of nodes) {
      const { x, y, width, height } = sheet.node(node.id);
      const spot = { id: node.id, x: Math.round(x - width / 2 + corner.x), y: Math.round(y - height / 2 + corner.y) };
      if (scopes.has(node.id)) Object.assign(spot, sizes.get(node.id));
      moves.set(node.id, spot);
      right = Math.max(right, spot.x + width);
      bottom = Math.max(bottom, spot.y + height);
    }
    if (scope !== "") sizes.set(scope, { width: Math.max(360, right + PADDING.right), height: Math.max(200, bottom + PADDING.bottom) });
  };
  settle("");
  return [...moves.values()].filter((move) => {
    const before = graph.nodes.get(move.id).position ?? {};
    return Object.entries(move).some(([key, value]) => key !== "id" && before[key] !== value);
  });
}

// Branches stand in the order of their ways out, so that lines do not cross where they need not.
function sortByPorts(sheet, nodes) {
  const boxes = new Map(nodes.map((node) => [node.id, { ...sheet.node(node.id) }]));
  const lines = sheet.edges().map(({ v, w, name }) => {
    const ports = portsOf(nodes.find((node) => node.id === v));
    return { source: v, target: w, rank: Math.max(0, ports.findIndex((port) => port.name === name)), points: sheet.edge({ v, w, name }).points };
  });
  for (const [id, y] of inOrder(boxes, lines)) sheet.node(id).y = y;
}

// The arranged graph keeps the upper left corner it had, so that the eye finds it again.
function anchor(nodes, sheet) {
  const now = { x: Math.min(...nodes.map((node) => node.position.x)), y: Math.min(...nodes.map((node) => node.position.y)) };
  const then = { x: Infinity, y: Infinity };
  for (const node of nodes) {
    const { x, y, width, height } = sheet.node(node.id);
    then.x = Math.min(then.x, x - width / 2);
    then.y = Math.min(then.y, y - height / 2);
  }
  return { x: now.x - then.x, y: now.y - then.y };
}
