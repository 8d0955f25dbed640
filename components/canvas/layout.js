// Automatic arrangement: containers from the inside out, each scope from left to right. Notes go along with the step they stand beside or frame.
import { HEAD_HEIGHT, hasRows, kindOf, portsOf, ROW_HEIGHT, sizeOf } from "./kinds.js";
import { inLayers } from "./layers.js";
import { frameOf, snap, wayDown } from "./places.js";

const PADDING = { left: 40, top: 72, right: 40, bottom: 40 };
const AIR = 20; // above a note, besides the usual gap
const SMALLEST = { width: 320, height: 180 };

// Returns moves for every step that gets another place or size; of `only`, when given, and what is inside them.
export function arrange(graph, only = null) {
  const scopes = new Map();
  for (const node of graph.nodes.values()) {
    const scope = node.parent ?? "";
    if (!scopes.has(scope)) scopes.set(scope, []);
    scopes.get(scope).push(node);
  }
  const sizes = new Map();
  const moves = new Map();
  const sized = (node) => ({ ...node.position, ...sizeOf(node), ...sizes.get(node.id) });

  function settle(scope, isAll) {
    const chosen = (scopes.get(scope) ?? []).filter((node) => isAll || only.has(node.id));
    for (const node of chosen) if (kindOf(node)?.isContainer && scopes.has(node.id)) sizes.set(node.id, settle(node.id, true));
    const steps = chosen.filter((node) => !kindOf(node)?.isDrawing);
    if (!steps.length) return sizes.get(scope);
    const places = inLayers(steps.map((node) => ({ id: node.id, ...sized(node), entry: HEAD_HEIGHT / 2 })), linesAmong(graph, steps));
    const before = new Map(steps.map((node) => [node.id, sized(node)]));
    const after = new Map(steps.map((node) => [node.id, { ...before.get(node.id), ...places[node.id] }]));
    const [was, is] = [frameOf([...before.values()]), frameOf([...after.values()])];
    const corner = scope && isAll ? { x: PADDING.left, y: PADDING.top } : { x: Math.round(was.x), y: Math.round(was.y) };
    for (const box of after.values()) Object.assign(box, { x: box.x + corner.x - is.x, y: box.y + corner.y - is.y });
    const notes = carry(chosen.filter((node) => kindOf(node)?.isDrawing), sized, before, after);
    for (const [id, box] of [...after, ...notes]) moves.set(id, sizes.has(id) || notes.has(id) ? box : { x: box.x, y: box.y });
    const all = frameOf([...after.values(), ...notes.values()]);
    return { width: Math.max(SMALLEST.width, snap(all.x + all.width + PADDING.right)), height: Math.max(SMALLEST.height, snap(all.y + all.height + PADDING.bottom)) };
  }

  if (only) for (const scope of new Set([...only].filter((id) => !only.has(graph.nodes.get(id)?.parent)).map((id) => graph.nodes.get(id)?.parent ?? ""))) settle(scope, false);
  else settle("", true);
  return [...moves].map(([id, box]) => told(id, box)).filter((move) => differs(graph.nodes.get(move.id).position ?? {}, move));
}

const told = (id, box) => ({ id, x: box.x, y: box.y, ...(box.width && { width: box.width, height: box.height }) });
const differs = (before, move) => Object.entries(move).some(([key, value]) => key !== "id" && before[key] !== value);

function linesAmong(graph, steps) {
  const known = new Map(steps.map((node) => [node.id, portsOf(node)]));
  const exit = ({ source, port }) => {
    const ports = known.get(source);
    const index = ports.findIndex((one) => one.name === port);
    if (index < 0) return sizeOf(steps.find((node) => node.id === source)).height; // the way to the step that takes it back leaves below
    return hasRows(ports) ? HEAD_HEIGHT + ROW_HEIGHT * (index + 0.5) : HEAD_HEIGHT / 2;
  };
  const inside = [...graph.edges.values()].filter((edge) => known.has(edge.source) && known.has(edge.target));
  return inside.map((edge) => ({ source: edge.source, target: edge.target, exit: exit(edge) }));
}

// A note that frames steps frames them again; any other keeps its place beside the nearest step, and covers nothing.
function carry(notes, sized, before, after) {
  const placed = new Map();
  const boxes = [...before].map(([id, box]) => ({ id, ...box }));
  for (const node of notes) {
    const note = sized(node);
    const framed = boxes.filter((box) => isInside(box, note));
    if (framed.length) placed.set(node.id, framing(note, frameOf(framed), frameOf(framed.map(({ id }) => after.get(id)))));
    else placed.set(node.id, beside(note, boxes, after, [...after.values(), ...placed.values()]));
  }
  return placed;
}

const middle = (box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });

function isInside(box, note) {
  const { x, y } = middle(box);
  return x > note.x && x < note.x + note.width && y > note.y && y < note.y + note.height;
}

function framing(note, was, is) {
  const [left, top] = [was.x - note.x, was.y - note.y];
  const [right, bottom] = [note.x + note.width - was.x - was.width, note.y + note.height - was.y - was.height];
  const room = (space) => Math.max(20, Math.round(space));
  return { x: is.x - room(left), y: is.y - room(top), width: is.width + room(left) + room(right), height: is.height + room(top) + room(bottom) };
}

function beside(note, boxes, after, others) {
  const here = middle(note);
  const far = (box) => (middle(box).x - here.x) ** 2 + (middle(box).y - here.y) ** 2;
  const nearest = boxes.reduce((best, box) => (far(box) < far(best) ? box : best));
  const now = after.get(nearest.id);
  const spot = { ...note, x: Math.round(note.x + now.x - nearest.x), y: Math.round(note.y + now.y - nearest.y) };
  const aired = { ...spot, y: spot.y - AIR, height: spot.height + AIR };
  return { x: spot.x, y: spot.y + wayDown([aired], others), width: note.width, height: note.height };
}
