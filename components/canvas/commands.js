// What a person can do on the canvas: add, delete, copy, paste, align, arrange, find. Each ends in one gesture of the editor.
import { edgeId, family, IN_A_CIRCLE } from "./graph.js";
import { acceptsInput, agentName, agentOf, agentOffers, allKinds, bareKind, groupsOf, kindNamed, kindOf, labelOf, newId, portsOf, sizeOf } from "./kinds.js";
import { searchKinds } from "./kind_search.js";
import { frameOf, freePlace, GRID, snap, wayDown } from "./places.js";
import { renameInConfig } from "./references.js";

const MARK = "agent-factory/nodes";
const MOST_LABEL = 120; // characters
const BESIDE = 80; // between a step and the one that follows it

export function createCommands(editor) {
  const { state } = editor;
  const graph = () => state.graph;
  const view = () => editor.hooks.view;
  const edges = () => [...graph().edges.values()];
  const scopeOf = (id) => editor.node(id)?.parent ?? null;

  const usedLabels = () => new Set([...graph().nodes.values()].map(labelOf));

  // The wished name, with a number behind it where another step has it.
  function numbered(wished, used) {
    if (!used.has(wished)) return wished;
    const bare = wished.replace(/ \d+$/, "").slice(0, MOST_LABEL - 5);
    let number = 2;
    while (used.has(`${bare} ${number}`)) number += 1;
    return `${bare} ${number}`;
  }

  function freeLabel(kind, name = kind.title) {
    const label = numbered(name, usedLabels());
    return label === kind.title ? "" : label;
  }

  function absolute(id) {
    const place = { x: 0, y: 0 };
    for (let one = editor.node(id); one; one = one.parent && editor.node(one.parent)) {
      place.x += one.position.x;
      place.y += one.position.y;
    }
    return place;
  }

  // The innermost container under a point of the canvas.
  function containerAt(point, except = new Set()) {
    let best = null;
    for (const [id, one] of graph().nodes) {
      if (!kindOf(one)?.isContainer || except.has(id)) continue;
      const place = absolute(id);
      const size = sizeOf(one);
      const isInside = point.x > place.x && point.x < place.x + size.width && point.y > place.y && point.y < place.y + size.height;
      if (isInside && (!best || size.width * size.height < best.area)) best = { id, area: size.width * size.height };
    }
    return best?.id ?? null;
  }

  function build(kindName, at, parent, agent) {
    const kind = kindNamed(kindName);
    const label = freeLabel(kind, agentName(agent) || kind.title);
    const origin = parent ? absolute(parent) : { x: 0, y: 0 };
    const node = { id: newId(label || kindName, graph().nodes), kind: kindName, position: { x: snap(at.x - origin.x), y: snap(at.y - origin.y) } };
    if (label) node.label = label;
    if (agent) node.config = { agent };
    if (kind.isContainer || kind.isDrawing) Object.assign(node.position, sizeOf(node));
    if (kind.attempts > 1) node.retry = { attempts: kind.attempts };
    if (parent) node.parent = parent;
    return node;
  }

  // What stands in a scope and must not be covered by `wish`; a note that frames the wished place lies below it.
  function obstacles(scope, wish, except = []) {
    const all = [...graph().nodes.values()].filter((one) => (one.parent ?? null) === scope && !except.includes(one.id));
    const frames = (one, box) => kindOf(one)?.isDrawing && wish.x > box.x && wish.y > box.y && wish.x < box.x + box.width && wish.y < box.y + box.height;
    return boxes(all.map((one) => one.id)).filter((box) => !frames(editor.node(box.id), box));
  }

  // A free place in the middle of what is seen, or right of a step; what would make way is no obstacle.
  function room(kindName, beside, yielding = []) {
    const size = sizeOf({ kind: kindName, position: {} });
    const [anchor] = beside ? boxes([beside]) : [];
    const at = anchor ? absolute(beside) : view().middle(size);
    const scope = anchor ? scopeOf(beside) : kindNamed(kindName).isEntry ? null : containerAt(at);
    const origin = scope ? absolute(scope) : { x: 0, y: 0 };
    const wish = { x: at.x - origin.x + (anchor ? anchor.width + BESIDE : 0), y: at.y - origin.y, ...size };
    const place = freePlace(wish, obstacles(scope, wish, yielding));
    return { at: { x: place.x + origin.x, y: place.y + origin.y }, scope };
  }

  const isHolding = (id) => [...graph().nodes.values()].some((one) => one.parent === id && !kindOf(one)?.isDrawing);

  // The first step of a container stands at its left, half way down.
  function within(id, kindName) {
    const [place, size] = [absolute(id), sizeOf(editor.node(id))];
    const { height } = sizeOf({ kind: kindName, position: {} });
    return { at: { x: place.x + 2 * GRID, y: place.y + Math.max(3 * GRID, snap((size.height - height) / 2)) }, scope: id };
  }

  // Where the next step continues behind the only chosen one: in it, where it is an empty container; else at its first way out that leads nowhere yet, else in the first that leads
  // to one step, else beside what the first leads to.
  function following() {
    const [id] = state.selection.nodes;
    const node = state.selection.nodes.length === 1 ? editor.node(id) : null;
    if (!node) return {};
    if (kindOf(node)?.isContainer && !isHolding(id)) return { inside: id };
    const ways = kindOf(node)?.isDrawing ? [] : portsOf(node).map((port) => ({ port: port.name, leads: edges().filter((edge) => edge.source === id && edge.port === port.name) }));
    const free = ways.find(({ leads }) => !leads.length);
    const single = free ? null : ways.find(({ leads }) => leads.length === 1);
    if (single) return { beside: id, into: edgeId(single.leads[0]) };
    return { beside: id, from: ways.length ? { id, port: (free ?? ways[0]).port } : null };
  }

  // A container grows with what is put into it.
  function growth(scope, boxes) {
    const holder = scope && editor.node(scope);
    if (!holder) return [];
    const { x, y, width, height } = frameOf(boxes);
    const now = sizeOf(holder);
    const size = { width: Math.max(now.width, snap(x + width + 2 * GRID)), height: Math.max(now.height, snap(y + height + 2 * GRID)) };
    if (size.width === now.width && size.height === now.height) return [];
    const { x: left, y: top } = holder.position;
    const to = (wide) => ({ op: "move", moves: [{ id: scope, x: left, y: top, ...wide }] });
    // A container of the usual size says none; undo gets back only what was said.
    return [...(holder.position.width == null ? [to(now)] : []), to(size), ...growth(scopeOf(scope), [{ x: left, y: top, ...size }])];
  }

  // Where edits move steps to.
  const placesIn = (operations) => operations.flatMap(({ op, moves }) => (op === "move" ? moves.map((move) => ({ ...sizeOf(editor.node(move.id)), ...move })) : []));

  // Adds a node: at a place, behind a way out (`from`), in front of a node (`to`), or into an edge (`into`); without a place, where there is room.
  function add(wanted, { at = null, from = null, to = null, into = "", beside = null, inside = "" } = {}) {
    const kindName = bareKind(wanted);
    const kind = kindNamed(kindName);
    if (!kind) return "";
    if (kind.isEntry && [...graph().nodes.values()].some((one) => kindOf(one)?.isEntry)) {
      editor.say("A workflow has one start. Add its fields there.");
      return "";
    }
    const wire = into && graph().edges.get(into);
    const isLast = !at && wire && !kind.isDrawing && !portsOf({ kind: kindName }).length; // nothing can follow it, so nothing is cut off for it
    const edge = isLast ? null : wire;
    if (isLast) from = { id: wire.source, port: wire.port };
    const anchor = edge ? edge.source : (from?.id ?? to?.id);
    const spot = inside && !kind.isEntry ? within(inside, kindName) : at ? { at, scope: anchor ? scopeOf(anchor) : containerAt(at) } : room(kindName, beside ?? anchor, edge && !kind.isDrawing ? downstream(edge.target) : []);
    const parent = kind.isEntry ? null : spot.scope;
    const node = build(kindName, spot.at, parent, agentOf(wanted));
    const operations = [{ op: "add_node", node }];
    const way = portsOf(node)[0]?.name;
    if (edge) operations.push(...splice(edge, node, way));
    if (from && acceptsInput(node)) operations.push({ op: "connect", source: from.id, port: from.port, target: node.id });
    if (to && way) operations.push({ op: "connect", source: node.id, port: way, target: to.id });
    operations.push(...growth(parent, [{ ...node.position, ...sizeOf(node) }, ...placesIn(operations)]));
    if (!editor.gesture(`Add ${kind.title}`, operations)) return "";
    view().select([node.id]);
    view().bringIn([node.id]);
    return node.id;
  }

  // Puts a node between the two ends of an edge, and makes room behind it.
  function splice(edge, node, way) {
    if (!acceptsInput(node)) return [];
    const operations = [{ op: "disconnect", ...edge }, { op: "connect", source: edge.source, port: edge.port, target: node.id }];
    if (!way) return operations;
    operations.push({ op: "connect", source: node.id, port: way, target: edge.target });
    const target = editor.node(edge.target);
    const [left, right] = [node.position.x + sizeOf(node).width + 60, target.position.x];
    if (right < left && right > node.position.x - 60 && target.id !== node.id) {
      const moved = downstream(target.id).map((id) => editor.node(id)).filter((one) => one.id !== node.id);
      operations.push({ op: "move", moves: moved.map((one) => ({ id: one.id, x: one.position.x + snap(left - right), y: one.position.y })) });
    }
    return operations;
  }

  function downstream(id) {
    const found = [id];
    for (const one of found) for (const edge of edges()) if (edge.source === one && !found.includes(edge.target)) found.push(edge.target);
    return found;
  }

  function insertExisting(id, key) {
    const edge = graph().edges.get(key);
    const node = editor.node(id);
    if (!edge || !node || edges().some((one) => one.source === id || one.target === id)) return [];
    if (scopeOf(id) !== scopeOf(edge.source) || !acceptsInput(node)) return [];
    return splice(edge, node, portsOf(node)[0]?.name);
  }

  // Why a connection cannot be, with what to do instead; "" where it can.
  function whyNot({ source, target, sourceHandle }) {
    const [from, to] = [editor.node(source), editor.node(target)];
    if (!from || !to) return "This step is gone.";
    if (kindOf(to)?.isDrawing || kindOf(from)?.isDrawing) return "A note is not a step, so nothing leads to it or from it.";
    if (kindOf(to)?.isEntry) return `Nothing leads to “${labelOf(to)}”: every run begins there.`;
    if (source !== target && !portsOf(from).length) return `Nothing follows “${labelOf(from)}”: it has no way out.`;
    if (scopeOf(source) !== scopeOf(target)) return acrossBorder(from, to);
    if (graph().edges.has(edgeId({ source, port: sourceHandle ?? "out", target }))) return "These two are connected already.";
    return source === target || downstream(target).includes(source) ? IN_A_CIRCLE : "";
  }

  function acrossBorder(from, to) {
    const isInside = (id, holder) => Boolean(id) && (id === holder || isInside(scopeOf(id), holder));
    const [inner, isIn] = to.parent && !isInside(from.id, to.parent) ? [to, true] : [from, false];
    const holder = labelOf(editor.node(inner.parent));
    const advice = isIn ? `Lead to “${holder}” itself, or move the other step into it.` : `Lead on from “${holder}” itself, or move the other step into it.`;
    return `“${labelOf(inner)}” stands inside “${holder}”, and no connection crosses its border. ${advice}`;
  }

  const canConnect = (wish) => !whyNot(wish);

  // Every node that an edge from here must not lead to; dimmed while connecting.
  function forbidden(id, isBackwards) {
    const dim = new Set();
    const circle = isBackwards ? new Set(downstream(id)) : new Set(upstream(id));
    for (const [other, one] of graph().nodes) {
      const fits = isBackwards ? portsOf(one).length > 0 && !kindOf(one)?.isDrawing : acceptsInput(one);
      if (other === id || !fits || circle.has(other) || scopeOf(other) !== scopeOf(id)) dim.add(other);
    }
    dim.delete(scopeOf(id));
    dim.delete(id);
    return dim;
  }

  function upstream(id) {
    const found = [id];
    for (const one of found) for (const edge of edges()) if (edge.target === one && !found.includes(edge.source)) found.push(edge.source);
    return found;
  }

  function remove(nodes = state.selection.nodes, cut = state.selection.edges) {
    const whole = nodes.filter((id) => !nodes.includes(scopeOf(id)));
    const inner = new Set(whole.flatMap((id) => family(graph(), id)));
    const loose = cut.map((id) => graph().edges.get(id)).filter((edge) => edge && !inner.has(edge.source) && !inner.has(edge.target));
    const operations = [...loose.map((edge) => ({ op: "disconnect", ...edge })), ...whole.map((id) => ({ op: "remove_node", id }))];
    // A single step in the middle of a chain leaves its neighbours connected.
    if (whole.length === 1 && !loose.length) operations.push(...bridge(whole[0]));
    const count = whole.length + loose.length;
    const steps = [...inner].filter((id) => !kindOf(editor.node(id))?.isDrawing).length;
    if (!count || !editor.gesture(count === 1 ? "Delete" : `Delete ${count} items`, operations)) return;
    if (steps > 1) editor.say(`${steps} steps removed.`, { label: "Undo", act: editor.undo });
  }

  function bridge(id) {
    const [before, after] = [edges().filter((edge) => edge.target === id), edges().filter((edge) => edge.source === id)];
    if (before.length !== 1 || after.length !== 1 || kindOf(editor.node(id))?.ports.from) return [];
    const edge = { source: before[0].source, port: before[0].port, target: after[0].target };
    return graph().edges.has(edgeId(edge)) ? [] : [{ op: "connect", ...edge }];
  }

  function copied(ids = state.selection.nodes) {
    const roots = ids.filter((id) => editor.node(id) && !ids.includes(scopeOf(id)));
    const all = new Set(roots.flatMap((id) => family(graph(), id)));
    if (!all.size) return "";
    const nodes = [...graph().nodes.values()].filter((one) => all.has(one.id)).map((one) => (roots.includes(one.id) ? { ...one, parent: undefined, position: { ...one.position, ...absolute(one.id) } } : one));
    return JSON.stringify({ kind: MARK, nodes, edges: edges().filter((edge) => all.has(edge.source) && all.has(edge.target)) });
  }

  function paste(text, { at = null, label = "Paste", scope = null } = {}) {
    let content;
    try {
      content = JSON.parse(text);
    } catch {
      return false;
    }
    if (!content || !Array.isArray(content.nodes) || !content.nodes.every((one) => one && typeof one.id === "string" && kindNamed(one.kind))) return false;
    const hasStart = [...graph().nodes.values()].some((one) => kindOf(one)?.isEntry);
    const nodes = content.nodes.filter((one) => !(hasStart && kindNamed(one.kind).isEntry)).map((one) => ({ ...one, position: { x: 0, y: 0, ...one.position } }));
    if (nodes.length < content.nodes.length && !nodes.length) editor.say("A workflow has one start, so it was not pasted again.");
    if (!nodes.length) return true;
    const roots = nodes.filter((one) => !nodes.some((other) => other.id === one.parent));
    const corner = { x: Math.min(...roots.map((one) => one.position.x)), y: Math.min(...roots.map((one) => one.position.y)) };
    const parent = at ? containerAt(at) : scope;
    const origin = parent ? absolute(parent) : { x: 0, y: 0 };
    const place = at ?? { x: corner.x + 2 * GRID, y: corner.y + 2 * GRID };
    if (!at) place.y += coveredBy(roots, origin, parent);
    const renames = {};
    const taken = new Map(graph().nodes);
    for (const one of nodes) taken.set((renames[one.id] = newId(one.id, taken)), one);
    const used = usedLabels();
    const made = ordered(nodes).map((one) => {
      const isRoot = roots.includes(one);
      const spot = one.position;
      const moved = { ...spot, x: snap(spot.x - corner.x + place.x - origin.x), y: snap(spot.y - corner.y + place.y - origin.y) };
      const next = { ...one, id: renames[one.id], position: isRoot ? moved : spot, config: renameInConfig(one.config ?? {}, renames) };
      next.parent = isRoot ? (parent ?? undefined) : renames[one.parent];
      if (!kindOf(one).isDrawing && used.has(labelOf(one))) next.label = numbered(labelOf(one), used);
      used.add(labelOf(next));
      return JSON.parse(JSON.stringify(next));
    });
    const wires = (content.edges ?? []).filter((edge) => renames[edge.source] && renames[edge.target]);
    const operations = [...made.map((node) => ({ op: "add_node", node })), ...wires.map((edge) => ({ op: "connect", source: renames[edge.source], port: edge.port ?? "out", target: renames[edge.target] }))];
    const own = made.filter((one) => !one.parent || one.parent === parent);
    operations.push(...growth(parent, own.map((one) => ({ ...one.position, ...sizeOf(one) }))));
    if (editor.gesture(made.length === 1 ? label : `${label} ${made.length} steps`, operations)) {
      const pasted = roots.map((one) => renames[one.id]);
      view().select(pasted);
      view().bringIn(pasted);
    }
    return true;
  }

  const ordered = (nodes) => {
    const left = new Map(nodes.map((one) => [one.id, one]));
    const out = [];
    const visit = (one) => {
      if (!left.delete(one.id)) return;
      if (left.has(one.parent)) visit(left.get(one.parent));
      out.push(one);
    };
    for (const one of nodes) visit(one);
    return out;
  };

  // How far down a copy has to go so that it covers neither its original nor another step.
  function coveredBy(roots, origin, scope) {
    const shifted = roots.map((one) => ({ x: one.position.x - origin.x + 2 * GRID, y: one.position.y - origin.y + 2 * GRID, ...sizeOf(one) }));
    return wayDown(shifted, obstacles(scope, frameOf(shifted)));
  }

  const duplicate = () => paste(copied(), { label: "Duplicate", scope: shared(state.selection.nodes) });

  // The container that all of these stand in.
  function shared(ids) {
    const scopes = new Set(ids.filter((id) => !ids.includes(scopeOf(id))).map(scopeOf));
    return scopes.size === 1 ? [...scopes][0] : null;
  }

  function boxes(ids = state.selection.nodes) {
    return ids.filter((id) => editor.node(id)).map((id) => ({ id, ...editor.node(id).position, ...sizeOf(editor.node(id)) }));
  }

  function place(label, moves) {
    const real = moves.filter(({ id, x, y }) => editor.node(id).position.x !== x || editor.node(id).position.y !== y);
    if (real.length) editor.gesture(label, [{ op: "move", moves: real.map(({ id, x, y }) => ({ id, x, y })) }], { keep: false });
  }

  function align(how) {
    const all = boxes();
    if (all.length < 2) return;
    const [axis, size] = ["left", "center", "right"].includes(how) ? ["x", "width"] : ["y", "height"];
    const low = Math.min(...all.map((one) => one[axis]));
    const high = Math.max(...all.map((one) => one[axis] + one[size]));
    const spot = (one) => (how === "left" || how === "top" ? low : how === "right" || how === "bottom" ? high - one[size] : (low + high - one[size]) / 2);
    place("Align", all.map((one) => ({ ...one, [axis]: Math.round(spot(one)) })));
  }

  function distribute(axis) {
    const size = axis === "x" ? "width" : "height";
    const all = boxes().sort((a, b) => a[axis] - b[axis]);
    if (all.length < 3) return;
    const room = all.at(-1)[axis] - all[0][axis] - all.slice(0, -1).reduce((sum, one) => sum + one[size], 0);
    let next = all[0][axis];
    place("Distribute", all.map((one) => {
      const spot = { ...one, [axis]: Math.round(next) };
      next += one[size] + room / (all.length - 1);
      return spot;
    }));
  }

  const nudge = (dx, dy) => {
    const ids = state.selection.nodes.filter((id) => !state.selection.nodes.includes(scopeOf(id)));
    const moves = ids.map((id) => ({ id, x: editor.node(id).position.x + dx, y: editor.node(id).position.y + dy }));
    if (moves.length) editor.gesture("Move", [{ op: "move", moves }], { coalesce: `nudge/${ids.join()}` });
  };

  // The nearest node in a direction, for walking through the graph by keyboard.
  function neighbour(dx, dy) {
    const [here] = state.selection.nodes;
    const all = [...graph().nodes.keys()].map((id) => ({ id, ...absolute(id) }));
    const from = here ? { id: here, ...absolute(here) } : null;
    if (!from) return all.sort((a, b) => a.x - b.x || a.y - b.y)[0]?.id;
    const ahead = all.filter((one) => one.id !== here && (dx ? (one.x - from.x) * dx > 0 : (one.y - from.y) * dy > 0));
    const cost = (one) => (dx ? Math.abs(one.x - from.x) + 3 * Math.abs(one.y - from.y) : Math.abs(one.y - from.y) + 3 * Math.abs(one.x - from.x));
    return ahead.sort((a, b) => cost(a) - cost(b))[0]?.id;
  }

  const kindsFor = (search, { onlyAfter = false } = {}) => searchKinds([...allKinds().filter((kind) => !(onlyAfter && (kind.isEntry || kind.isDrawing))), ...(search.trim() ? agentOffers() : [])], search);

  // The same as a list with the headings of the groups in it, as long as nothing is searched for.
  const offered = (search, options) => {
    const found = kindsFor(search, options);
    if (search.trim()) return found.map((kind) => ({ ...kind, heading: "" }));
    return groupsOf(found).flatMap(({ label, kinds }) => kinds.map((kind, index) => ({ ...kind, heading: index ? "" : label })));
  };

  return { offered, add, following, remove, copied, paste, duplicate, align, distribute, nudge, neighbour, place, boxes, absolute, containerAt, insertExisting, canConnect, whyNot, forbidden, kindsFor, upstream, downstream, scopeOf, growth };
}
