// The workflow as plain data: applies the same edits as the server (app/services/workflows/draft.py) and gives back their inverse.
import { renameInConfig, renameInValue } from "./references.js";

export const edgeId = (edge) => `${edge.source}.${edge.port ?? "out"}->${edge.target}`;
// Of a run, as in engine.spec.workflow.RunLimits.
export const LIMITS = { max_parallel: 16, timeout_s: 3600, max_steps: 100000, max_cost_micros: null, max_tokens: null };
export const POLICY_DEFAULTS = {
  join: "all",
  others: "finish",
  lock: null,
  retry: { attempts: 1, delay_s: 1, max_delay_s: 60 },
  on_error: { action: "fail", default: null },
  timeout_s: null,
  parent: null,
};

export class Refused extends Error {}

export const IN_A_CIRCLE = "This would go in a circle. Use a Repeat step to do things again.";

// The server leaves out defaults, also the zeros of a position.
const placed = (node) => ({ ...node, position: { x: 0, y: 0, ...node.position } });

export function readGraph(definition) {
  const edges = (definition.edges ?? []).map((edge) => ({ source: edge.source, port: edge.port ?? "out", target: edge.target }));
  return {
    nodes: new Map((definition.nodes ?? []).map((node) => [node.id, placed(node)])),
    edges: new Map(edges.map((edge) => [edgeId(edge), edge])),
    meta: { name: definition.name ?? "", description: definition.description ?? "" },
    limits: definition.limits ?? {},
  };
}

export function writeGraph(graph) {
  return { schema_version: 3, ...graph.meta, nodes: [...graph.nodes.values()], edges: [...graph.edges.values()], limits: graph.limits };
}

export const same = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b);

// Applies a list of edits; throws Refused and leaves the given graph alone. `undo` takes them all back, newest first.
// With `lenient`, edits that no longer fit are left out instead (undo after somebody else's change, unsent edits after a reload).
export function applyAll(graph, operations, { lenient = false } = {}) {
  const draft = { ...graph, nodes: new Map(graph.nodes), edges: new Map(graph.edges) };
  const undo = [];
  const done = [];
  for (const operation of operations) {
    try {
      const inverse = APPLY[operation.op](draft, operation);
      undo.unshift(...inverse);
      done.push(operation);
    } catch (error) {
      if (!(lenient && error instanceof Refused)) throw error;
    }
  }
  return { graph: draft, undo, done };
}

function need(draft, id) {
  const node = draft.nodes.get(id);
  if (!node) throw new Refused(`There is no step '${id}' any more.`);
  return node;
}

function put(draft, id, key, value, isDefault) {
  const node = need(draft, id);
  const next = { ...node };
  if (isDefault) delete next[key];
  else next[key] = value;
  draft.nodes.set(id, next);
}

export function family(graph, id) {
  const found = [id];
  for (const current of found) for (const [other, node] of graph.nodes) if (node.parent === current) found.push(other);
  return found;
}

export function reaches(graph, start, goal) {
  const outgoing = new Map();
  for (const { source, target } of graph.edges.values()) {
    if (!outgoing.has(source)) outgoing.set(source, []);
    outgoing.get(source).push(target);
  }
  const seen = new Set([start]);
  const stack = [start];
  while (stack.length)
    for (const next of outgoing.get(stack.pop()) ?? []) {
      if (next === goal) return true;
      if (!seen.has(next)) {
        seen.add(next);
        stack.push(next);
      }
    }
  return false;
}

function readAt(config, path) {
  return path.reduce((holder, key) => (holder && typeof holder === "object" ? holder[key] : undefined), config);
}

function writeAt(config, [key, ...rest], value, unset) {
  const next = { ...config };
  if (rest.length) next[key] = writeAt(config?.[key] ?? {}, rest, value, unset);
  else if (unset) delete next[key];
  else next[key] = value;
  return next;
}

