// From the graph to what React Flow draws: one cached object per node and edge, so that only what changed is drawn again.
import { memo } from "react";
import { NodeResizer, Position } from "@xyflow/react";
import { dimmed, editor, marks, overlay, useFact } from "./hooks.js";
import { useElapsed } from "../../ui/elapsed/elapsed.jsx";
import { acceptsInput, canBeUndone, hasRows, HEAD_HEIGHT, kindOf, labelOf, portsOf, ROW_HEIGHT, sizeOf, summaryOf, UNDO_PORT } from "./kinds.js";

const HANDLE = 10;
const NONE = [];

// The bodies are Python components; what moves a node must not draw its body again.
export function nodeTypesOf({ stepBody: Step, noteBody: Note, containerBody: Container }) {
  const isSame = (a, b) => a.data === b.data && a.selected === b.selected && a.width === b.width && a.height === b.height;
  const wrap = (Body, resizable) =>
    memo(function FlowNode({ id, data, selected }) {
      const isDim = useFact(dimmed, id);
      const change = useFact(marks, id);
      return (
        <>
          {resizable && selected && <Resizer id={id} minWidth={resizable[0]} minHeight={resizable[1]} />}
          <div className={`af-node-frame${isDim ? " af-node-dim" : ""}${change ? ` af-changed af-changed-${change}` : ""}`} data-change={change}>
            <Body nodeId={id} data={data} selected={Boolean(selected)} />
          </div>
        </>
      );
    }, isSame);
  return { step: wrap(Step), note: wrap(Note, [140, 80]), container: wrap(Container, [320, 180]) };
}

function Resizer({ id, minWidth, minHeight }) {
  const finish = (_event, { x, y, width, height }) => {
    editor.hooks.sync?.busy(false);
    editor.gesture("Resize", [{ op: "move", moves: [{ id, x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) }] }], { keep: false });
  };
  if (!editor.state.doc.canEdit) return null;
  return <NodeResizer minWidth={minWidth} minHeight={minHeight} onResizeStart={() => editor.hooks.sync?.busy(true)} onResizeEnd={finish} lineClassName="af-resize-line" handleClassName="af-resize-handle" />;
}

// Notes lie below containers, containers below edges, inner ones above outer ones.
function layerOf(node, kind) {
  if (kind?.isDrawing) return -100;
  if (!kind?.isContainer) return 0;
  let depth = 0;
  for (let one = node; one?.parent; one = editor.node(one.parent)) depth += 1;
  return Math.min(-1, depth - 50);
}

const typeOf = (kind) => (kind?.isDrawing ? "note" : kind?.isContainer ? "container" : "step");

const hasUndo = (node) => Boolean(node.parent) && canBeUndone(node, editor.node(node.parent));

function handlesOf(node, ports, size) {
  const at = (x, y) => ({ x: x - HANDLE / 2, y: y - HANDLE / 2, width: HANDLE, height: HANDLE });
  const rows = hasRows(ports);
  const made = ports.map((port, index) => ({
    id: port.name,
    type: "source",
    position: Position.Right,
    ...at(size.width, rows ? HEAD_HEIGHT + ROW_HEIGHT * (index + 0.5) : HEAD_HEIGHT / 2),
  }));
  if (hasUndo(node)) made.push({ id: UNDO_PORT, type: "source", position: Position.Bottom, ...at(size.width / 2, size.height) });
  if (acceptsInput(node)) made.push({ id: "in", type: "target", position: Position.Left, ...at(0, HEAD_HEIGHT / 2) });
  return made;
}

