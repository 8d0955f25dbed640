// Saves gestures: one message per batch, repeated under the same key until it is answered, kept in localStorage meanwhile.
// What others saved is merged underneath what is still unsaved here; app/services/workflows/edits.py is the other side.
import { applyAll, readGraph, translate } from "./graph.js";
import { kindOf, labelOf } from "./kinds.js";

const DEBOUNCE_MS = 300;
const ANSWER_MS = 8000;
const RETRY_MS = [2000, 5000, 10000, 20000, 30000];
const MOST_OPERATIONS = 1500;
const MOST_CHARACTERS = 500000;
const STALE_TAB_MS = 8000;
const WORDS = { saved: "Saved", saving: "Saving…", offline: "Offline, will retry", signedOut: "Sign in again to save", readonly: "View only", runonly: "View and run" };

const restOf = ({ can_edit: canEdit, can_run: canRun }) => (canEdit ? "saved" : canRun ? "runonly" : "readonly");

export function createSync(editor, { send, pull, storage, now = () => Date.now(), timer = (act, ms) => setTimeout(act, ms), cancel = clearTimeout, tab, announce = () => {}, isTyping = () => false, tellTyped = () => {} }) {
  const own = { base: null, revision: 0, queue: [], inflight: null, number: 0, tries: 0, isBusy: false, id: "", waiting: [], lost: new Map(), person: "", unsaved: [] };
  let debounce = 0;
  let answer = 0;
  const show = (status) => editor.state.save.status !== status && editor.set({ save: { status, words: WORDS[status] } });
  // What waits in a browser is the person's who made it: nobody else who signs in there sends it.
  const slots = () => `af-edits:${own.id}:${encodeURIComponent(own.person)}:`;
  const slot = () => `${slots()}${tab}`;

  function persist() {
    const batches = [...(own.inflight ? [own.inflight] : []), ...own.queue];
    try {
      if (batches.length) storage.setItem(slot(), JSON.stringify({ seen: now(), number: own.number, batches }));
      else storage.removeItem(slot());
    } catch {
      editor.say("This browser's storage is full: unsaved changes will not survive a reload.");
    }
  }

  function open(detail) {
    Object.assign(own, { id: detail.id, person: detail.person ?? "", base: readGraph(detail.definition), revision: detail.revision, queue: [], inflight: null, tries: 0, waiting: [] });
    cancel(answer);
    show(restOf(detail));
    if (detail.can_edit) adopt();
  }

  // Batches that a closed or reloaded tab could not deliver are sent again under their old keys.
  function adopt() {
    const found = [];
    for (let index = 0; index < storage.length; index += 1) {
      const key = storage.key(index);
      if (key?.startsWith(slots()) && key !== slot()) found.push(key);
    }
    for (const key of found) {
      const left = JSON.parse(storage.getItem(key) ?? "null");
      if (!left || (now() - left.seen < STALE_TAB_MS && !key.endsWith(`:${storage.getItem("af-last-tab")}`))) continue;
      storage.removeItem(key);
      for (const batch of left.batches) own.queue.push({ ...batch, base: Math.min(batch.base, own.revision), key: batch.key ?? "" });
    }
    if (!own.queue.length) return;
    editor.replaceGraph(applyAll(own.base, own.queue.flatMap((one) => one.operations), { lenient: true }).graph);
    persist();
    flush();
  }

  function changed(operations) {
    const last = own.queue.at(-1);
    const size = JSON.stringify(operations).length;
    if (last && !last.key && last.base === own.revision && last.operations.length + operations.length < MOST_OPERATIONS && last.size + size < MOST_CHARACTERS) {
      last.operations.push(...operations);
      last.size += size;
    } else for (const part of portions(operations)) own.queue.push({ base: own.revision, operations: part, size: size, key: "" });
    persist();
    show("saving");
    cancel(debounce);
    debounce = timer(flush, DEBOUNCE_MS);
  }

  function flush() {
    if (own.inflight || own.isBusy || !own.queue.length) return;
    const batch = own.queue.shift();
    own.inflight = batch.key ? batch : { ...batch, key: `${tab}:${(own.number += 1)}` };
    persist();
    deliver();
  }

  // Edits in a form are not part of a longer gesture: they leave with the end of this turn, several of them together.
  function soon() {
    cancel(debounce);
    debounce = timer(flush, 0);
  }

  function deliver() {
    const batch = own.inflight;
    if (!batch) return;
    cancel(answer);
    answer = timer(retry, ANSWER_MS);
    if (own.tries === 0) show("saving");
    send({ workflow_id: own.id, base_revision: batch.base, client_key: batch.key, operations: batch.operations });
  }

  function retry() {
    if (!own.inflight) return;
    show("offline");
    cancel(answer);
    answer = timer(deliver, RETRY_MS[Math.min(own.tries, RETRY_MS.length - 1)]);
    own.tries += 1;
  }

  function received(result) {
    if (own.isBusy) return own.waiting.push(() => received(result));
    const batch = own.inflight;
    if (!batch || batch.key !== result.client_key) return undefined;
    cancel(answer);
    if (result.operations?.length) tellTyped();
    Object.assign(own, { inflight: null, tries: 0 });
    const accepted = without(batch.operations, result.conflicts ?? []);
    rebase(result, accepted, result.renamed ?? {});
    if (result.conflicts?.length) editor.set({ conflicts: [...editor.state.conflicts, ...result.conflicts.map((one) => name(editor, one))] });
    if (result.findings) editor.showFindings(result.findings);
    announce(own.revision);
    persist();
    if (own.queue.length) flush();
    else show(!editor.state.doc.canEdit ? restOf({ can_run: editor.state.doc.canRun }) : isTyping() ? "saving" : "saved");
    return undefined;
  }

  // Saved is what the server has; what is being typed is not yet.
  function typed() {
    if (["saved", "saving"].includes(editor.state.save.status)) show(isIdle() && !isTyping() ? "saved" : "saving");
  }

  function heard(result, { isOwn = false } = {}) {
    if (own.isBusy) return own.waiting.push(() => heard(result, { isOwn }));
    if (result.revision <= own.revision) return undefined;
    tellTyped(); // it was typed on top of the older revision, and is saved as such: so the same field changed twice is asked about
    rebase(result, [], {});
    if (result.findings) editor.showFindings(result.findings);
    if (result.operations.length && !isOwn) editor.say(`Changes from ${result.by || "somebody else"} were merged in.`);
    return undefined;
  }

  function rebase(result, accepted, renamed) {
    const foreign = (result.operations ?? []).filter((one) => one.revision > own.revision).map(({ revision: _revision, ...operation }) => operation);
    const isPlain = !foreign.length && !Object.keys(renamed).length && !(result.conflicts ?? []).length;
    for (const one of foreign) if (one.op === "remove_node" && editor.node(one.id)) own.lost.set(one.id, editor.node(one.id));
    own.base = applyAll(own.base, [...foreign, ...translate(accepted, renamed)], { lenient: true }).graph;
    own.revision = Math.max(own.revision, result.revision);
    if (isPlain) return;
    const renames = { ...renamed };
    for (const one of foreign) if (one.op === "rename_node") renames[one.id] = one.new_id;
    if (Object.keys(renames).length) for (const batch of own.queue) batch.operations = translate(batch.operations, renames);
    const unsent = [...(own.inflight ? [own.inflight] : []), ...own.queue].flatMap((batch) => batch.operations);
    const chosen = editor.state.selection.nodes.map((id) => renames[id] ?? id);
    editor.replaceGraph(applyAll(own.base, unsent, { lenient: true }).graph);
    if (Object.keys(renames).length) editor.hooks.view?.select(chosen.filter((id) => editor.node(id)));
  }

  function refused({ client_key: key, code, message }) {
    if (!own.inflight || own.inflight.key !== key) return undefined;
    cancel(answer);
    if (code === "not_signed_in") return show("signedOut");
    if (code === "unavailable" || code === "error") return retry();
    const lost = own.inflight.operations;
    own.inflight = null;
    persist();
    editor.set({ save: { status: "refused", words: "Not saved" } });
    lose(lost, message);
    // The screen goes back to what is saved, with the other unsent changes on top.
    editor.replaceGraph(applyAll(own.base, own.queue.flatMap((batch) => batch.operations), { lenient: true }).graph);
    if (own.queue.length) flush();
    if (code === "not_allowed" || code === "not_found") ask();
    return undefined;
  }

  // Stays until it is copied or closed; what is lost meanwhile is copied with it.
  function lose(operations, message) {
    own.unsaved = [...own.unsaved, ...operations];
    const act = () => navigator.clipboard?.writeText(JSON.stringify(own.unsaved.splice(0), null, 2));
    editor.say(`This change could not be saved: ${message}`, { label: "Copy the change", act, stays: true, canClose: true, about: "unsaved" });
  }

  // Mine or theirs for one conflict: mine is sent again on top of the newest revision.
  function settle(key, choice) {
    const conflict = editor.state.conflicts.find((one) => one.key === key);
    editor.set({ conflicts: editor.state.conflicts.filter((one) => one.key !== key) });
    if (!conflict || choice !== "mine") return;
    const operations = conflict.reason === "removed" ? revive(conflict) : [conflict.operation];
    editor.gesture("Use my version", operations, { keep: false });
  }

  // Somebody removed the step I changed: mine means it comes back as it stood here.
  function revive({ operation }) {
    const kept = own.lost.get(operation.id ?? operation.moves?.[0].id);
    return kept ? [{ op: "add_node", node: { ...kept, parent: editor.node(kept.parent) ? kept.parent : undefined } }] : [];
  }

  function busy(isBusy) {
    own.isBusy = isBusy;
    if (isBusy) return;
    for (const act of own.waiting.splice(0)) act();
    if (own.queue.length && !own.inflight) {
      cancel(debounce);
      debounce = timer(flush, DEBOUNCE_MS);
    }
  }

  function look() {
    if (!own.id || own.isBusy) return;
    if (own.inflight) {
      if (own.tries) deliver();
    } else if (own.queue.length) flush();
    else ask();
  }

  const ask = () => pull({ workflow_id: own.id, revision: own.revision, tab, can_edit: editor.state.doc.canEdit, can_run: editor.state.doc.canRun, is_gone: editor.state.doc.isGone });

  // What this person may do here was changed by somebody; what is unsaved is refused when it is sent, and told as lost.
  function allowed(rights) {
    tellTyped();
    editor.allow(rights);
    if (isIdle()) show(restOf(rights));
  }

  const isIdle = () => !own.inflight && !own.queue.length;
  const beat = () => !isIdle() && persist();
  return { open, typed, changed, flush, soon, received, heard, allowed, refused, lose, settle, busy, look, beat, isIdle, own, retry };
}

