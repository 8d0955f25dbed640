// What the canvas does with the screen: fitting, revealing, menus and quick-add at the pointer, and what a finished drag means.
import { arrange } from "./layout.js";
import { bareKind, kindNamed, kindOf, NODE_WIDTH, sizeOf } from "./kinds.js";
import { overlay } from "./facts.js";
import { menuItems } from "./menus.js";

const SLOW = 260;
const READABLE = 0.5;
const EDGE = 40; // pixels of the screen
const TOOLS = 72; // what the tools at the bottom cover
const TINY = 0.33;
const FAR = 0.33;
const SHAPE = 0.24; // names are no longer read, but how it branches is seen
const NAMED = 0.55; // names that are drawn larger from here on up are read at first sight
const SMALL = 0.8; // below it, names in such a picture are drawn larger
const NARROW = 600;
const BUSY = new Set(["running", "waiting", "failed"]);
const LEGIBLE = 0.45;
const LEAST = 360; // pixels beside a panel that are worth fitting into
const isCalm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

// How far what lies between two places has to move to lie within a size; its beginning comes first.
function shift(from, to, size, begin = 0) {
  if (from < begin + EDGE) return begin + EDGE - from;
  return to > size - EDGE ? Math.max(size - EDGE - to, begin + EDGE - from) : 0;
}

const QUICK = { width: 340, height: 440 };

