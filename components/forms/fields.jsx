// Fields that keep what is being typed: local state, a pause before telling the server, and no echo that overwrites the typist.
// components/forms/fields.py wraps these; nothing else imports them.
import { useCallback, useEffect, useRef, useState } from "react";
import { useBlocker } from "react-router";

// Texts that are typed but not told yet, with what tells them. A page that is left tells them all; who shows "Saved" waits for them.
const waiting = new Map();
export function isWaiting(draft, flush) {
  const before = waiting.size;
  if (flush) waiting.set(draft, flush);
  else waiting.delete(draft);
  if (before === waiting.size) return;
  window.afDrafts = waiting.size;
  window.dispatchEvent(new Event("af:drafts"));
}
// At once, half finished or not: before the page goes, and before a change from elsewhere replaces what the fields show.
const tellAll = () => [...waiting.values()].forEach((flush) => flush(true));
if (typeof window !== "undefined") ["pagehide", "af:tell-drafts"].forEach((moment) => window.addEventListener(moment, tellAll));

// Whatever a click does comes after what was typed before it, also when it is no pointer's (which leaves the field first) and when
// the editor notices only later that it was left. A click in the editor itself, on a completion, ends nothing.
function tellBeforeClick(event) {
  if (waiting.size && !event.target?.closest?.(".af-editor")) tellAll();
}
if (typeof window !== "undefined") window.addEventListener("click", tellBeforeClick, true);

// Escape closes a dialog without leaving the field in it; leaving it first tells what was typed.
function leaveField(event) {
  const field = document.activeElement;
  if (event.key === "Escape" && field?.closest?.("[role=dialog]")) field.blur();
}
if (typeof window !== "undefined") window.addEventListener("keydown", leaveField, true);

// The value of a field between browser and server. A value from the server counts only while nobody is typing.
export function useDraft({ value, onChange, pause = 350 }) {
  const [text, setText] = useState(value ?? "");
  const state = useRef({ timer: 0, pending: false, focused: false, sent: value ?? "", text: value ?? "", past: [] });
  const send = useRef(onChange);
  send.current = onChange;

  const flush = useCallback(() => {
    const now = state.current;
    window.clearTimeout(now.timer);
    if (!now.pending) return;
    now.pending = false;
    now.past = [...now.past.slice(-20), now.sent];
    now.sent = now.text;
    send.current?.(now.text);
    isWaiting(now);
  }, []);

  const type = useCallback(
    (next) => {
      const now = state.current;
      now.text = next;
      now.pending = next !== now.sent;
      setText(next);
      window.clearTimeout(now.timer);
      isWaiting(now, now.pending && flush);
      if (now.pending) now.timer = window.setTimeout(flush, pause);
    },
    [flush, pause],
  );

  // An answer to an earlier edit is no news while a later one is on its way.
  useEffect(() => {
    const now = state.current;
    const incoming = value ?? "";
    if (incoming === now.text) now.past = [];
    if (now.pending || incoming === now.text || now.past.includes(incoming)) return;
    if (now.focused && now.sent !== now.text) return;
    now.text = incoming;
    now.sent = incoming;
    setText(incoming);
  }, [value]);

  useEffect(() => flush, [flush]); // leaving the page or closing a dialog loses nothing
  const focus = useCallback(() => (state.current.focused = true), []);
  const blur = useCallback(() => {
    state.current.focused = false;
    flush();
  }, [flush]);
  const restore = useCallback((old) => {
    Object.assign(state.current, { text: old ?? "", sent: old ?? "" });
    setText(old ?? "");
  }, []);
  return { text, type, flush, focus, blur, restore };
}

export function DraftInput({ value, onChange, onEnter, onEmpty, pause, multiline, rows = 3, className = "", ...rest }) {
  const draft = useDraft({ value, onChange, pause });
  const props = {
    ...rest,
    className,
    value: draft.text,
    onChange: (event) => draft.type(event.target.value),
    onFocus: draft.focus,
    onBlur: () => {
      draft.blur();
      if (!onEmpty || draft.text.trim()) return;
      draft.restore(value);
      onEmpty();
    },
  };
  if (multiline) return <textarea rows={rows} {...props} />;
  const onKeyDown = (event) => {
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    draft.flush();
    onEnter?.();
    if (onEmpty) event.currentTarget.blur();
  };
  return <input type="text" onKeyDown={onKeyDown} {...props} />;
}