// Splits one gesture that is too large for a single message.
export function portions(operations) {
  const parts = [];
  for (let start = 0; start < operations.length; start += MOST_OPERATIONS) parts.push(operations.slice(start, start + MOST_OPERATIONS));
  return parts;
}

// The operations of a batch that the server carried out.
export function without(operations, conflicts) {
  const moved = new Set(conflicts.filter((one) => one.operation.op === "move").map((one) => `${one.index}/${one.operation.moves[0].id}`));
  const gone = new Set(conflicts.filter((one) => one.operation.op !== "move").map((one) => one.index));
  return operations.flatMap((operation, index) => {
    if (gone.has(index)) return [];
    if (operation.op !== "move") return [operation];
    const moves = operation.moves.filter((move) => !moved.has(`${index}/${move.id}`));
    return moves.length ? [{ ...operation, moves }] : [];
  });
}

let conflictNumber = 0;
const FIELDS = { label: "Name", id: "Name in references", retry: "Attempts", on_error: "If it fails", timeout_s: "Time limit", join: "Wait", parent: "Container", position: "Place", step: "Step", name: "Name of the workflow", description: "Description", max_parallel: "Steps at once", max_steps: "Most steps", max_cost_micros: "Most money", max_tokens: "Most tokens" };
const shown = (value) => (value == null ? "nothing" : typeof value === "string" ? value : JSON.stringify(value));
const fieldWords = (editor, conflict) => {
  const node = conflict.node && editor.node(conflict.node);
  const [first] = conflict.field.split(".");
  return (conflict.operation.op === "set_config" && node && kindOf(node)?.fields.find((one) => one.name === first)?.label) || FIELDS[first] || conflict.field;
};
const isOwn = ({ by }) => by?.startsWith("You,");
const name = (editor, conflict) => ({
  ...conflict,
  label: (conflict.node && editor.node(conflict.node) && labelOf(editor.node(conflict.node))) || conflict.label || "Workflow",
  fieldText: fieldWords(editor, conflict),
  key: `c${(conflictNumber += 1)}`,
  mineText: conflict.field === "position" ? "where you put it" : conflict.field === "step" ? (conflict.operation.op === "remove_node" ? "removed" : "added") : shown(conflict.mine),
  theirsTitle: isOwn(conflict) ? "In the other tab" : "Theirs",
  keepText: isOwn(conflict) ? "Keep the other" : "Keep theirs",
  theirsText: conflict.reason === "removed" ? "the step is gone" : conflict.field === "position" ? "where they put it" : conflict.field === "step" ? "kept and changed" : shown(conflict.theirs),
});
