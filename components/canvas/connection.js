// Ties the editor to the server and to other tabs: what the page's handlers post arrives here, and focus or a neighbour's save asks for news.
import { applyAll } from "./graph.js";
import { createSync } from "./sync.js";

const POLL_MS = 4000; // who loses access is told within five seconds

export function connectTabs(editor, { send, pull, inspect }) {
  const tab = Math.random().toString(36).slice(2, 12).padEnd(10, "0");
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("af-workflow") : null;
  const sync = createSync(editor, { send, pull, storage: window.localStorage, tab, isTyping: () => window.afDrafts > 0, tellTyped: () => window.dispatchEvent(new Event("af:tell-drafts")), announce: (revision) => channel?.postMessage({ id: editor.state.doc.id, revision }) });
  editor.hooks.sync = sync;
  editor.hooks.changed = sync.changed;

  const take = (result, title) => {
    const news = result.operations.filter((one) => one.revision > sync.own.revision).map(({ revision: _revision, ...operation }) => operation);
    const { undo } = applyAll(editor.state.graph, news, { lenient: true });
    sync.heard(result, { isOwn: true });
    editor.remember(title, undo);
  };
  const receive = {
    open: ({ detail, catalog }) => {
      editor.open(detail, catalog);
      sync.open(detail);
    },
    saved: sync.received,
    heard: sync.heard,
    rights: (rights) => {
      sync.allowed(rights);
      lookAgain();
    },
    refused: sync.refused,
    preview: (shown) => editor.compare(shown),
    // A version was brought back: it comes in like somebody's edits, and Undo takes it out again.
    restored: ({ result, title }) => {
      editor.compare();
      take(result, `Go back to ${title}`);
      editor.hooks.view?.fit();
    },
    // What a panel of the page changed in the draft.
    taken: ({ result, title }) => take(result, title),
    findings: ({ findings }) => editor.showFindings(findings),
    show: ({ id }) => editor.hooks.view?.show(id),
    // A run was wanted that these keep from starting.
    problems: ({ message }) => {
      editor.set({ panel: "findings" });
      editor.say(message);
    },
    failed: ({ message }) => editor.set({ failed: message }),
    edit: ({ operations }) => {
      if (!editor.state.doc.canEdit) return sync.lose(operations, "You may no longer change this workflow.");
      for (const operation of operations) edit(editor, operation);
      return sync.flush();
    },
  };
  const drain = () => {
    for (const [name, payload] of (window.afEditorInbox ?? []).splice(0)) receive[name]?.(payload);
  };
  window.afEditorDrain = drain;
  drain();

  // The inspector describes what is saved: it hears of the chosen step, and again whenever a save or somebody else changed it.
  let told = { id: "", epoch: "", revision: 0 };
  const tell = () => {
    const now = { id: editor.state.inspected?.id ?? "", epoch: editor.state.inspected?.epoch ?? "", revision: sync.own.revision };
    const isKnown = now.id === told.id && now.epoch === told.epoch && (!now.id || now.revision === told.revision);
    if (isKnown || (now.id && !sync.isIdle())) return;
    inspect({ id: now.id, fresh: now.id !== told.id || now.epoch !== told.epoch });
    told = now;
  };
  // An agent made in another tab is among the choices when the person comes back.
  const lookAgain = () => told.id && sync.isIdle() && inspect({ id: told.id, fresh: false });
  window.addEventListener("focus", lookAgain);
  const stops = ["inspected", "save"].map((key) => editor.subscribe(key, tell));

  if (channel) channel.onmessage = ({ data }) => data.id === editor.state.doc.id && data.revision > sync.own.revision && sync.look();
  const look = () => document.visibilityState === "visible" && sync.look();
  const poll = setInterval(look, POLL_MS);
  const beat = setInterval(sync.beat, 2000);
  // A reload within a moment may take over what this tab could not send.
  const leave = () => {
    sync.flush();
    localStorage.setItem("af-last-tab", tab);
  };
  window.addEventListener("af:drafts", sync.typed);
  window.addEventListener("focus", look);
  window.addEventListener("online", look);
  window.addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", look);
  return () => {
    leave();
    for (const stop of stops) stop();
    clearInterval(poll);
    clearInterval(beat);
    channel?.close();
    window.removeEventListener("af:drafts", sync.typed);
    window.removeEventListener("focus", look);
    window.removeEventListener("focus", lookAgain);
    window.removeEventListener("online", look);
    window.removeEventListener("pagehide", leave);
    document.removeEventListener("visibilitychange", look);
    delete window.afEditorDrain;
    editor.hooks.sync = null;
    editor.set({ ready: false });
  };
}

// An edit made in the inspector is a gesture like any other: at once on the canvas, undoable, saved in its turn.
function edit(editor, operation) {
  if (operation.op === "set_config") editor.configure(operation.id, operation.path, operation.value, { unset: operation.unset });
  else if (operation.op === "set_policy") editor.setPolicy(operation.id, operation.field, operation.value);
  else if (operation.op === "set_label") editor.relabel(operation.id, operation.label);
  else if (operation.op === "rename_node") editor.renameId(operation.id, operation.new_id);
}
