/* The command palette: opens on Ctrl/Cmd-K, filters in the browser, driven by keyboard. components/shell/palette.py wraps it. */
import { useContext, useEffect, useId, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { ColorModeContext } from "$/utils/context-registry";

export const OPEN = "af:palette";
const LIMIT = 40;
const GROUPS = { agent: "Agents", workflow: "Workflows", template: "Templates" };

/* Higher is better, -1 is no match: prefix, then start of a word, then anywhere, then letters in order. */
export function score(text, query) {
  const hay = text.toLowerCase();
  if (!query) return 0;
  const at = hay.indexOf(query);
  if (at === 0) return 100;
  if (at > 0) return /[\s\-_/]/.test(hay[at - 1]) ? 80 : 50;
  let from = 0;
  for (const letter of query) {
    const found = hay.indexOf(letter, from);
    if (found < 0) return -1;
    from = found + 1;
  }
  return query.length > 2 ? 10 : -1;
}

function matches(entries, text) {
  const query = text.trim().toLowerCase();
  const rated = entries
    .map((entry) => ({ entry, points: Math.max(score(entry.label, query), score(`${entry.group} ${entry.hint || ""}`, query) - 30) }))
    .filter(({ points }) => !query || points >= 0);
  if (query) rated.sort((a, b) => b.points - a.points);
  const best = rated.filter(({ entry }) => query || !entry.isQuiet).slice(0, LIMIT).map(({ entry }) => entry);
  return query ? best : best.sort((a, b) => a.order - b.order);
}

function Row({ entry, id, chosen, onChoose, onHover }) {
  const ref = useRef(null);
  useEffect(() => {
    if (chosen) ref.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <div ref={ref} id={id} role="option" aria-selected={chosen} className="af-palette-row" onClick={onChoose} onMouseMove={onHover}>
      <span className="af-truncate">{entry.label}</span>
      <span className="af-palette-hint af-truncate">{entry.hint || entry.group}</span>
    </div>
  );
}

export function CommandPalette({ actions = [], entries = [], onOpen }) {
  const dialog = useRef(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [own, setOwn] = useState([]); // what the open page offers, by window.afPageActions
  const navigate = useNavigate();
  const { setColorMode } = useContext(ColorModeContext);
  const base = useId();

  const all = useMemo(() => {
    const found = entries.map((entry) => ({ ...entry, group: GROUPS[entry.kind] }));
    return [...own, ...actions, ...found].map((entry, order) => ({ ...entry, order }));
  }, [own, actions, entries]);
  const rows = useMemo(() => matches(all, text), [all, text]);

  useEffect(() => {
    const open = () => {
      if (!dialog.current || dialog.current.open) return;
      setText("");
      setAt(0);
      setOwn(window.afPageActions?.() ?? []);
      dialog.current.showModal();
      onOpen?.();
    };
    const onKey = (event) => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
        if (event.defaultPrevented) return;
        event.preventDefault();
        dialog.current?.open ? dialog.current.close() : open();
      }
    };
    window.addEventListener(OPEN, open);
    window.addEventListener("keydown", onKey);
    return () => {
      window.removeEventListener(OPEN, open);
      window.removeEventListener("keydown", onKey);
    };
  }, [onOpen]);

  const choose = (entry) => {
    if (!entry) return;
    dialog.current.close();
    if (entry.run) entry.run();
    else if (entry.mode) setColorMode(entry.mode);
    else if (entry.event) window.dispatchEvent(new Event(entry.event));
    else navigate(entry.href);
  };
  const onKeyDown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt(rows.length ? (at + step + rows.length) % rows.length : 0);
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(rows[at]);
    }
  };
  const active = rows.length ? `${base}-${at}` : undefined;
  return (
    <dialog ref={dialog} className="af-palette" aria-label="Command palette" onClick={(e) => e.target === dialog.current && dialog.current.close()}>
      <div className="af-palette-body">
        <input
          className="af-palette-input"
          role="combobox"
          aria-expanded="true"
          aria-controls={`${base}-list`}
          aria-activedescendant={active}
          aria-label="Search pages, workflows, agents, templates and actions"
          placeholder="Search pages, workflows, agents, actions"
          autoFocus
          value={text}
          onChange={(e) => {
            setText(e.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <div className="af-palette-list" role="listbox" id={`${base}-list`} aria-label="Results">
          {rows.map((entry, index) => {
            const isFirst = !text && (index === 0 || rows[index - 1].group !== entry.group);
            return [
              isFirst && (
                <div key={`g-${entry.group}`} className="af-palette-group" role="presentation">
                  {entry.group}
                </div>
              ),
              <Row
                key={`${entry.group}-${entry.href || entry.key || entry.label}`}
                entry={entry}
                id={`${base}-${index}`}
                chosen={index === at}
                onChoose={() => choose(entry)}
                onHover={() => index !== at && setAt(index)}
              />,
            ];
          })}
          {!rows.length && <div className="af-palette-none">Nothing is called that here.</div>}
        </div>
        <div className="af-palette-foot">
          <span><kbd className="af-kbd">↑</kbd> <kbd className="af-kbd">↓</kbd> move</span>
          <span><kbd className="af-kbd">↵</kbd> open</span>
          <span><kbd className="af-kbd">esc</kbd> close</span>
        </div>
      </div>
    </dialog>
  );
}
