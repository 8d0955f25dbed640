// What both editors do with text: what is typed here goes out after a pause; what comes from the server replaces it only when its
// revision changed or when nobody types. CodeMirror arrives as chunks of its own when the first editor is shown.
import { useEffect, useRef, useState } from "react";
import { isWaiting } from "$/public/external/components/forms/fields/fields.jsx";

const KEPT = 20; // texts sent before, whose late answers are no news

// `load` brings CodeMirror; `build(cm, { host, doc, onText, onBlur })` makes the view and is called again when a fact of `facts` changes;
// `isHeld(view, cm)` says that the text is half finished and must not go out yet.
export function useTyping({ value, onChange, revision, pause, load, build, facts, isHeld }) {
  const host = useRef(null);
  const editor = useRef(null);
  const latest = useRef({});
  latest.current = { onChange, build, isHeld };
  const sync = useRef({ text: value ?? "", sent: value ?? "", timer: 0, pending: false, revision, past: [] });
  const [isReady, setReady] = useState(false);

  const flush = useRef((isUrgent) => {
    const now = sync.current;
    window.clearTimeout(now.timer);
    if (!now.pending) return;
    if (isUrgent !== true && editor.current && latest.current.isHeld?.(editor.current.view, editor.current.cm)) {
      now.timer = window.setTimeout(flush, pause);
      return;
    }
    now.pending = false;
    now.past = [...now.past.slice(-KEPT), now.sent];
    now.sent = now.text;
    latest.current.onChange?.(now.text);
    isWaiting(now);
  }).current;

  useEffect(() => {
    let isGone = false;
    load().then((cm) => {
      if (isGone || !host.current) return;
      const now = sync.current;
      const isTyping = host.current.parentElement.contains(document.activeElement);
      const onText = (text, isRemote) => {
        now.text = text;
        if (isRemote) return;
        now.pending = text !== now.sent;
        window.clearTimeout(now.timer);
        isWaiting(now, now.pending && flush);
        if (now.pending) now.timer = window.setTimeout(flush, pause);
      };
      const view = latest.current.build(cm, { host: host.current, doc: now.text, onText, onBlur: flush });
      editor.current = { view, cm };
      host.current.afFocus = (line, column) => putCursor(view, line, column);
      const { afWanted } = host.current;
      if (afWanted) host.current.afFocus(...afWanted);
      else if (isTyping) host.current.afFocus(Infinity, Infinity); // who typed in the plain field goes on typing
      setReady(true);
    });
    return () => {
      isGone = true;
      flush();
      editor.current?.view.destroy();
      editor.current = null;
    };
  }, facts);

  useEffect(() => {
    const now = sync.current;
    const incoming = value ?? "";
    const isForced = revision !== now.revision;
    now.revision = revision;
    if (incoming === now.text) now.past = [];
    // An answer to an earlier edit is no news while a later one is on its way.
    const isTyping = now.pending || now.past.includes(incoming) || (editor.current?.view.hasFocus && now.sent !== incoming);
    if (incoming === now.text || (isTyping && !isForced)) return;
    window.clearTimeout(now.timer);
    Object.assign(now, { text: incoming, sent: incoming, pending: false, past: [] });
    isWaiting(now);
    if (!editor.current) return;
    const { view, cm } = editor.current;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: incoming }, annotations: cm.Transaction.remote.of(true) });
  }, [value, revision]);

  // Text of the plain field that stands in until CodeMirror is there; it has gone out already.
  const typedPlain = (text) => {
    Object.assign(sync.current, { text, sent: text });
    onChange?.(text);
  };
  return { host, editor, isReady, typedPlain };
}

function putCursor(view, line, column) {
  const row = view.state.doc.line(Math.max(1, Math.min(line || 1, view.state.doc.lines)));
  view.dispatch({ selection: { anchor: Math.min(row.from + Math.max(0, (column || 1) - 1), row.to) }, scrollIntoView: true });
  view.focus();
}
