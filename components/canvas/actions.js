// Named actions that shortcuts, menus, buttons and the command palette share. `act(name)` of the Python side ends here.
import { createChoices } from "./choices.js";
import { operationsOf } from "./fixes.js";
import { createForms } from "./forms.js";
import { whereElse } from "./kind_search.js";
import { groupsOf, labelOf, kindOf } from "./kinds.js";
import { pageEntries } from "./menus.js";

export function createActions({ editor, commands, reshape, view }) {
  const { state } = editor;
  const forms = createForms(editor);
  let kept = "";

  function find(query = state.find?.query ?? "") {
    const wanted = query.trim().toLowerCase();
    const results = [];
    for (const node of wanted ? state.graph.nodes.values() : []) {
      const kind = kindOf(node);
      const text = [labelOf(node), node.id, kind?.title, JSON.stringify(node.config ?? {})].join("\n").toLowerCase();
      const at = text.indexOf(wanted);
      if (at >= 0) results.push({ id: node.id, label: labelOf(node), hint: kind?.title ?? node.kind, icon: kind?.icon ?? "", tone: kind?.tone ?? "flow", at });
    }
    results.sort((a, b) => a.at - b.at);
    editor.set({ find: { query, results: results.slice(0, 50), index: 0, words: wanted ? `${results.length} found` : "" } });
  }

  const pasteText = (text, options) => Boolean(text) && state.doc.canEdit && commands.paste(text, options);
  const actions = {
    keep: (text) => (kept = text),
    pasteText,
    undo: () => editor.undo(),
    redo: () => editor.redo(),
    all: () => view.select([...state.graph.nodes.keys()], [...state.graph.edges.keys()]),
    duplicate: () => commands.duplicate(),
    remove: () => commands.remove(),
    copy: () => {
      kept = commands.copied();
      navigator.clipboard?.writeText(kept).catch(() => {});
    },
    cut: () => {
      actions.copy();
      commands.remove();
    },
    paste: async () => {
      const at = state.menu?.at;
      const text = await (navigator.clipboard?.readText().catch(() => kept) ?? kept);
      if (!pasteText(text, { at }) && !pasteText(kept, { at })) editor.say("There are no steps on the clipboard.");
    },
    find: () => find(),
    search: find,
    findStep: (by) => {
      const { results, index } = state.find;
      if (results.length) editor.set({ find: { ...state.find, index: (index + by + results.length) % results.length } });
    },
    findGo: (id) => {
      const wanted = id ?? state.find?.results[state.find.index]?.id;
      if (wanted) view.jump(wanted);
    },
    findClose: () => editor.set({ find: null }),
    tidy: () => view.tidy(),
    fit: () => view.fit(),
    save: () => {
      document.activeElement?.blur?.();
      editor.hooks.sync?.flush();
    },
    // A step that Tab walked to counts as the chosen one.
    chooseFocused: () => {
      const id = editor.hooks.walked && document.activeElement?.closest?.(".react-flow__node")?.getAttribute("data-id");
      if (id && editor.node(id)) view.select([id]);
    },
    inside: (id) => {
      view.select([id]);
      actions.quick();
    },
    quick: () => actions.chooseFocused() ?? view.openQuick({ x: window.innerWidth / 2 - 150, y: window.innerHeight / 3 }, { ...commands.following(), isFree: true }),
    // Behind Start, which is added too where everything was removed.
    first: () => {
      if (!state.graph.nodes.size) commands.add("start");
      view.select([...state.graph.nodes.keys()].slice(0, 1));
      actions.quick();
    },
    note: () => commands.add("note", { at: state.menu?.at ?? null }),
    insert: () => state.menu && view.openQuick({ x: state.menu.x, y: state.menu.y }, { into: state.menu.target }),
    ...createChoices({ editor, reshape, view }),
    rename: () => whenThere("#field-node-label", (field) => field.focus() ?? field.select?.()),
    sheet: () => editor.set({ sheet: !state.sheet }),
    findings: () => actions.panel("findings"),
    palette: () => {
      actions.paletteSearch("");
      actions.panel("palette");
    },
    panel: (name) => editor.set({ panel: state.panel === name ? "" : name }),
    side: (name) => {
      if (name && name !== state.side) view.select([]);
      editor.set({ side: state.side === name ? "" : name, preview: null });
    },
    closeDock: () => editor.set({ side: "", preview: null }) ?? view.select([]),
    endPreview: () => editor.set({ preview: null }),
    reveal: (id) => view.fit(true, [id]),
    "zoom-in": () => view.zoom(1.25),
    "zoom-out": () => view.zoom(0.8),
    "zoom-100": () => view.zoomTo(1),
    ...Object.fromEntries(["left", "center", "right", "top", "middle", "bottom"].map((how) => [`align-${how}`, () => commands.align(how)])),
    "distribute-x": () => commands.distribute("x"),
    "distribute-y": () => commands.distribute("y"),
    escape: () => {
      for (const name of ["menu", "quick", "find"]) if (state[name]) return editor.set({ [name]: null }) ?? true;
      if (state.panel) return editor.set({ panel: "" }) ?? true;
      if (state.sheet) return editor.set({ sheet: false }) ?? true;
      if (document.activeElement?.closest?.(".af-side-panel")) return document.activeElement.blur() ?? true;
      if (state.selection.nodes.length || state.selection.edges.length) return view.select([]) ?? true;
      if (state.side) return actions.side("") ?? true;
      return false;
    },
    jump: (finding) => {
      if (!finding.node) return;
      editor.set({ preview: null });
      view.jump(finding.node);
      editor.set({ side: "", focusField: finding.field ? { field: finding.field, line: finding.line, column: finding.column } : null });
    },
    // Mends a finding as the checker proposes; the form of the step shows it as a change from elsewhere.
    fix: ({ label, edits }) => {
      if (editor.gesture(label, operationsOf(edits, editor.node), { keep: false })) editor.hooks.sync?.flush();
    },
    menu: (item) => {
      const { menu } = state;
      actions[item.act]?.(menu, item);
      editor.set({ menu: null });
    },
    // One of the page's own entries: what is unsaved goes first, so that the server acts on what the person sees.
    nodeAction: (menu, item) => {
      editor.hooks.sync?.flush();
      editor.hooks.nodeAction?.({ action: item.key, node: menu.target, label: labelOf(editor.node(menu.target) ?? {}) });
    },
    // What a menu offers for the chosen step, worked out when it opens.
    stepEntries: () => editor.set({ stepEntries: state.inspected ? pageEntries(state, state.inspected.id, { edit: state.doc.canEdit, run: state.doc.canRun }) : [] }),
    stepEntry: (key) => state.inspected && actions.nodeAction({ target: state.inspected.id }, { key }),
    quickSearch: (search) => editor.set({ quick: { ...state.quick, search, index: 0, items: state.quick.list(search), hint: whereElse(search) } }),
    quickStep: (by) => {
      const { items, index } = state.quick;
      if (items.length) editor.set({ quick: { ...state.quick, index: (index + by + items.length) % items.length } });
    },
    quickPick: (kind) => {
      const { quick } = state;
      const wanted = kind ?? quick?.items[quick.index]?.kind;
      if (!wanted) return;
      editor.set({ quick: null });
      quick.pick(wanted);
    },
    paletteSearch: (search) => editor.set({ palette: { search, groups: groupsOf(commands.kindsFor(search)), hint: whereElse(search) } }),
    palettePick: (kind) => commands.add(kind, commands.following()),
    paletteEnter: () => {
      const first = state.palette.groups[0]?.kinds[0];
      if (first) actions.palettePick(first.kind);
    },
    setName: (value) => {
      const name = value.trim().slice(0, 120);
      if (name && name !== state.graph.meta.name) editor.gesture("Rename the workflow", [{ op: "set_meta", field: "name", value: name }], { coalesce: "name" });
    },
    nameless: () => editor.say(`A workflow needs a name, so it stays “${state.doc.name}”.`),
    field: forms.setField,
    entry: forms.setEntry,
    pick: forms.toggle,
    relabel: forms.relabel,
    renameId: forms.rename,
    policyField: forms.policy,
    pickModel: forms.pickModel,
    limit: forms.limit,
    meta: forms.meta,
    show: (id) => view.jump(id),
    run: () => document.getElementById("run-workflow")?.click(),
    settle: (key, choice) => editor.hooks.sync?.settle(key, choice),
    notice: () => editor.answer(),
    closeNotice: () => editor.answer({ isDone: false }),
  };

  // What Ctrl-K offers while the editor is open.
  const offers = () => {
    const { canEdit } = state.doc;
    const own = [
      ["Run this workflow", "run", canEdit || state.doc.canRun],
      ["Add a step", "palette", canEdit],
      ["Find a step", "find", true],
      ["Problems", "findings", true],
      ["Tidy up", "tidy", canEdit],
      ["Show everything", "fit", true],
      ["Undo", "undo", canEdit && state.undo.can],
      ["Redo", "redo", canEdit && state.undo.canRedo],
      ["History and versions", () => actions.side("history"), true],
      ["Settings and limits of the workflow", () => actions.side("settings"), true],
      ["Keyboard and mouse", "sheet", true],
    ];
    const entry = ([label, what]) => ({ group: "This workflow", label, hint: "This workflow", run: typeof what === "string" ? () => actions[what]() : what });
    const steps = [...state.graph.nodes.values()].slice(0, 300).map((node) => ({ group: "Steps", label: labelOf(node), hint: kindOf(node)?.title ?? node.kind, key: node.id, isQuiet: true, run: () => view.jump(node.id) }));
    return [...own.filter(([, , isThere]) => isThere).map(entry), ...steps];
  };
  window.afPageActions = offers;

  return actions;
}

// The inspector appears a moment after its step was chosen.
export function whenThere(selector, act, { inside = document, tries = 300 } = {}) {
  const found = inside.querySelector(selector);
  if (found) act(found);
  else if (tries) requestAnimationFrame(() => whenThere(selector, act, { inside, tries: tries - 1 }));
}
