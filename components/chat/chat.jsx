// What a chat needs of the browser: a message box with Enter and Escape, and a list that follows the newest words
// unless somebody scrolled up to read. components/chat wraps these.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useNavigationType } from "react-router";
import * as drafts from "$/public/external/components/chat/box/drafts.js";

const NEAR = 60; // pixels from the end that still count as "reading the newest"
const SENT = "af-chat-sent";

export function ChatScroll({ children, room }) {
  const box = useRef(null);
  const inner = useRef(null);
  const isPinned = useRef(true);
  const lastTop = useRef(0);
  const [isAway, setAway] = useState(false);

  const toEnd = useCallback(() => {
    const element = box.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, []);

  const onScroll = useCallback(() => {
    const element = box.current;
    const distance = element.scrollHeight - element.scrollTop - element.clientHeight;
    const isUpwards = element.scrollTop < lastTop.current; // only a person does that; words that came meanwhile move the end away
    lastTop.current = element.scrollTop;
    if (distance < NEAR) isPinned.current = true;
    else if (isUpwards) isPinned.current = false;
    setAway(!isPinned.current && distance > 240);
  }, []);

  // Whoever sends something wants to see the answer.
  useEffect(() => {
    const follow = () => {
      isPinned.current = true;
      toEnd();
    };
    document.addEventListener(SENT, follow);
    return () => document.removeEventListener(SENT, follow);
  }, [toEnd]);

  // Another conversation starts at its end.
  useLayoutEffect(() => {
    isPinned.current = true;
    toEnd();
  }, [room, toEnd]);

  useEffect(() => {
    const observer = new ResizeObserver(() => {
      if (isPinned.current) toEnd();
      else onScroll();
    });
    observer.observe(inner.current);
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [toEnd, onScroll]);

  return (
    <div className="af-chat-room">
      <div ref={box} className="af-chat-scroll" onScroll={onScroll} tabIndex={0} role="log" aria-live="polite" aria-label="Conversation">
        <div ref={inner} className="af-chat-inner">
          {children}
        </div>
      </div>
      {isAway && (
        <button
          type="button"
          className="af-chat-latest"
          onClick={() => {
            isPinned.current = true;
            toEnd();
          }}
        >
          ↓ Newest
        </button>
      )}
    </div>
  );
}

// One's own words; a long message shows its beginning until all of it is asked for.
export function Bubble({ text }) {
  const box = useRef(null);
  const [isLong, setLong] = useState(false);
  const [isOpen, setOpen] = useState(false);

  useLayoutEffect(() => {
    const measure = () => setLong((was) => (isOpen ? was : box.current.scrollHeight > box.current.clientHeight + 1));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [text, isOpen]);

  return (
    <>
      <div ref={box} className="af-bubble" data-open={isOpen} data-folded={isLong && !isOpen}>
        {text}
      </div>
      {isLong && (
        <button type="button" className="af-bubble-more" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Show less" : "Show all"}
        </button>
      )}
    </>
  );
}

// The server says how long to wait when it is asked; in between the seconds pass here.
export function Countdown({ seconds, turn }) {
  const until = useRef(0);
  const [left, setLeft] = useState(seconds);

  useEffect(() => {
    until.current = Date.now() + seconds * 1000;
    const tick = () => setLeft(Math.max(0, (until.current - Date.now()) / 1000));
    tick();
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [seconds, turn]);

  const rounded = Math.ceil(left);
  const words = rounded >= 90 ? `in ${Math.round(rounded / 60)} min` : rounded > 0 ? `in ${rounded} s` : "now";
  return <span aria-hidden="true">{words}</span>;
}

// What the answer waits for. Silence is told in seconds, before the first word and between words alike; each new `beat` ends it.
const QUIET_MS = 4000;

export function Patience({ words, beat, children }) {
  const [silence, setSilence] = useState(0);

  useEffect(() => {
    const since = Date.now();
    setSilence(0);
    const timer = setInterval(() => setSilence(Date.now() - since), 1000);
    return () => clearInterval(timer);
  }, [words, beat]);

  const isQuiet = silence >= QUIET_MS;
  if (!words && !isQuiet) return null;
  return (
    <div className="af-row af-muted af-small" role="status">
      {children}
      <span>
        {words || "Waiting for more words…"}
        {isQuiet && <span aria-hidden="true"> {Math.round(silence / 1000)} s</span>}
      </span>
    </div>
  );
}

function load(owner) {
  try {
    return drafts.ownOf(JSON.parse(window.sessionStorage.getItem(drafts.STORED)), owner);
  } catch {
    return drafts.EMPTY;
  }
}

// A storage that is full or forbidden keeps nothing; typing goes on.
function store(kept, owner) {
  if (!owner) return;
  try {
    window.sessionStorage.setItem(drafts.STORED, JSON.stringify({ ...kept, owner }));
  } catch {
    return;
  }
}

// The text of one room, kept while it is typed; `restore` brings a refused text back.
function useRoomDraft(room, restore, owner) {
  const [text, setText] = useState("");
  const shown = useRef(null);
  const isSent = useRef(false);
  const arrival = useRef("");
  arrival.current = useNavigationType();

  useEffect(() => {
    if (!owner) return;
    const from = shown.current;
    shown.current = room;
    const isCreated = /\/new\/?$/.test(window.location.pathname) || arrival.current === "REPLACE";
    const kept = from === null ? load(owner) : drafts.withRoom(load(owner), from, room, { isSent: isSent.current, isCreated });
    isSent.current = false;
    store(kept, owner);
    setText(drafts.read(kept, room));
  }, [room, owner]);

  useEffect(() => {
    if (!restore?.key || !owner) return;
    const kept = drafts.withRefused(load(owner), restore);
    store(kept, owner);
    setText((now) => now || drafts.read(kept, shown.current));
  }, [restore?.key, owner]);

  const type = (next) => {
    setText(next);
    store(drafts.withText(load(owner), room, next), owner);
  };
  const clear = () => {
    isSent.current = true;
    type("");
  };
  return { text, type, clear };
}

export function Composer({ onSend, onStop, isBusy, isDisabled, placeholder, restore, room, owner, maxLength = 32000 }) {
  const { text, type, clear } = useRoomDraft(room, restore, owner);
  const area = useRef(null);
  const isSendable = text.trim() && !isBusy && !isDisabled;

  // The button that asked for the answer is gone; the keyboard goes on here, except where that would open one on the screen.
  useEffect(() => {
    if (isBusy && document.activeElement === document.body && window.matchMedia("(pointer: fine)").matches) area.current?.focus();
  }, [isBusy]);

  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight + 2, 220)}px`;
  }, [text]);

  const send = () => {
    if (!isSendable) return;
    onSend?.(text);
    document.dispatchEvent(new Event(SENT));
    clear();
    area.current?.focus();
  };

  const onKeyDown = (event) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && isBusy) {
      event.preventDefault();
      onStop?.();
    }
  };

  return (
    <div className={`af-composer${isDisabled ? " af-composer-off" : ""}`}>
      <textarea
        ref={area}
        id="chat-message"
        rows={1}
        value={text}
        maxLength={maxLength}
        disabled={isDisabled}
        placeholder={placeholder}
        aria-label="Message to the agent"
        onChange={(event) => type(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {isBusy ? (
        <button type="button" className="af-composer-button" onClick={() => onStop?.()} aria-label="Stop the answer" title="Stop (Esc)">
          <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
            <rect x="2" y="2" width="10" height="10" rx="2" fill="currentColor" />
          </svg>
        </button>
      ) : (
        <button
          type="button"
          className="af-composer-button"
          onClick={send}
          disabled={!isSendable}
          aria-label="Send"
          title="Send (Enter). Shift+Enter starts a new line."
        >
          <svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" aria-hidden="true">
            <path d="M8 13V3M3.5 7.5 8 3l4.5 4.5" />
          </svg>
        </button>
      )}
    </div>
  );
}
