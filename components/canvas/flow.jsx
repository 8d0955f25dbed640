// Draws the editor's graph with React Flow. Gestures run in the browser; the editor hears of each one when it is finished.
import "@xyflow/react/dist/base.css";
import "./canvas.css";
import { memo, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { Background, MiniMap, ReactFlow, ReactFlowProvider, SelectionMode, useReactFlow, useStoreApi } from "@xyflow/react";
import { connectTabs } from "./connection.js";
import { ConnectionLine, EDGE_TYPES } from "./edges.jsx";
import { bindKeys } from "./keys.js";
import { commands, dimmed, editor, KIND_TYPE, marks, overlay, reshape, useEditor } from "./hooks.js";
import { GRID } from "./places.js";
import { setCatalog } from "./kinds.js";
import { createPicture, nodeTypesOf } from "./picture.jsx";
import { createView } from "./view.js";

const NO_KEYS = [];
const SHIFT = "Shift";
const MULTI = ["Meta", "Control", "Shift"];
const MAP = { width: 168, height: 112 }; // React Flow draws for this size; a size by CSS alone would cut the map off
const PRO = { hideAttribution: true };
const SNAP = [GRID, GRID];

export function FlowCanvas({ overlay: facts, runId = "", ...props }) {
  useEffect(() => editor.set({ runId }), [runId]);
  useEffect(() => {
    if (!facts) return; // somebody else on the page draws them
    overlay.replace(facts);
    editor.hooks.view?.follow();
  }, [facts]);
  return (
    <ReactFlowProvider>
      <Stage {...props} />
    </ReactFlowProvider>
  );
}

const Stage = memo(function Stage({ isNamed, stepBody, noteBody, containerBody, catalog, nodeActions, onSave, onPull, onInspect, onNodeAction, children }) {
  const store = useStoreApi();
  const flow = useReactFlow();
  const frame = useRef(null);
  const ready = useEditor("ready");
  const mode = useColorMode();
  const preview = useEditor("preview");
  const canEdit = useEditor("doc").canEdit && !preview;
  const types = useMemo(() => nodeTypesOf({ stepBody, noteBody, containerBody }), [stepBody, noteBody, containerBody]);
  const picture = useMemo(() => createPicture(editor), []);
  const calls = useRef({});
  calls.current = { onSave, onPull, onInspect, onNodeAction };
  const [view] = useState(() => createView({ editor, commands, flow, store, frame })); // one for good: React Flow renews `flow`

  useEffect(() => {
    setCatalog({ kinds: catalog });
    editor.hooks.view = view;
    editor.hooks.nodeAction = (chosen) => calls.current.onNodeAction?.(chosen);
    const close = connectTabs(editor, {
      send: (batch) => calls.current.onSave?.(batch),
      pull: (asked) => calls.current.onPull?.(asked),
      inspect: (chosen) => calls.current.onInspect?.(chosen),
    });
    const unbind = bindKeys({ editor, commands, reshape, view });
    return () => {
      close();
      unbind();
      editor.hooks.view = null;
    };
  }, [view, catalog]);

  useEffect(() => editor.set({ nodeActions: JSON.parse(nodeActions) }), [nodeActions]);

  useEffect(() => marks.replace(preview?.nodes), [preview]);

  // The picture follows the graph, the findings and a selection made by commands.
  useEffect(() => {
    const draw = () => {
      if (!editor.state.ready) return;
      const { nodes, edges } = picture.draw();
      const { setNodes, setEdges } = store.getState();
      setNodes(nodes);
      setEdges(edges);
    };
    draw();
    const stop = ["graph", "findings", "ready", "preview"].map((key) => editor.subscribe(key, draw));
    return () => stop.forEach((end) => end());
  }, [picture, store]);

  // Everything in sight at the start, also when the frame around gets its final size a moment later.
  useEffect(() => {
    if (!ready) return undefined;
    view.opening();
    let isTouched = false;
    // Where nothing can be changed, a run that begins is watched as a whole, whatever was looked at before.
    const stop = editor.subscribe("runId", () => (isTouched = isTouched && editor.state.doc.canEdit));
    // What is held by the pointer must not move away below it: pressing a step opens the panel that narrows the frame.
    let isHeld = false;
    let isDue = false;
    const settle = () => (isHeld ? (isDue = true) : view.resized(isTouched));
    const watch = new ResizeObserver(() => requestAnimationFrame(settle));
    watch.observe(frame.current);
    const touched = () => (isTouched = true);
    const pressed = () => (isTouched = isHeld = true);
    const released = () => {
      isHeld = false;
      if (isDue) requestAnimationFrame(settle);
      isDue = false;
    };
    const area = frame.current;
    area.addEventListener("pointerdown", pressed, true);
    area.addEventListener("wheel", touched, { passive: true });
    const ends = ["pointerup", "pointercancel"];
    ends.forEach((end) => window.addEventListener(end, released, true));
    return () => {
      stop();
      watch.disconnect();
      area.removeEventListener("pointerdown", pressed, true);
      area.removeEventListener("wheel", touched);
      ends.forEach((end) => window.removeEventListener(end, released, true));
    };
  }, [ready, view]);

  const onSelectionChange = useCallback(({ nodes, edges }) => picture.selected(nodes, edges), [picture]);
  const gestures = useMemo(() => createGestures(view, picture), [view, picture]);
  return (
    <div className={isNamed ? "af-flow af-named" : "af-flow"} ref={frame} onClick={view.clicked} onDragOver={gestures.dragOver} onDragLeave={gestures.dragLeave} onDrop={gestures.drop}>
      <ReactFlow
        defaultNodes={NO_KEYS}
        defaultEdges={NO_KEYS}
        nodeTypes={types}
        edgeTypes={EDGE_TYPES}
        onSelectionChange={onSelectionChange}
        onNodeDragStart={gestures.dragStart}
        onNodeDragStop={gestures.dragStop}
        onSelectionDragStart={gestures.selectionDragStart}
        onSelectionDragStop={gestures.selectionDragStop}
        onConnect={gestures.connect}
        onConnectStart={gestures.connectStart}
        onConnectEnd={gestures.connectEnd}
        isValidConnection={commands.canConnect}
        onNodeContextMenu={gestures.nodeMenu}
        onSelectionContextMenu={gestures.selectionMenu}
        onEdgeContextMenu={gestures.edgeMenu}
        onPaneContextMenu={gestures.paneMenu}
        onPaneClick={gestures.paneClick}
        onDoubleClick={gestures.doubleClick}
        onMove={gestures.move}
        onMoveEnd={gestures.moveEnd}
        connectionLineComponent={ConnectionLine}
        connectionRadius={36}
        nodesConnectable={canEdit}
        nodesDraggable={canEdit}
        onlyRenderVisibleElements
        deleteKeyCode={null}
        selectionKeyCode={SHIFT}
        multiSelectionKeyCode={MULTI}
        selectionMode={SelectionMode.Partial}
        panOnDrag
        panOnScroll={false}
        zoomOnDoubleClick={false}
        elevateNodesOnSelect={false}
        snapToGrid
        snapGrid={SNAP}
        minZoom={0.1}
        maxZoom={2}
        proOptions={PRO}
        panActivationKeyCode="Space"
        nodeDragThreshold={2}
        nodeClickDistance={2}
        autoPanOnNodeFocus
        colorMode={mode}
      >
        <Background gap={GRID} size={1.8} color="var(--af-canvas-dot)" />
        <MiniMap className="af-minimap" pannable zoomable ariaLabel="Overview" nodeClassName={miniClass} nodeBorderRadius={8} offsetScale={4} style={MAP} />
        {children}
      </ReactFlow>
    </div>
  );
});

// React Flow puts its mode on its own element, which would otherwise turn our tokens back to light inside it.
function useColorMode() {
  return useSyncExternalStore(watchMode, () => (document.documentElement.classList.contains("dark") ? "dark" : "light"), () => "light");
}

function watchMode(changed) {
  const watch = new MutationObserver(changed);
  watch.observe(document.documentElement, { attributeFilter: ["class"] });
  return () => watch.disconnect();
}

const miniClass = (node) => `af-map-${node.data.tone}`;

// What the pointer does, translated into gestures of the editor.
function createGestures(view, picture) {
  const begin = () => editor.hooks.sync?.busy(true);
  const end = () => editor.hooks.sync?.busy(false);
  const menu = (event, kind, target) => {
    event.preventDefault();
    view.openMenu(kind, { x: event.clientX, y: event.clientY }, target);
  };
  const drop = (_event, _node, nodes) => {
    end();
    picture.dropped(nodes);
    view.settle(nodes);
  };
  return {
    dragStart: begin,
    dragStop: drop,
    selectionDragStart: begin,
    selectionDragStop: (event, nodes) => drop(event, null, nodes),
    connect: ({ source, sourceHandle, target }) => {
      editor.gesture("Connect", [{ op: "connect", source, port: sourceHandle ?? "out", target }]);
    },
    connectStart: (_event, { nodeId, handleType }) => {
      begin();
      const dim = commands.forbidden(nodeId, handleType === "target");
      dimmed.replace(new Map([...dim].map((id) => [id, { dim: true }])));
    },
    connectEnd: (event, connection) => {
      end();
      dimmed.replace(new Map());
      if (!connection.isValid) view.dropConnection(event, connection);
    },
    nodeMenu: (event, node) => menu(event, "node", node.id),
    selectionMenu: (event) => menu(event, "node", editor.state.selection.nodes[0]),
    edgeMenu: (event, edge) => menu(event, "edge", edge.id),
    paneMenu: (event) => menu(event, "pane", ""),
    paneClick: () => view.closePopups(),
    doubleClick: (event) => {
      const { target } = event;
      const isInBox = target.closest?.(".af-box") && !target.closest(".af-node-head, .af-ports, .react-flow__handle, button");
      if (isInBox || target.classList?.contains("react-flow__pane")) view.openQuick({ x: event.clientX, y: event.clientY });
    },
    move: (_event, { zoom }) => view.far(zoom),
    moveEnd: (_event, { zoom }) => {
      editor.set({ zoom: Math.round(zoom * 100) });
      view.surveyed();
    },
    dragOver: (event) => {
      if (!event.dataTransfer.types.includes(KIND_TYPE)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      view.hover(event);
    },
    dragLeave: () => view.hover(null),
    drop: (event) => {
      const kind = event.dataTransfer.getData(KIND_TYPE);
      if (!kind) return;
      event.preventDefault();
      const into = view.hover(null, event);
      const at = view.toCanvas({ x: event.clientX, y: event.clientY });
      commands.add(kind, { at: view.centred(kind, at), into });
    },
  };
}
