// Edges: soft curves with a "+" and a bin on the one under the pointer, and the line that follows a connection being drawn.
import { memo, useRef, useState } from "react";
import { BaseEdge, EdgeLabelRenderer, getBezierPath } from "@xyflow/react";
import { commands, editor, overlay, useFact } from "./hooks.js";

// Two runs on one canvas: which of them went this way.
function comparedWay(from, to, port) {
  const [a, b] = [from.ports, from.ports_b].map((ports) => ports?.split(" ").includes(port) && to);
  return a && b ? "taken" : a ? "taken-a" : b ? "taken-b" : "left";
}

// In a run that is shown, the ways that were taken stand out and those that were not step back.
function useWay(source, port, target) {
  const from = useFact(overlay, source);
  const to = useFact(overlay, target);
  if (!from?.status || from.status === "queued") return "";
  if (from.compared) return comparedWay(from, to, port);
  if (from.ports?.split(" ").includes(port)) return to?.status === "skipped" && from.status !== "running" ? "" : "taken";
  return ["done", "failed", "handled", "skipped", "cancelled"].includes(from.status) ? "left" : "";
}

const FlowEdge = memo(function FlowEdge({ id, source, target, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, selected, data }) {
  const [isHot, setState] = useState(false);
  const timer = useRef(0);
  // The tools stand beside the line, so leaving it must not take them away at once.
  const setHot = (on) => {
    clearTimeout(timer.current);
    if (on) setState(true);
    else timer.current = setTimeout(() => setState(false), 160);
  };
  const [path, labelX, labelY] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition });
  const way = useWay(source, data.port, target);
  return (
    <g onPointerEnter={() => setHot(true)} onPointerLeave={() => setHot(false)} className={`af-edge af-edge-${data.style}${selected ? " af-edge-on" : ""}${way && ` af-edge-${way}`}${data.change && ` af-edge-${data.change}`}`} data-edge={id} data-way={way || undefined}>
      <BaseEdge path={path} interactionWidth={22} />
      {(isHot || selected) && editor.state.doc.canEdit && (
        <EdgeLabelRenderer>
          <div className="af-edge-tools nodrag nopan" style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)` }} onPointerEnter={() => setHot(true)} onPointerLeave={() => setHot(false)}>
            <button type="button" title="Insert a step" aria-label="Insert a step here" onClick={(event) => editor.hooks.view.openQuick({ x: event.clientX, y: event.clientY }, { into: id })}>
              <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M8 3.5v9M3.5 8h9" /></svg>
            </button>
            <button type="button" title="Remove the connection" aria-label="Remove the connection" onClick={() => editor.hooks.view.cut(id)}>
              <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4.5 4.5l7 7M11.5 4.5l-7 7" /></svg>
            </button>
          </div>
        </EdgeLabelRenderer>
      )}
    </g>
  );
});

// Which way the run went: taken, left out, or nothing to say (not there yet, several passes, a step that was skipped).
export const EDGE_TYPES = { flow: FlowEdge };

// Over a way in that it must not lead to, the line says why.
export function ConnectionLine({ fromX, fromY, toX, toY, fromPosition, toPosition, connectionStatus, fromNode, fromHandle, toNode, toHandle }) {
  const [path] = getBezierPath({ sourceX: fromX, sourceY: fromY, targetX: toX, targetY: toY, sourcePosition: fromPosition, targetPosition: toPosition });
  const problem = connectionStatus === "invalid" && toNode && toHandle && fromHandle?.type !== toHandle.type ? whyNot(fromNode.id, fromHandle, toNode.id, toHandle) : "";
  return (
    <g className={`af-drawing af-drawing-${connectionStatus ?? "free"}`}>
      <path d={path} fill="none" />
      <circle cx={toX} cy={toY} r={4.5} />
      {problem && (
        <foreignObject x={toX - 130} y={toY + 16} width={260} height={120}>
          <div className="af-drawing-why">{problem}</div>
        </foreignObject>
      )}
    </g>
  );
}

const whyNot = (from, fromHandle, to, toHandle) =>
  fromHandle.type === "target" ? commands.whyNot({ source: to, sourceHandle: toHandle.id, target: from }) : commands.whyNot({ source: from, sourceHandle: fromHandle.id, target: to });