// What was chosen shows at once; a later value from the server replaces it.
function useChosen(value, onChange) {
  const [shown, setShown] = useState(value);
  useEffect(() => setShown(value), [value]);
  return [shown, (next) => { setShown(next); onChange?.(next); }];
}

export function DraftSelect({ value, onChange, className, children, ...rest }) {
  const [shown, choose] = useChosen(value, onChange);
  return <select className={className} value={shown} onChange={(event) => choose(event.target.value)} {...rest}>{children}</select>;
}

export function DraftSwitch({ checked, onChange, className, ...rest }) {
  const [isOn, choose] = useChosen(Boolean(checked), onChange);
  return <input type="checkbox" role="switch" className={className} checked={isOn} onChange={(event) => choose(event.target.checked)} {...rest} />;
}

// Asks before unsaved changes are lost: by closing the tab, and by any way to another page of the app: links, menus, back and forward.
// A page that replaces its own address (a new agent that got its id) leaves nothing.
export function LeaveGuard({ active, message }) {
  const isActive = useRef(active);
  isActive.current = active;
  const blocker = useBlocker(({ currentLocation, nextLocation, historyAction }) => {
    const isOther = nextLocation.pathname !== currentLocation.pathname;
    return isOther && historyAction !== "REPLACE" && (isActive.current || waiting.size > 0);
  });
  useEffect(() => {
    if (blocker.state !== "blocked") return;
    if (window.confirm(message)) blocker.proceed();
    else blocker.reset();
  }, [blocker, message]);
  useEffect(() => {
    const unload = (event) => {
      if (!isActive.current) return;
      event.preventDefault();
      event.returnValue = message;
    };
    window.addEventListener("beforeunload", unload);
    return () => window.removeEventListener("beforeunload", unload);
  }, [message]);
  return null;
}

// What lies over the page and takes Escape for itself; what is closed but still in the document does not count.
const isCovered = () => [...document.querySelectorAll("[role=dialog],[role=menu],[role=listbox]")].some((one) => one.checkVisibility());

// Keyboard shortcuts of a page. Fields flush what is still being typed before the shortcut acts.
export function PageKeys({ onSave, onEscape }) {
  const act = useRef({});
  act.current = { onSave, onEscape };
  useEffect(() => {
    const down = (event) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
        event.preventDefault();
        const field = document.activeElement;
        field?.blur?.();
        tellAll();
        act.current.onSave?.();
        field?.focus?.();
      }
      if (event.key === "Escape" && !event.defaultPrevented && !isCovered())
        act.current.onEscape?.();
    };
    document.addEventListener("keydown", down);
    return () => document.removeEventListener("keydown", down);
  }, []);
  return null;
}

// A range slider that moves at once and tells the server when the hand rests.
export function DraftSlider({ value, onChange, min, max, step, words, id, ...rest }) {
  const draft = useDraft({ value: String(value ?? ""), onChange: (text) => onChange?.(Number(text)), pause: 200 });
  const number = Number(draft.text);
  // words: [[upper bound, text], ...] in rising order
  const text = (words ?? []).find(([bound]) => number <= bound)?.[1] ?? "";
  return (
    <div className="af-slider-row">
      <input
        type="range"
        id={id}
        className="af-slider"
        min={min}
        max={max}
        step={step}
        value={draft.text}
        aria-valuetext={text ? `${number}: ${text}` : undefined}
        onChange={(event) => draft.type(event.target.value)}
        onFocus={draft.focus}
        onBlur={draft.blur}
        {...rest}
      />
      <output className="af-slider-value" htmlFor={id}>
        {number}
      </output>
      {text && <span className="af-help">{text}</span>}
    </div>
  );
}

// A small editor with Send and Cancel; nothing leaves it before Send.
export function DraftEditor({ value, onSend, onCancel, label, sendLabel = "Send again" }) {
  const [text, setText] = useState(value ?? "");
  const send = () => text.trim() && onSend?.(text);
  const onKeyDown = (event) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape") {
      event.preventDefault();
      onCancel?.();
    }
  };
  return (
    <div className="af-draft-editor">
      <textarea
        autoFocus
        className="af-input af-grow"
        rows={2}
        value={text}
        aria-label={label}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="af-row">
        <button type="button" className="af-button af-button-primary af-size-sm" onClick={send} disabled={!text.trim()}>
          {sendLabel}
        </button>
        <button type="button" className="af-button af-size-sm" onClick={() => onCancel?.()}>
          Cancel
        </button>
      </div>
    </div>
  );
}
