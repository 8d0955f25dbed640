// The one editor of the page and the hooks by which components follow it. Python components name `useEditor` and `run`.
import { useCallback, useSyncExternalStore } from "react";
import { createCommands } from "./commands.js";
import { createEditor } from "./editor.js";
import { createReshape } from "./reshape.js";

export { dimmed, marks, overlay } from "./facts.js";

export const editor = createEditor();
export const commands = createCommands(editor);
export const reshape = createReshape(editor, commands);

export function useEditor(key) {
  const subscribe = useCallback((listener) => editor.subscribe(key, listener), [key]);
  const read = useCallback(() => editor.state[key], [key]);
  return useSyncExternalStore(subscribe, read, read);
}

export function useFact(facts, id) {
  const subscribe = useCallback((listener) => facts.follow(id, listener), [facts, id]);
  const read = useCallback(() => facts.get(id), [facts, id]);
  return useSyncExternalStore(subscribe, read, read);
}

// What Python components call: an action by name.
export function act(name, ...args) {
  editor.hooks.actions?.[name]?.(...args);
}

// The revision that is saved; a page hands it to the server with what it asks for.
export const savedRevision = () => editor.hooks.sync?.own.revision ?? 0;

// Makes a keydown handler from {key: [action, ...arguments]}.
export function actByKey(table) {
  return (event) => {
    const call = table[event.key];
    if (!call || event.nativeEvent.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    act(...call);
  };
}

export function startKindDrag(event, kind) {
  event.dataTransfer.setData(KIND_TYPE, kind);
  event.dataTransfer.effectAllowed = "copy";
}

export const KIND_TYPE = "application/x-af-kind";