export function createView({ editor, commands, flow, store, frame }) {
  const { state } = editor;
  const toCanvas = (point) => flow.screenToFlowPosition(point, { snapToGrid: false });
  const duration = () => (isCalm() ? 0 : SLOW);
  let hovered = null;

  // Where something of a size stands in the middle of what is seen.
  function middle(size) {
    const box = frame.current.getBoundingClientRect();
    const spot = toCanvas({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
    return { x: spot.x - size.width / 2, y: spot.y - Math.min(size.height / 2, 30) };
  }

  function centred(kind, at) {
    const known = kindNamed(bareKind(kind));
    const size = sizeOf({ kind: known?.kind, position: {} });
    return known?.isContainer || known?.isDrawing ? { x: at.x - 40, y: at.y - 30 } : { x: at.x - size.width / 2, y: at.y - 30 };
  }

  // Room for the tools at the bottom, which float above the canvas.
  const ROOM = { top: "36px", right: "36px", bottom: "88px", left: "36px" };

  // How much of the left an open panel covers; one that leaves hardly any room beside it is looked past.
  function covered() {
    if (!frame.current) return 0; // the page was left meanwhile
    const area = frame.current.getBoundingClientRect();
    const panel = frame.current.closest(".af-workbench-canvas")?.querySelector(".af-panel")?.getBoundingClientRect();
    const width = panel ? panel.right - area.x : 0;
    return area.width - width > LEAST ? Math.max(0, width) : 0;
  }

  function fit(isAnimated = true, ids = null) {
    const nodes = ids?.map((id) => ({ id }));
    flow.fitView({ padding: { ...ROOM, left: `${36 + covered()}px` }, maxZoom: 1, minZoom: 0.1, duration: isAnimated ? duration() : 0, ...(nodes && { nodes }) });
  }

  // The smallest zoom at which a whole picture says something: on a phone there is no room to look closer beside it.
  const isNamed = () => Boolean(frame.current?.classList.contains("af-named"));
  const least = () => (isNamed() ? NAMED : store.getState().width < NARROW ? READABLE : state.runId ? TINY : SHAPE);
  const busiest = () => ["waiting", "running", "failed"].map((status) => [...state.graph.nodes.keys()].find((id) => overlay.get(id)?.status === status)).find(Boolean);

  // A run is looked at as a whole; where that would be too small to see, at the step that is busy.
  // At the start everything is in sight if it can be read at that size; else the beginning of the workflow is.
  function opening() {
    const { width, height } = store.getState();
    const all = commands.boxes([...state.graph.nodes.keys()].filter((id) => !editor.node(id).parent));
    if (!all.length || !width) return;
    const [left, top] = [Math.min(...all.map((one) => one.x)), Math.min(...all.map((one) => one.y))];
    const wide = Math.max(...all.map((one) => one.x + one.width)) - left;
    const tall = Math.max(...all.map((one) => one.y + one.height)) - top;
    const whole = Math.min((width - 2 * EDGE) / wide, (height - 4 * EDGE) / tall, 1); // the tools float over the lower part
    if (!state.doc.canEdit && whole >= least()) {
      fit(false); // what is only looked at is shown whole
      editor.set({ zoom: Math.round(whole * 100) });
      return;
    }
    const busy = state.doc.canEdit ? undefined : busiest();
    if (busy) {
      centre(busy, READABLE + 0.1);
      return;
    }
    const zoom = Math.max(whole, isNamed() ? NAMED : READABLE);
    const start = all.find((one) => kindOf(editor.node(one.id))?.isEntry) ?? all[0];
    const x = wide * zoom < width - EDGE ? (width - wide * zoom) / 2 - left * zoom : EDGE - start.x * zoom;
    const y = isNamed() && zoom > whole ? (height - TOOLS) / 2 - (start.y + start.height / 2) * zoom : tall * zoom < height - EDGE ? (height - tall * zoom) / 2 - top * zoom : Math.min(2 * EDGE - top * zoom, height / 2 - start.y * zoom);
    flow.setViewport({ x, y, zoom });
    editor.set({ zoom: Math.round(zoom * 100) });
  }

  // A step with what follows it, where there is room for both: that is where one goes on.
  function withNext(id) {
    const { width, height } = store.getState();
    const next = [...new Set([...state.graph.edges.values()].filter((edge) => edge.source === id).map((edge) => edge.target))].filter(editor.node);
    const fits = (ids) => {
      const boxes = ids.map(onScreen);
      const span = (from, to) => Math.max(...boxes.map((one) => one[to])) - Math.min(...boxes.map((one) => one[from]));
      return span("left", "right") <= width - 2 * EDGE && span("top", "bottom") <= height - TOOLS - 2 * EDGE;
    };
    return [[id, ...next], [id, ...next.slice(0, 1)]].find(fits) ?? [id];
  }

  // The frame got another size: the chosen step stays in sight, or the one that a question below it is about; while nobody moved the
  // view, everything does.
  function resized(isTouched) {
    const [chosen] = state.selection.nodes;
    if (!isTouched && state.runId && !state.doc.canEdit) opening();
    if (chosen && editor.node(chosen)) {
      bringIn(withNext(chosen));
    } else if (!isTouched && !state.runId) opening();
    else if (state.runId && state.doc.canEdit) bringIn([...state.graph.nodes.keys()].filter((id) => overlay.get(id)?.status === "waiting").slice(0, 1));
    surveyed();
  }

  // While something is drawn, a run moves nothing but what is busy into sight, once, if nothing of that is seen; the zoom stays.
  let followed = "";
  function follow() {
    if (!state.doc.canEdit || !state.runId || followed === state.runId) return;
    const busy = [...state.graph.nodes.keys()].filter((id) => BUSY.has(overlay.get(id)?.status));
    if (!busy.length) return;
    followed = state.runId;
    if (!busy.some(isVisible)) bringIn(busy.slice(0, 1));
  }

  // A comparison is looked at as a whole; the new picture is drawn before that.
  const showChanges = () => requestAnimationFrame(() => fit());

  // Whether every step is in sight.
  function surveyed() {
    const begin = covered();
    const isWhole = [...state.graph.nodes.keys()].every((id) => isBeside(id, begin));
    frame.current?.classList.toggle("af-whole", isWhole);
  }

  function centre(id, zoom = flow.getZoom()) {
    const place = commands.absolute(id);
    const size = sizeOf(editor.node(id));
    flow.setCenter(place.x + size.width / 2, place.y + size.height / 2, { zoom, duration: duration() });
  }

  // Where a step lies on the screen, in pixels of the frame.
  function onScreen(id) {
    const [x, y, zoom] = store.getState().transform;
    const place = commands.absolute(id);
    const size = sizeOf(editor.node(id));
    const [left, top] = [place.x * zoom + x, place.y * zoom + y];
    return { left, top, right: left + size.width * zoom, bottom: top + size.height * zoom };
  }

  // Where a list about a step opens: right of it, as far as that is in sight.
  function beside(id) {
    const box = frame.current.getBoundingClientRect();
    const { right, top } = onScreen(id);
    return { x: box.x + Math.max(0, Math.min(right + 12, box.width)), y: box.y + Math.max(0, Math.min(top, box.height - 200)) };
  }

  const isVisible = (id) => isBeside(id, covered());
  function isBeside(id, begin) {
    const { width, height } = store.getState();
    const { left, top, right, bottom } = onScreen(id);
    return left > begin && top > 0 && right < width && bottom < height - TOOLS;
  }

  // The smallest move that brings steps into sight; a move that was under way may lead elsewhere, so it is looked at again.
  function bringIn(ids) {
    const there = ids.filter(editor.node);
    if (there.every(isVisible)) return;
    const { transform, width, height } = store.getState();
    const boxes = there.map(onScreen);
    const [left, top] = [Math.min(...boxes.map((one) => one.left)), Math.min(...boxes.map((one) => one.top))];
    const [right, bottom] = [Math.max(...boxes.map((one) => one.right)), Math.max(...boxes.map((one) => one.bottom))];
    const x = transform[0] + shift(left, right, width, covered());
    const y = transform[1] + shift(top, bottom, height - TOOLS);
    flow.setViewport({ x, y, zoom: transform[2] }, { duration: duration() });
    const [first] = there;
    setTimeout(() => editor.node(first) && state.selection.nodes.includes(first) && !isVisible(first) && centre(first), duration() + 60);
  }

  function reveal(ids) {
    if (ids.length && ids.length < 50 && !ids.every(isVisible)) fit(true, ids);
  }

  function select(nodes, edges = []) {
    const mark = (list, chosen) => list.map((one) => (Boolean(one.selected) === chosen.has(one.id) ? one : { ...one, selected: chosen.has(one.id) }));
    const now = store.getState();
    now.setNodes(mark(now.nodes, new Set(nodes)));
    now.setEdges(mark(now.edges, new Set(edges)));
    editor.select(nodes, edges);
  }

  // A click on one of several chosen steps chooses only that one; React Flow would leave all of them chosen, for a drag.
  function clicked(event) {
    if (event.shiftKey || event.ctrlKey || event.metaKey || event.target.closest(".react-flow__handle")) return;
    const isPicked = event.target.closest(".react-flow__node, .react-flow__nodesselection");
    const one = isPicked && document.elementsFromPoint(event.clientX, event.clientY).find((element) => element.closest(".react-flow__node"));
    const id = one?.closest(".react-flow__node").getAttribute("data-id");
    const { nodes, edges } = state.selection;
    if (!id || !nodes.includes(id) || nodes.length + edges.length < 2) return;
    store.setState({ nodesSelectionActive: false });
    select([id]);
  }

  function jump(id) {
    if (!editor.node(id)) return;
    select([id]);
    centre(id, Math.max(0.8, Math.min(1.1, flow.getZoom())));
  }

  // Chosen elsewhere on the page: marked, and brought to a readable size in the middle unless it is in sight already.
  function show(id) {
    if (!editor.node(id)) return;
    const isSeen = isVisible(id) && flow.getZoom() >= LEGIBLE;
    select([id]);
    if (!isSeen) centre(id, Math.max(0.75, flow.getZoom()));
  }

  // A drag ended: one gesture with the moves, the change of container and the edges that this cuts, or the edge it lands on.
  function settle(nodes) {
    const ids = new Set(nodes.map((one) => one.id));
    const roots = nodes.filter((one) => !ids.has(editor.node(one.id)?.parent) && editor.node(one.id));
    const operations = [];
    const moves = [];
    let cuts = 0;
    for (const one of roots) {
      const node = editor.node(one.id);
      const now = absoluteOf(one);
      const size = sizeOf(node);
      const target = kindOf(node)?.isEntry ? null : commands.containerAt({ x: now.x + size.width / 2, y: now.y + Math.min(size.height / 2, 40) }, new Set(inside(one.id)));
      const parent = node.parent ?? null;
      if (target === parent) {
        moves.push({ id: one.id, x: Math.round(one.position.x), y: Math.round(one.position.y) });
        continue;
      }
      const origin = target ? commands.absolute(target) : { x: 0, y: 0 };
      const crossing = [...state.graph.edges.values()].filter((edge) => (edge.source === one.id || edge.target === one.id) && !(ids.has(edge.source) && ids.has(edge.target)));
      cuts += crossing.length;
      operations.push(...crossing.map((edge) => ({ op: "disconnect", ...edge })), { op: "set_policy", id: one.id, field: "parent", value: target });
      moves.push({ id: one.id, x: Math.round(now.x - origin.x), y: Math.round(now.y - origin.y) });
    }
    const changed = moves.filter(({ id, x, y }) => editor.node(id).position.x !== x || editor.node(id).position.y !== y);
    if (changed.length) operations.push({ op: "move", moves: changed });
    if (roots.length === 1 && !cuts) operations.push(...landing(roots[0].id, operations));
    if (operations.length && !editor.gesture(roots.length === 1 ? "Move" : `Move ${roots.length} steps`, operations)) editor.replaceGraph({ ...state.graph });
    if (cuts) editor.say(`${cuts} connection${cuts === 1 ? "" : "s"} removed: they cannot cross the edge of a container.`, { label: "Undo", act: editor.undo });
  }

  const absoluteOf = (one) => store.getState().nodeLookup.get(one.id)?.internals.positionAbsolute ?? one.position;
  const inside = (id) => [id, ...[...state.graph.nodes.values()].filter((one) => one.parent === id).flatMap((one) => inside(one.id))];

  function landing(id, earlier) {
    if (earlier.some((one) => one.op === "set_policy")) return [];
    const box = frame.current.querySelector(`[data-id="${CSS.escape(id)}"]`)?.getBoundingClientRect();
    const key = box && edgeAt({ x: box.x + box.width / 2, y: box.y + Math.min(box.height / 2, 30) });
    return key ? commands.insertExisting(id, key) : [];
  }

  function edgeAt({ x, y }) {
    for (const element of document.elementsFromPoint(x, y)) {
      const edge = element.closest?.(".react-flow__edge");
      if (edge) return edge.getAttribute("data-id");
    }
    return "";
  }

  // While something from the palette hovers, the edge below it lights up; returns the edge for the drop.
  function hover(event, dropped = null) {
    const over = event ?? dropped;
    const key = over ? edgeAt({ x: over.clientX, y: over.clientY }) : "";
    const element = event && key ? frame.current.querySelector(`.react-flow__edge[data-id="${CSS.escape(key)}"]`) : null;
    if (element !== hovered) {
      hovered?.classList.remove("af-edge-target");
      element?.classList.add("af-edge-target");
      hovered = element;
    }
    return key;
  }

  // A connection was dropped beside every port: on a node it connects to it, on the canvas it offers what could follow.
  function dropConnection(event, connection) {
    if (!connection.fromNode) return;
    const point = "changedTouches" in event ? event.changedTouches[0] : event;
    const spot = { x: point.clientX, y: point.clientY };
    const isBackwards = connection.fromHandle?.type === "target";
    const from = { id: connection.fromNode.id, port: connection.fromHandle?.id ?? "out" };
    const other = connection.toNode?.id ?? landedOn(spot, from.id);
    if (other) {
      if (other === from.id && (!connection.toHandle || connection.toHandle.type === connection.fromHandle?.type)) return; // it was hardly pulled
      const wish = isBackwards ? { source: other, sourceHandle: connection.toHandle?.id ?? firstPort(other), target: from.id } : { source: from.id, sourceHandle: from.port, target: other };
      const problem = commands.whyNot(wish);
      if (problem) editor.say(problem);
      else editor.gesture("Connect", [{ op: "connect", source: wish.source, port: wish.sourceHandle ?? "out", target: wish.target }]);
      return;
    }
    openQuick(spot, isBackwards ? { to: { id: from.id } } : { from });
  }

  // The step at a point of the screen; a container counts unless the step that is led from stands in it.
  function landedOn(spot, from) {
    const id = document.elementFromPoint(spot.x, spot.y)?.closest?.(".react-flow__node")?.getAttribute("data-id");
    const isAround = (one) => Boolean(one) && (one === id || isAround(commands.scopeOf(one)));
    return id && (id === from || !isAround(commands.scopeOf(from))) ? id : null;
  }

  const firstPort = (id) => store.getState().nodeLookup.get(id)?.data.rows[0]?.name || "out";

  // What is picked is put at the spot, or where there is room: `beside` a step or in the middle.
  function openQuick(spot, { from = null, to = null, into = "", beside = null, inside = "", isFree = false } = {}) {
    if (!state.doc.canEdit) return;
    closePopups();
    const at = toCanvas(spot);
    const scope = into ? state.graph.edges.get(into)?.source : (from?.id ?? to?.id);
    const place = isFree ? null : { x: at.x - (to ? NODE_WIDTH : into ? NODE_WIDTH / 2 : 0), y: at.y - 30 };
    choose(spot, {
      prompt: "Add a step",
      wire: wireTo(spot, from ?? to, Boolean(to)),
      list: (search) => commands.offered(search, { onlyAfter: Boolean(scope || inside) }),
      pick: (kind) => commands.add(kind, { at: place, from, to, into, beside, inside }),
    });
  }

  // A list at a point that is searched by typing: `list(search)` gives looks of kinds or steps, `pick(kind)` takes one.
  function choose(spot, { prompt, list, pick, wire = "" }) {
    if (!state.doc.canEdit) return;
    closePopups();
    const looks = (search) => list(search).map((look) => ({ heading: "", ...look }));
    editor.set({ quick: { ...clamp(spot, QUICK.width, QUICK.height), wire, prompt, list: looks, pick, search: "", index: 0, items: looks("") } });
  }

  // The path on the screen from the port that was dragged to where it was dropped; it stays in sight while the step is chosen.
  function wireTo({ x, y }, end, isBackwards) {
    if (!end || !store.getState().nodeLookup.get(end.id)?.internals.handleBounds) return "";
    const name = isBackwards ? "in" : (end.port ?? "out");
    const box = document.querySelector(`.react-flow__handle[data-nodeid="${CSS.escape(end.id)}"][data-handleid="${CSS.escape(name)}"]`)?.getBoundingClientRect();
    if (!box) return "";
    const [fromX, fromY] = [box.x + box.width / 2, box.y + box.height / 2];
    const bend = Math.max(40, Math.abs(x - fromX) / 2) * (isBackwards ? -1 : 1);
    return `M ${fromX} ${fromY} C ${fromX + bend} ${fromY} ${x - bend} ${y} ${x} ${y}`;
  }

  const clamp = ({ x, y }, width, height) => ({ x: Math.max(8, Math.min(x, window.innerWidth - width - 8)), y: Math.max(8, Math.min(y, window.innerHeight - height - 8)) });

  function openMenu(kind, spot, target) {
    closePopups();
    if (kind === "node" && target && !state.selection.nodes.includes(target)) select([target]);
    if (kind === "edge") select([], [target]);
    const items = menuItems({ kind, target, state, editor });
    editor.set({ menu: { kind, target, ...clamp(spot, 230, items.length * 31 + 20), at: toCanvas(spot), items } });
  }

  function closePopups() {
    if (state.menu) editor.set({ menu: null });
    if (state.quick) editor.set({ quick: null });
  }

  const cut = (id) => commands.remove([], [id]);

  // Lets nodes glide to new places, then saves them as one gesture.
  async function tidy() {
    const only = state.selection.nodes.length > 1 ? new Set(state.selection.nodes) : null;
    const moves = arrange(state.graph, only);
    if (!moves.length) return editor.say("Everything is in order already.");
    await glide(moves);
    editor.gesture("Tidy up", [{ op: "move", moves }, ...(only ? holding(moves) : [])], { keep: false });
    if (!only) fit();
    return undefined;
  }

  // Containers of which only some steps were arranged still hold them.
  function holding(moves) {
    const scopes = new Set(moves.map((move) => commands.scopeOf(move.id)).filter((scope) => scope && !moves.some((move) => move.id === scope)));
    return [...scopes].flatMap((scope) => commands.growth(scope, moves.filter((move) => commands.scopeOf(move.id) === scope).map((move) => ({ ...sizeOf(editor.node(move.id)), ...move }))));
  }

  function glide(moves) {
    if (isCalm() || moves.length > 250) return Promise.resolve();
    const goal = new Map(moves.map((move) => [move.id, move]));
    const start = new Map(store.getState().nodes.filter((one) => goal.has(one.id)).map((one) => [one.id, one.position]));
    const begun = performance.now();
    return new Promise((finish) => {
      const frameOf = (time) => {
        const part = Math.min(1, Math.max(0, (time - begun) / SLOW));
        const eased = 1 - (1 - part) ** 3;
        const between = (from, to) => from + (to - from) * eased;
        const { nodes, setNodes } = store.getState();
        setNodes(nodes.map((one) => (goal.has(one.id) ? { ...one, position: { x: between(start.get(one.id).x, goal.get(one.id).x), y: between(start.get(one.id).y, goal.get(one.id).y) } } : one)));
        if (part < 1) requestAnimationFrame(frameOf);
        else finish();
      };
      requestAnimationFrame(frameOf);
    });
  }

  // Seen from far away, steps are coloured boxes; seen from less far, names grow where the page wants them read.
  function far(level) {
    frame.current?.classList.toggle("af-far", level < FAR);
    frame.current?.classList.toggle("af-small-scale", level < SMALL);
  }
  const zoom = (factor) => flow.zoomTo(Math.max(0.1, Math.min(2, flow.getZoom() * factor)), { duration: duration() });
  const zoomTo = (level) => flow.zoomTo(level, { duration: duration() });
  return { surveyed, showChanges, middle, centred, toCanvas, opening, resized, fit, follow, reveal, bringIn, select, clicked, jump, show, settle, hover, dropConnection, openQuick, choose, beside, openMenu, closePopups, cut, tidy, far, zoom, zoomTo };
}
