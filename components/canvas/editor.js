// The state of the open editor in the browser: the graph, the selection, undo and what the panels around the canvas show.
// Every part is a slice with its own listeners; components/canvas/flow.jsx draws it, sync.js saves it, commands.js changes it.
import { applyAll, edgeId, readGraph, Refused, same } from "./graph.js";
import { idProblem, kindOf, labelOf, limitWords, portsOf, setCatalog, setSteps } from "./kinds.js";

const COALESCE_MS = 1200;
const UNDO_DEPTH = 200;
const EMPTY = { nodes: [], edges: [] };

export function createEditor() {
  const state = {
    ready: false,
    failed: "",
    doc: { id: "", name: "", description: "", canEdit: false, canRun: false, isGone: false },
    graph: readGraph({}),
    selection: EMPTY,
    inspected: null,
    undo: { can: false, label: "", canRedo: false, redoLabel: "" },
    save: { status: "saved", words: "Saved" },
    findings: [],
    counts: { errors: 0, warnings: 0, nodes: 0, words: "No problems" },
    conflicts: [],
    notice: null,
    panel: "",
    sheet: false,
    palette: { search: "", groups: [] },
    quick: null,
    menu: null,
    find: null,
    zoom: 100,
    focusField: null,
    fresh: "",
    side: "",
    runId: "",
    preview: null,
    fieldErrors: {},
    nodeActions: [],
    stepEntries: [],
  };
  const listeners = new Map();
  const hooks = { changed: () => {}, view: null };
  const stacks = { undo: [], redo: [] };
  let findingsByNode = new Map();

  const notify = (keys) => {
    const called = new Set();
    for (const key of keys) for (const listener of listeners.get(key) ?? []) called.add(listener);
    for (const listener of called) listener();
  };
  const set = (patch) => {
    const keys = Object.keys(patch).filter((key) => patch[key] !== state[key]);
    if (!keys.length) return;
    Object.assign(state, patch);
    notify(keys);
  };
  const subscribe = (key, listener) => {
    if (!listeners.has(key)) listeners.set(key, new Set());
    listeners.get(key).add(listener);
    return () => listeners.get(key).delete(listener);
  };

  const node = (id) => state.graph.nodes.get(id);
  const findingsOf = (id) => findingsByNode.get(id) ?? [];

  function inspect() {
    const [id] = state.selection.nodes;
    const one = state.selection.nodes.length === 1 ? node(id) : null;
    const now = state.inspected;
    const findings = one ? findingsOf(id) : [];
    if (!one) return now ? set({ inspected: null }) : undefined;
    if (now && now.node === one && now.findings === findings) return undefined;
    const kind = kindOf(one);
    if (now?.id !== id && Object.keys(state.fieldErrors).length) set({ fieldErrors: {} });
    // `epoch` tells text fields that their value came from elsewhere (undo, another tab) and must replace what they show.
    return set({
      inspected: { id, node: one, label: labelOf(one), kind: kind ?? null, kindName: one.kind, config: one.config ?? {}, ports: portsOf(one), findings, epoch: `${id}:${epoch}` },
    });
  }
  let epoch = 0;

  function replaceGraph(graph, { fromElsewhere = true } = {}) {
    if (fromElsewhere) epoch += 1;
    setSteps(graph.nodes);
    const told = { ...graph.meta, limits: limitWords(graph.limits) };
    set({ graph, doc: Object.keys(told).every((key) => same(state.doc[key], told[key])) ? state.doc : { ...state.doc, ...told } });
    const nodes = state.selection.nodes.filter((id) => graph.nodes.has(id));
    const edges = state.selection.edges.filter((id) => graph.edges.has(id));
    if (nodes.length !== state.selection.nodes.length || edges.length !== state.selection.edges.length) set({ selection: { nodes, edges } });
    inspect();
    if (state.counts.nodes !== graph.nodes.size) set({ counts: { ...state.counts, nodes: graph.nodes.size } });
  }

  function showUndo() {
    const { undo, redo } = stacks;
    const last = undo.at(-1);
    const next = redo.at(-1);
    set({ undo: { can: Boolean(last), label: last?.label ?? "", canRedo: Boolean(next), redoLabel: next?.label ?? "" } });
  }

  // One finished gesture: applied at once, undoable as a whole, handed to the saver. Returns whether it could be done.
  function gesture(label, operations, { coalesce = "", keep = true } = {}) {
    if (!operations.length) return true;
    if (state.preview) {
      say("You are looking at a comparison. Go back to the draft to change it.", { label: "Back to the draft", act: () => set({ preview: null }) });
      return false;
    }
    if (!state.doc.canEdit) {
      say("You may look at this workflow but not change it.");
      return false;
    }
    let result;
    try {
      result = applyAll(state.graph, operations);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      say(error.message);
      return false;
    }
    forgetOffer();
    const at = Date.now();
    const last = stacks.undo.at(-1);
    if (coalesce && last && last.coalesce === coalesce && at - last.at < COALESCE_MS) Object.assign(last, { at, undo: [...result.undo, ...last.undo] });
    else stacks.undo.push({ label, undo: result.undo, coalesce, at });
    if (stacks.undo.length > UNDO_DEPTH) stacks.undo.shift();
    stacks.redo = [];
    replaceGraph(result.graph, { fromElsewhere: !keep });
    showUndo();
    hooks.changed(operations);
    return true;
  }

  function step(from, to) {
    const entry = stacks[from].pop();
    if (!entry || !state.doc.canEdit) return;
    forgetOffer();
    const { graph, undo, done } = applyAll(state.graph, entry.undo, { lenient: true });
    stacks[to].push({ label: entry.label, undo, coalesce: "", at: 0 });
    replaceGraph(graph);
    showUndo();
    if (done.length) hooks.changed(done);
    const touched = [...new Set(done.flatMap((op) => op.moves?.map((move) => move.id) ?? [op.node?.id ?? op.id]))].filter((id) => id && graph.nodes.has(id));
    hooks.view?.reveal(touched);
  }

  // Puts a change that the server made at the person's wish on the stack, so that Undo takes it back.
  function remember(label, undo) {
    if (!undo.length) return;
    stacks.undo.push({ label, undo, coalesce: "", at: 0 });
    stacks.redo = [];
    showUndo();
  }

  // Shows two definitions as one: the newer with what it lost, each difference marked; the draft itself stays untouched below.
  function compare({ before, after, changes } = {}) {
    if (!after) return set({ preview: null });
    const [old, next] = [readGraph(before), readGraph(after)];
    const edges = new Map([...next.edges.keys()].filter((id) => !old.edges.has(id)).map((id) => [id, "added"]));
    for (const id of old.edges.keys()) if (!next.edges.has(id)) edges.set(id, "removed");
    const graph = { ...next, nodes: new Map([...old.nodes, ...next.nodes]), edges: new Map([...old.edges, ...next.edges]) };
    select([]);
    set({ preview: { graph, nodes: new Map(Object.entries(changes ?? {})), edges } });
    return hooks.view?.showChanges();
  }

  function select(nodes, edges = []) {
    if (state.preview && nodes.length) return;
    if (same(nodes, state.selection.nodes) && same(edges, state.selection.edges)) return;
    if (nodes.length === 1 && state.side) set({ side: "" });
    set({ selection: { nodes, edges } });
    inspect();
  }

  function showFindings(list) {
    const byNode = new Map();
    for (const finding of list) {
      if (!finding.node) continue;
      if (!byNode.has(finding.node)) byNode.set(finding.node, []);
      byNode.get(finding.node).push(finding);
    }
    // Keep the old list objects where nothing changed, so that unchanged nodes are not drawn again.
    for (const [id, found] of byNode) if (same(found, findingsByNode.get(id))) byNode.set(id, findingsByNode.get(id));
    findingsByNode = byNode;
    const errors = list.filter((one) => one.severity === "error").length;
    const warnings = list.length - errors;
    const count = (number, word) => (number ? `${number} ${word}${number === 1 ? "" : "s"}` : "");
    const shown = [count(errors, "problem"), count(warnings, "hint")].filter(Boolean).join(", ") || "No problems";
    const named = list.map((one, index) => {
      const at = one.node ? node(one.node) : null;
      return { ...one, key: `${index}:${one.code}`, label: at ? labelOf(at) : "Workflow", icon: (at && kindOf(at)?.icon) || "workflow", tone: at ? kindOf(at)?.tone : "flow" };
    });
    named.sort((a, b) => (a.severity === "error" ? 0 : 1) - (b.severity === "error" ? 0 : 1));
    set({ findings: named, counts: { errors, warnings, nodes: state.graph.nodes.size, words: shown } });
    inspect();
  }

  // A label or config value was edited in a form. Edges on ways out that vanish go along, renamed ways out keep theirs.
  function configure(id, path, value, { unset = false, label } = {}) {
    const before = node(id);
    if (!before) return;
    const now = path.reduce((holder, key) => holder?.[key], before.config);
    if (unset ? now === undefined : now !== undefined && same(now, value)) return;
    const operation = unset ? { op: "set_config", id, path, unset: true } : { op: "set_config", id, path, value };
    const after = applyAll(state.graph, [operation]).graph.nodes.get(id);
    gesture(label ?? `Change ${path[0]}`, [...moveEdges(before, after), operation], { coalesce: `${id}/${path.join("/")}` });
  }

  function setPolicy(id, field, value) {
    const before = node(id);
    if (!before || same(before[field], value)) return;
    const operation = { op: "set_policy", id, field, value };
    const after = applyAll(state.graph, [operation]).graph.nodes.get(id);
    gesture(`Change ${field.replace("_", " ")}`, [...moveEdges(before, after), operation], { coalesce: `${id}/${field}` });
  }

  function moveEdges(before, after) {
    const [old, next] = [portsOf(before).map((port) => port.name), portsOf(after).map((port) => port.name)];
    const gone = old.filter((port) => !next.includes(port));
    const fresh = next.filter((port) => !old.includes(port));
    if (!gone.length) return [];
    const isRenamed = gone.length === 1 && fresh.length === 1 && old.indexOf(gone[0]) === next.indexOf(fresh[0]);
    const affected = [...state.graph.edges.values()].filter((edge) => edge.source === before.id && gone.includes(edge.port));
    const cut = affected.map((edge) => ({ op: "disconnect", ...edge }));
    return isRenamed ? [...cut, ...affected.map((edge) => ({ op: "connect", ...edge, port: fresh[0] }))] : cut;
  }

  function relabel(id, text) {
    if (node(id) && (node(id).label ?? "") !== text) gesture("Rename", [{ op: "set_label", id, label: text.slice(0, 120) }], { coalesce: `${id}/label` });
  }

  function renameId(id, wanted) {
    const problem = wanted === id ? "" : idProblem(wanted, state.graph.nodes);
    if (problem) return say(problem);
    if (wanted !== id && gesture("Rename id", [{ op: "rename_node", id, new_id: wanted }], { keep: false })) hooks.view?.select([wanted]);
    return undefined;
  }

  // A notice that stays is answered before the next one that stays is shown; a passing one covers it for its while.
  let noticeTimer = 0;
  let unanswered = [];
  const showUnanswered = () => set({ notice: unanswered[0] ?? null });
  function say(text, action = null) {
    const notice = { text, label: action?.label ?? "", act: action?.act ?? null, about: action?.about ?? text, canClose: Boolean(action?.canClose) };
    if (action?.stays) {
      const at = unanswered.findIndex((one) => one.about === notice.about);
      unanswered = at < 0 ? [...unanswered, notice] : unanswered.map((one, place) => (place === at ? notice : one));
    } else set({ notice });
    if (action?.stays && state.notice && !unanswered.some((one) => one.about === state.notice.about)) return;
    clearTimeout(noticeTimer);
    if (action?.stays) showUnanswered();
    else noticeTimer = setTimeout(showUnanswered, action ? 9000 : 5000);
  }

  // "Undo" beside a notice takes back what the notice tells, so it goes with the next change.
  function forgetOffer() {
    if (state.notice?.label !== "Undo") return;
    clearTimeout(noticeTimer);
    showUnanswered();
  }

  // The person did what the notice offers, or closed it.
  function answer({ isDone = true } = {}) {
    const { notice } = state;
    if (!notice) return;
    clearTimeout(noticeTimer);
    unanswered = unanswered.filter((one) => one !== notice);
    showUnanswered();
    if (isDone) notice.act?.();
  }

  // What this person may do with the open workflow changed while it was open.
  function allow({ can_edit: canEdit, can_run: canRun, is_gone: isGone = false }) {
    const before = state.doc;
    if (before.canEdit === canEdit && before.canRun === canRun && before.isGone === isGone) return;
    set({ doc: { ...before, canEdit, canRun, isGone }, quick: null, menu: null, panel: canEdit ? state.panel : state.panel.replace("palette", "") });
    say(rightsWords(before, { canEdit, canRun, isGone }), { label: "OK", stays: true, about: "rights" });
  }

  function open(detail, catalog) {
    setCatalog({ ...catalog, agents: detail.agents ?? {} });
    // A page that connects again opens what is open already: rights that changed meanwhile are told like any others.
    const shown = state.ready && state.doc.id === detail.id ? state.doc : null;
    if (!shown) unanswered = unanswered.filter((one) => one.about !== "rights");
    if (!shown && state.notice?.about === "rights") showUnanswered();
    stacks.undo = [];
    stacks.redo = [];
    epoch += 1;
    const { id, name, definition } = detail;
    const { canEdit, canRun } = shown ?? { canEdit: detail.can_edit, canRun: detail.can_run };
    set({ doc: { id, name, description: definition.description ?? "", canEdit, canRun, isGone: false }, selection: EMPTY, inspected: null, ready: true, failed: "", side: "", panel: "", conflicts: [], preview: null });
    replaceGraph(readGraph(definition));
    showFindings(detail.findings ?? []);
    showUndo();
    allow(detail);
  }

  return {
    state, set, subscribe, hooks, node, findingsOf, gesture, select, configure, setPolicy, relabel, renameId, say, answer, open, remember, compare, replaceGraph, showFindings, allow, edgeId,
    undo: () => step("undo", "redo"),
    redo: () => step("redo", "undo"),
    forget: () => { stacks.undo = []; stacks.redo = []; showUndo(); },
  };
}

function rightsWords(before, { canEdit, canRun, isGone }) {
  if (isGone) return "This workflow is no longer shared with you, or it was deleted. What you see is how it stood.";
  if (canEdit) return "You may change this workflow again.";
  if (canRun) return `You may ${before.canEdit ? "no longer change this workflow, only look at it and run it" : "run this workflow now"}.`;
  return "You may only look at this workflow now. Somebody changed how it is shared.";
}
