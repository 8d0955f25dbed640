// Changes what is drawn already: another kind for a step, a container around steps, a connection without a pointer. Each is one gesture.
import { edgeId, family } from "./graph.js";
import { acceptsInput, allKinds, canBeUndone, kindNamed, kindOf, labelOf, newId, portsOf, sizeOf, UNDO_PORT } from "./kinds.js";
import { frameOf, snap } from "./places.js";

const ROOM = { left: 40, top: 80, right: 40, bottom: 40 };
const TEXTS = ["prompt", "message", "text", "body_text"]; // what a kind of step is told or writes

export function createReshape(editor, commands) {
  const graph = () => editor.state.graph;
  const edges = () => [...graph().edges.values()];
  const view = () => editor.hooks.view;
  const plural = (count) => `${count} connection${count === 1 ? "" : "s"}`;

  // The kinds that a step can become: a container stays one, as steps stand in it.
  function kindsInstead(id) {
    const node = editor.node(id);
    const now = node && kindOf(node);
    if (!now || now.isEntry || now.isDrawing) return [];
    return allKinds().filter((kind) => kind.kind !== node.kind && !kind.isEntry && !kind.isDrawing && Boolean(kind.isContainer) === Boolean(now.isContainer));
  }

  // Another kind in the same place: name, texts, policies and connections stay as far as the new kind has a use for them.
  function replace(id, kindName) {
    const before = editor.node(id);
    const kind = kindsInstead(id).find((one) => one.kind === kindName);
    if (!kind) return;
    const after = turned(before, kind);
    const inside = family(graph(), id).slice(1);
    const kept = wiresOf(before, after);
    const lost = edges().filter((edge) => edge.source === id || edge.target === id).length - kept.length;
    const within = edges().filter((edge) => inside.includes(edge.source) && inside.includes(edge.target));
    const operations = [
      { op: "remove_node", id },
      ...[after, ...inside.map((one) => graph().nodes.get(one))].map((node) => ({ op: "add_node", node })),
      ...[...within, ...kept].map((edge) => ({ op: "connect", ...edge })),
    ];
    if (!editor.gesture(`Replace with ${kind.title}`, operations, { keep: false })) return;
    view().select([id]);
    if (lost) editor.say(`${plural(lost)} removed: the new step has no way out for ${lost === 1 ? "it" : "them"}.`, { label: "Undo", act: editor.undo });
  }

  function turned(before, kind) {
    const { id, label, parent, position, join, others, lock, retry, on_error: onError, timeout_s: limit } = before;
    const after = { id, kind: kind.kind, position, config: configFor(before, kind), label, parent, join, others, lock, timeout_s: limit };
    if (label && label.replace(/ \d+$/, "") === kindOf(before)?.title) delete after.label; // it was only the name of the kind
    if (kind.canFail) Object.assign(after, { retry, on_error: onError });
    return JSON.parse(JSON.stringify(after));
  }

  // Fields of the same name and sort go over, and the text that both kinds are about.
  function configFor(before, kind) {
    const old = kindOf(before);
    const made = {};
    for (const field of kind.fields) {
      const twin = old.fields.find((one) => one.name === field.name && one.widget === field.widget);
      if (twin && before.config?.[field.name] !== undefined) made[field.name] = before.config[field.name];
    }
    const text = (fields) => TEXTS.map((name) => fields.find((one) => one.name === name && one.widget === "template")).find(Boolean);
    const [from, to] = [text(old.fields), text(kind.fields)];
    if (from && to && made[to.name] === undefined && made[from.name] === undefined && before.config?.[from.name]) made[to.name] = before.config[from.name];
    return made;
  }

  // A way out goes over by its name, else by its place.
  function wiresOf(before, after) {
    const [old, next] = [portsOf(before), portsOf(after)];
    const normal = (ports) => ports.filter((port) => port.name !== "error").map((port) => port.name);
    const portFor = (port) => {
      if (port === UNDO_PORT) return canBeUndone(after, editor.node(after.parent)) ? port : "";
      if (port === "error" || next.some((one) => one.name === port)) return next.some((one) => one.name === port) ? port : "";
      return normal(next)[normal(old).indexOf(port)] ?? "";
    };
    const into = acceptsInput(after) ? edges().filter((edge) => edge.target === before.id) : [];
    const out = edges().filter((edge) => edge.source === before.id).map((edge) => ({ ...edge, port: portFor(edge.port) }));
    return [...into, ...out.filter((edge) => edge.port)];
  }

  // The chosen steps that a container can be put around: of one scope, without Start.
  function wrappable(ids = editor.state.selection.nodes) {
    const roots = ids.filter((id) => editor.node(id) && !ids.includes(commands.scopeOf(id)));
    const scopes = new Set(roots.map(commands.scopeOf));
    return scopes.size === 1 && !roots.some((id) => kindOf(editor.node(id))?.isEntry) && roots.some((id) => !kindOf(editor.node(id))?.isDrawing) ? roots : [];
  }

  const containers = () => allKinds().filter((kind) => kind.isContainer);

  // Puts a container around the chosen steps; what led to or from them now leads to or from it.
  function wrap(kindName) {
    const roots = wrappable();
    const kind = kindNamed(kindName);
    if (!roots.length || !kind?.isContainer) return;
    const inner = new Set(roots);
    if (edges().some((edge) => inner.has(edge.source) && !inner.has(edge.target) && commands.downstream(edge.target).some((id) => inner.has(id)))) {
      editor.say("Something between the chosen steps is not chosen. Choose it too.");
      return;
    }
    const box = frameOf(commands.boxes(roots));
    const scope = commands.scopeOf(roots[0]);
    const corner = { x: snap(box.x - ROOM.left), y: snap(box.y - ROOM.top) };
    const size = { width: Math.max(320, snap(box.width + ROOM.left + ROOM.right)), height: Math.max(180, snap(box.height + ROOM.top + ROOM.bottom)) };
    const id = newId(kind.title, graph().nodes);
    const holder = { id, kind: kindName, position: { ...corner, ...size }, ...(scope && { parent: scope }) };
    const crossing = edges().filter((edge) => inner.has(edge.source) !== inner.has(edge.target));
    const way = portsOf(holder)[0]?.name;
    const outside = crossing.flatMap((edge) => (inner.has(edge.target) ? [{ ...edge, target: id }] : way ? [{ source: id, port: way, target: edge.target }] : []));
    const operations = [
      { op: "add_node", node: holder },
      ...crossing.map((edge) => ({ op: "disconnect", ...edge })),
      ...roots.map((one) => ({ op: "set_policy", id: one, field: "parent", value: id })),
      { op: "move", moves: roots.map((one) => ({ id: one, x: Math.round(editor.node(one).position.x - corner.x), y: Math.round(editor.node(one).position.y - corner.y) })) },
      ...[...new Map(outside.map((edge) => [edgeId(edge), edge])).values()].map((edge) => ({ op: "connect", ...edge })),
      ...commands.growth(scope, [holder.position]),
    ];
    if (editor.gesture(`Put into ${kind.title}`, operations, { keep: false })) view().select([id]);
  }

  // The steps that a way out may lead to, nearest first.
  function targets(id, port) {
    const here = commands.absolute(id);
    const far = (one) => Math.hypot(commands.absolute(one.id).x - here.x, commands.absolute(one.id).y - here.y);
    return [...graph().nodes.values()].filter((one) => commands.canConnect({ source: id, sourceHandle: port, target: one.id })).sort((a, b) => far(a) - far(b));
  }

  const waysOut = (id) => {
    const node = editor.node(id);
    return node && !kindOf(node)?.isDrawing ? portsOf(node).filter((port) => targets(id, port.name).length) : [];
  };

  const connect = (source, port, target) => editor.gesture("Connect", [{ op: "connect", source, port, target }]);
  const looks = (node, title = labelOf(node)) => ({ title, summary: "", icon: kindOf(node)?.icon ?? "", tone: kindOf(node)?.tone ?? "flow" });

  return { kindsInstead, replace, wrappable, containers, wrap, targets, waysOut, connect, looks };
}
