// Ties the editor to the server and to other tabs: what the page's handlers post arrives here, and focus or a neighbour's save asks for news.
import { createSync } from "./sync.js";

const POLL_MS = 12000;

export function connectTabs(editor, { send, pull }) {
  const tab = Math.random().toString(36).slice(2, 12).padEnd(10, "0");
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("af-workflow") : null;
  const sync = createSync(editor, { send, pull, storage: window.localStorage, tab, announce: (revision) => channel?.postMessage({ id: editor.state.doc.id, revision }) });
  editor.hooks.sync = sync;
  editor.hooks.changed = sync.changed;

  const receive = {
    open: ({ detail, catalog }) => {
      editor.open(detail, catalog);
      sync.open(detail);
    },
    saved: sync.received,
    heard: sync.heard,
    refused: sync.refused,
    findings: ({ findings }) => editor.showFindings(findings),
    failed: ({ message }) => editor.set({ failed: message }),
  };
  const drain = () => {
    for (const [name, payload] of (window.afEditorInbox ?? []).splice(0)) receive[name]?.(payload);
  };
  window.afEditorDrain = drain;
  drain();

  if (channel) channel.onmessage = ({ data }) => data.id === editor.state.doc.id && data.revision > sync.own.revision && sync.look();
  const look = () => document.visibilityState === "visible" && sync.look();
  const poll = setInterval(look, POLL_MS);
  const beat = setInterval(sync.beat, 2000);
  // A reload within a moment may take over what this tab could not send.
  const leave = () => {
    sync.flush();
    localStorage.setItem("af-last-tab", tab);
  };
  window.addEventListener("focus", look);
  window.addEventListener("online", look);
  window.addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", look);
  return () => {
    leave();
    clearInterval(poll);
    clearInterval(beat);
    channel?.close();
    window.removeEventListener("focus", look);
    window.removeEventListener("online", look);
    window.removeEventListener("pagehide", leave);
    document.removeEventListener("visibilitychange", look);
    delete window.afEditorDrain;
    editor.hooks.sync = null;
    editor.set({ ready: false });
  };
}
