// Two sides of components/canvas/sync.js without a browser: what the editor tells, keeps and sends.
import { createEditor } from "../../components/canvas/editor.js";
import { setCatalog } from "../../components/canvas/kinds.js";
import { createSync } from "../../components/canvas/sync.js";

function emptyStorage() {
  const kept = new Map();
  return {
    get length() {
      return kept.size;
    },
    key: (index) => [...kept.keys()][index],
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, text) => kept.set(key, text),
    removeItem: (key) => kept.delete(key),
  };
}

// An editor of a tab; nothing happens by itself after a while, the test calls what the time would.
function opened(kinds, { person, tab, storage, now = 0 }) {
  setCatalog({ kinds });
  const [editor, sent, drafts] = [createEditor(), [], []];
  const tellTyped = () => drafts.splice(0).forEach((tell) => tell());
  const sync = createSync(editor, { send: (batch) => sent.push(batch), pull: () => {}, storage, tab, now: () => now, timer: () => 0, cancel: () => {}, tellTyped });
  editor.hooks.changed = sync.changed;
  const definition = { name: "Drawn", nodes: [{ id: "one", kind: "template", label: "One", position: { x: 0, y: 0 } }], edges: [] };
  const detail = { id: "drawn", name: "Drawn", revision: 4, can_edit: true, can_run: true, definition, person };
  editor.open(detail);
  sync.open(detail);
  return { editor, sync, sent, drafts };
}

// The notices one after another for somebody who was demoted while typing: each is done or closed before the next is seen.
export function demoted(kinds, isDone) {
  const { editor, sync, sent, drafts } = opened(kinds, { person: "ada@example.org", tab: "first", storage: emptyStorage() });
  drafts.push(() => editor.relabel("one", "Typed"));
  sync.allowed({ can_edit: false, can_run: true });
  const mayEdit = editor.state.doc.canEdit;
  sync.flush();
  sync.refused({ client_key: sent[0].client_key, code: "not_allowed", message: "You may not." });
  editor.answer();
  const told = [editor.state.notice];
  editor.say("Something passing.");
  editor.answer();
  told.push(editor.state.notice);
  editor.answer({ isDone });
  return { mayEdit, sent: sent.map((batch) => batch.operations), told: told.map((one) => one && [one.text, one.label]), last: editor.state.notice };
}

// A change is refused first, and only then the rights are told: both are to be answered, in this order.
export function refusedThenDemoted(kinds) {
  const { editor, sync, sent } = opened(kinds, { person: "ada@example.org", tab: "first", storage: emptyStorage() });
  editor.relabel("one", "Changed");
  sync.flush();
  sync.refused({ client_key: sent[0].client_key, code: "not_allowed", message: "You may not." });
  sync.allowed({ can_edit: false, can_run: false });
  const seen = [];
  while (editor.state.notice) {
    seen.push(editor.state.notice.label);
    editor.answer({ isDone: false });
  }
  return seen;
}

// What each of these people's tabs sends by itself on opening the workflow, after the first left a change unsent.
export function leftFor(kinds, first, ...next) {
  const storage = emptyStorage();
  opened(kinds, { person: first, tab: "left", storage }).editor.relabel("one", "Mine");
  return next.map((person, place) => opened(kinds, { person, tab: `later${place}`, storage, now: 60_000 }).sent.flatMap((batch) => batch.operations.map((one) => one.label)));
}

// What is told of the rights when a connected page opens its workflow again, and when it opens another.
export function reopened(kinds, before, now) {
  const { editor } = opened(kinds, { person: "ada@example.org", tab: "first", storage: emptyStorage() });
  const detail = (id, can_edit) => ({ id, name: "Drawn", revision: 4, can_edit, can_run: false, definition: { name: "Drawn", nodes: [], edges: [] } });
  if (before) editor.allow({ can_edit: false, can_run: false });
  editor.open(detail(now, false));
  return [editor.state.doc.canEdit, editor.state.notice?.label ?? ""];
}