const APPLY = {
  add_node(draft, { node }) {
    if (draft.nodes.has(node.id)) throw new Refused(`There is already a step '${node.id}'.`);
    if (node.parent && !draft.nodes.has(node.parent)) throw new Refused(`There is no container '${node.parent}'.`);
    draft.nodes.set(node.id, placed(node));
    return [{ op: "remove_node", id: node.id }];
  },
  remove_node(draft, { id }) {
    need(draft, id);
    const doomed = family(draft, id);
    const lost = [...draft.edges.values()].filter((edge) => doomed.includes(edge.source) || doomed.includes(edge.target));
    const undo = [
      ...doomed.map((one) => ({ op: "add_node", node: draft.nodes.get(one) })),
      ...lost.map((edge) => ({ op: "connect", ...edge })),
    ];
    for (const edge of lost) draft.edges.delete(edgeId(edge));
    for (const one of doomed) draft.nodes.delete(one);
    return undo;
  },
  move(draft, { moves }) {
    const old = [];
    for (const { id, ...place } of moves) {
      const before = need(draft, id).position;
      old.push({ id, ...before });
      put(draft, id, "position", { ...before, ...place });
    }
    return [{ op: "move", moves: old }];
  },
  set_label(draft, { id, label }) {
    const before = need(draft, id).label ?? "";
    put(draft, id, "label", label, label === "");
    return [{ op: "set_label", id, label: before }];
  },
  set_config(draft, { id, path, value, unset }) {
    const config = need(draft, id).config ?? {};
    const before = readAt(config, path);
    put(draft, id, "config", writeAt(config, path, value, unset));
    return [before === undefined ? { op: "set_config", id, path, unset: true } : { op: "set_config", id, path, value: before }];
  },
  set_policy(draft, { id, field, value }) {
    const before = need(draft, id)[field] ?? POLICY_DEFAULTS[field];
    if (field === "parent" && value && !draft.nodes.has(value)) throw new Refused(`There is no container '${value}'.`);
    put(draft, id, field, value, same(value, POLICY_DEFAULTS[field]));
    return [{ op: "set_policy", id, field, value: before }];
  },
  connect(draft, { source, port = "out", target }) {
    const edge = { source, port, target };
    const from = need(draft, source);
    const to = need(draft, target);
    if (draft.edges.has(edgeId(edge))) return [];
    if ((from.parent ?? null) !== (to.parent ?? null)) throw new Refused("These two are not in the same container.");
    if (source === target || reaches(draft, target, source)) throw new Refused(IN_A_CIRCLE);
    draft.edges.set(edgeId(edge), edge);
    return [{ op: "disconnect", ...edge }];
  },
  disconnect(draft, { source, port = "out", target }) {
    const edge = { source, port, target };
    if (!draft.edges.delete(edgeId(edge))) return [];
    return [{ op: "connect", ...edge }];
  },
  set_meta(draft, { field, value }) {
    const before = draft.meta[field];
    draft.meta = { ...draft.meta, [field]: value };
    return [{ op: "set_meta", field, value: before }];
  },
  set_limit(draft, { field, value }) {
    const before = draft.limits[field] ?? LIMITS[field];
    draft.limits = { ...draft.limits, [field]: value };
    return [{ op: "set_limit", field, value: before }];
  },
  rename_node(draft, { id, new_id: wanted }) {
    need(draft, id);
    if (id === wanted) return [];
    if (draft.nodes.has(wanted)) throw new Refused(`There is already a step '${wanted}'.`);
    const renames = { [id]: wanted };
    const swap = (one) => (one === id ? wanted : one);
    draft.nodes = new Map(
      [...draft.nodes.values()].map((node) => {
        const config = node.config && renameInConfig(node.config, renames);
        const isTouched = node.id === id || node.parent === id || config !== node.config;
        const next = isTouched ? { ...node, id: swap(node.id), ...(node.parent && { parent: swap(node.parent) }), ...(config && { config }) } : node;
        return [next.id, next];
      }),
    );
    draft.edges = new Map(
      [...draft.edges.values()].map((edge) => {
        const next = edge.source === id || edge.target === id ? { ...edge, source: swap(edge.source), target: swap(edge.target) } : edge;
        return [edgeId(next), next];
      }),
    );
    return [{ op: "rename_node", id: wanted, new_id: id }];
  },
};

// Rewrites the ids and references of edits that were made before nodes got other ids.
export function translate(operations, renames) {
  const swap = (id) => renames[id] ?? id;
  return operations.map((operation) => {
    const next = { ...operation };
    for (const key of ["id", "source", "target"]) if (next[key]) next[key] = swap(next[key]);
    if (next.node) {
      next.node = { ...next.node, id: swap(next.node.id) };
      if (next.node.parent) next.node.parent = swap(next.node.parent);
      if (next.node.config) next.node.config = renameInConfig(next.node.config, renames);
    }
    if (next.moves) next.moves = next.moves.map((move) => ({ ...move, id: swap(move.id) }));
    if (next.op === "set_config" && !next.unset) next.value = renameInValue(next.value, renames);
    if (next.op === "set_policy" && next.field === "parent" && next.value) next.value = swap(next.value);
    return next;
  });
}