function dataOf(node, findings, isEmpty) {
  const kind = kindOf(node);
  const ports = portsOf(node);
  const rows = hasRows(ports);
  const errors = findings.filter((one) => one.severity === "error").length;
  return {
    label: labelOf(node),
    summary: summaryOf(node),
    title: kind?.title ?? node.kind,
    icon: kind?.icon ?? "circle-help",
    tone: kind?.tone ?? "flow",
    hasInput: acceptsInput(node),
    isSingle: ports.length > 0 && !rows,
    single: rows ? "" : (ports[0]?.name ?? ""),
    hasUndo: hasUndo(node),
    lock: node.lock ?? "",
    rows: rows ? ports.map((port) => ({ ...port, style: port.kind })) : [],
    errors,
    warnings: findings.length - errors,
    problem: findings[0]?.message ?? "",
    isEmpty,
    hint: kind?.hint ?? "",
    text: node.config?.text ?? "",
    color: node.config?.color ?? "yellow",
  };
}

export function createPicture(owner) {
  const cache = new Map();
  const edgeCache = new Map();
  const chosen = { nodes: new Set(), edges: new Set() };
  let holders = new Set(); // containers that hold something in the graph that is drawn, be it the draft or a comparison

  function nodeOf(node) {
    const findings = owner.state.preview ? NONE : owner.findingsOf(node.id);
    const isSelected = chosen.nodes.has(node.id);
    const old = cache.get(node.id);
    const kind = kindOf(node);
    const isEmpty = Boolean(kind?.isContainer) && !holders.has(node.id);
    if (old && old.node === node && old.findings === findings && old.made.selected === isSelected && old.made.data.isEmpty === isEmpty) return old.made;
    const isSame = old && old.findings === findings && old.made.data.isEmpty === isEmpty && sameLook(old.node, node);
    const size = sizeOf(node);
    const made = {
      id: node.id,
      type: typeOf(kind),
      position: { x: node.position.x, y: node.position.y },
      ...size,
      measured: size, // known beforehand, so nodes off screen count when the view is fitted, and nothing is measured twice
      data: isSame ? old.made.data : dataOf(node, findings, isEmpty),
      handles: isSame && old.made.width === size.width ? old.made.handles : kind?.isDrawing ? [] : handlesOf(node, portsOf(node), size),
      selected: isSelected,
      ...(node.parent && { parentId: node.parent }),
      zIndex: layerOf(node, kind),
      ariaLabel: `${labelOf(node)}, ${kind?.title ?? node.kind}`,
      domAttributes: { "data-node": node.id },
    };
    cache.set(node.id, { node, findings, made });
    return made;
  }

  function draw() {
    const { preview } = owner.state;
    const graph = preview?.graph ?? owner.state.graph;
    holders = new Set([...graph.nodes.values()].map((one) => one.parent));
    chosen.nodes = new Set(owner.state.selection.nodes);
    chosen.edges = new Set(owner.state.selection.edges);
    for (const id of cache.keys()) if (!graph.nodes.has(id)) cache.delete(id);
    for (const id of edgeCache.keys()) if (!graph.edges.has(id)) edgeCache.delete(id);
    const nodes = [];
    const placed = new Set();
    const place = (node) => {
      if (placed.has(node.id)) return;
      placed.add(node.id);
      const holder = node.parent && graph.nodes.get(node.parent);
      if (holder) place(holder);
      nodes.push(nodeOf(node));
    };
    for (const node of graph.nodes.values()) place(node);
    const edges = [...graph.edges].map(([id, edge]) => edgeOf(id, edge, graph));
    return { nodes, edges };
  }

  function edgeOf(id, edge, graph) {
    const style = portsOf(graph.nodes.get(edge.source)).find((port) => port.name === edge.port)?.kind ?? lostOr(edge, graph);
    const isSelected = chosen.edges.has(id);
    const change = owner.state.preview?.edges.get(id) ?? "";
    const old = edgeCache.get(id);
    if (old && old.data.style === style && old.data.port === edge.port && old.data.change === change && old.selected === isSelected) return old;
    const made = { id, source: edge.source, sourceHandle: edge.port, target: edge.target, targetHandle: "in", type: "flow", selected: isSelected, data: { style, port: edge.port, change } };
    edgeCache.set(id, made);
    return made;
  }

  function selected(nodes, edges) {
    owner.select(nodes.map((one) => one.id), edges.map((one) => one.id));
  }

  // After a drag React Flow holds newer objects than the cache; forget ours, so that a refused move jumps back.
  function dropped(nodes) {
    for (const node of nodes) cache.delete(node.id);
  }

  return { draw, selected, dropped };
}

function lostOr(edge, graph) {
  const source = graph.nodes.get(edge.source);
  return edge.port === UNDO_PORT && canBeUndone(source, graph.nodes.get(source.parent)) ? "undo" : "lost";
}

const sameLook = (a, b) => a.parent === b.parent && a.lock === b.lock && a.label === b.label && a.config === b.config && a.on_error === b.on_error && a.kind === b.kind && a.id === b.id;

const seconds = (ms) => (!(ms >= 1) ? "" : ms < 1000 ? `${Math.round(ms)} ms` : ms < 60000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60000)} min ${Math.round((ms % 60000) / 1000)} s`);
// Work and waiting are never added up, and waits shorter than this are the worker's, not a person's; app/views/words.py does the same.
const SHORTEST_WAIT = 500;
const workAndWait = ({ ms, waited }) => (waited >= SHORTEST_WAIT ? [ms >= SHORTEST_WAIT && `${seconds(ms)} +`, seconds(waited), "waiting"].filter(Boolean).join(" ") : seconds(ms));
const count = (number) => (!number ? "" : number < 1000 ? `${number} tok` : `${(number / 1000).toFixed(1)}k tok`);
const money = (micros) => (!micros ? "" : `$${(micros / 1e6).toPrecision(2)}`);
const STATUS = { queued: "Queued", running: "Running", waiting: "Waiting", done: "Done", failed: "Failed", skipped: "Skipped", cancelled: "Cancelled", unknown: "Unsure", handled: "Failed, went on" };

// Where a result comes from that the step did not work out in this run.
const SOURCE = { kept: "Kept", edited: "Written by hand", pinned: "Pinned", stubbed: "Dry" };

function Pinned({ problem }) {
  return (
    <div className={problem ? "af-pinned af-pinned-idle" : "af-pinned"} title={problem ? `The pinned output is not used: ${problem}` : "Test runs use the pinned output instead of running this step."}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M6 2h4l-.6 4.2 2.1 2.3v1.2H4.500V8.500L6.600 6.200zM8 9.700V14" />
      </svg>
      Pinned
    </div>
  );
}

// How the step went in two runs.
function Compared({ fact }) {
  return (
    <div className={fact.differs ? "af-run af-run-differs" : "af-run"} data-status={fact.status}>
      <span>{fact.compared}</span>
      <span className="af-run-figures">{fact.times}</span>
    </div>
  );
}

// The state of this node in the run that is shown: what, how long, how much; streaming text below.
export function NodeStatus({ nodeId }) {
  const fact = useFact(overlay, nodeId);
  const isRunning = fact?.status === "running";
  const soFar = useElapsed(fact?.so_far ?? 0, isRunning);
  if (!fact?.status) return fact?.pinned ? <Pinned problem={fact.pin_problem} /> : null;
  if (fact.compared) return <Compared fact={fact} />;
  const isWhole = !isRunning && fact.done === fact.total;
  const items = fact.note || (fact.total > 1 ? (isWhole ? `${fact.total} ${fact.word}` : `${fact.done} of ${fact.total}`) : "");
  const figures = [items, isRunning ? soFar : workAndWait(fact), count(fact.tokens), money(fact.cost_micros)].filter(Boolean).join(" · ");
  return (
    <>
    {fact.pinned && <Pinned problem={fact.pin_problem} />}
    <div className={`af-run af-run-${fact.status}`} data-status={fact.status} title={fact.error || undefined}>
      <span className="af-run-dot" aria-hidden="true" />
      <span>{SOURCE[fact.source] ?? STATUS[fact.status] ?? fact.status}</span>
      {figures && <span className="af-run-figures">{figures}</span>}
      {(fact.error || fact.text) && <p className={fact.error ? "af-run-error" : "af-run-text"}>{fact.error || String(fact.text).slice(-160)}</p>}
    </div>
    </>
  );
}
