// The trace of a run: a scrubber that draws any moment on the canvas, and a waterfall of which only the rows in sight are drawn.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { editor, overlay } from "../../canvas/bridge/hooks.js";
import { count, createScale, createTrace, duration, money, partOf, pictureAt, rowsOf, spanOfEntry, statusAt, tookWords, waitedShare } from "./model.js";

const ROW = 30;
const SPARE = 12;
const STEP_MS = 60;
const WORDS = {
  run_started: "The run begins",
  run_resumed: "A worker goes on",
  run_waiting: "The run waits",
  run_succeeded: "The run succeeded",
  run_failed: "The run failed",
  run_cancelled: "The run was cancelled",
  node_started: "begins",
  node_finished: "is done",
  node_failed: "fails",
  node_skipped: "is skipped",
  node_cancelled: "is cancelled",
  node_waiting: "waits",
  node_resumed: "goes on",
  node_progress: "makes progress",
  node_iterated: "begins another pass",
  node_expired: "runs out of time",
};
const SOURCES = { kept: "kept", edited: "by hand", pinned: "pinned", stubbed: "dry" };

function useTrace() {
  const [store] = useState(createTrace);
  const [version, setVersion] = useState(0);
  const [run, setRun] = useState(""); // the address of the run that is shown
  useEffect(() => {
    const open = (payload) => {
      store.open(payload);
      setRun(window.location.pathname);
    };
    const receive = { open, rows: store.take };
    const drain = () => {
      const messages = (window.afTraceInbox ?? []).splice(0);
      for (const [name, payload] of messages) receive[name]?.(payload);
      if (messages.length) setVersion((now) => now + 1);
    };
    window.afTraceDrain = drain;
    drain();
    return () => delete window.afTraceDrain;
  }, [store]);
  return [store.trace, version, run];
}

// The address names the chosen row by the number of its journal entry, so that a link or a reload opens it again.
const ASKED = "row";
const askedEntry = () => Number(new URL(window.location.href).searchParams.get(ASKED) ?? 0);

function keepInAddress(span) {
  const address = new URL(window.location.href);
  address.searchParams.set(ASKED, span.first);
  window.history.replaceState(window.history.state, "", address);
}

export function TraceView({ canFork, onChoose, onMoment, children }) {
  const [trace, version, run] = useTrace();
  const last = trace.moments.length;
  const [asked, setAsked] = useState(null); // null: the end, wherever that is by now
  const seq = Math.min(asked ?? last, last);
  const [chosen, setChosen] = useState(-1);
  const [closed, setClosed] = useState(() => new Set());
  const [query, setQuery] = useState("");
  const [squeeze, setSqueeze] = useState(null);
  const squeezed = squeeze ?? waitedShare(trace) > 0.2;
  const rows = useMemo(() => rowsOf(trace, { closed, query }), [trace, version, closed, query]);
  const scale = useMemo(() => createScale(trace, { squeezed }), [trace, version, squeezed]);

  useEffect(() => {
    overlay.replace(pictureAt(trace, seq));
  }, [trace, version, seq]);

  const choose = useCallback(
    (span, by = "") => {
      setChosen(span.index);
      keepInAddress(span);
      editor.hooks.view?.show(span.node);
      onChoose({ node: span.node, iteration: span.iteration, seq: span.first, by });
    },
    [onChoose],
  );
  useEffect(() => {
    setChosen(-1);
    setAsked(null);
    setClosed(new Set());
    setQuery("");
  }, [run]);
  useEffect(() => {
    if (chosen >= 0) return;
    const linked = spanOfEntry(trace, askedEntry());
    if (linked) choose(linked, "link");
  }, [trace, version, chosen, choose]);
  useEffect(() => {
    const around = (event) => {
      const parent = trace.spans[trace.spans[chosen]?.parent];
      if (!event.target.closest?.("[data-whole-step]") || !parent) return;
      choose(parent);
      document.querySelector(".af-falls").focus({ preventScroll: true }); // the button goes with the call
    };
    document.addEventListener("click", around);
    return () => document.removeEventListener("click", around);
  }, [trace, chosen, choose]);
  const toggle = (index) => setClosed((old) => (old.has(index) ? new Set([...old].filter((one) => one !== index)) : new Set([...old, index])));
  return (
    <div className="af-trace" data-spans={trace.spans.length} data-rows={rows.length}>
      <Scrubber trace={trace} seq={seq} last={last} go={(to) => setAsked(to >= last ? null : to)} canFork={canFork} onMoment={onMoment} />
      <div className="af-trace-body">
      <div className="af-trace-falls">
      <div className="af-trace-bar">
        <input type="search" className="af-input af-size-sm" placeholder="Find a step, a model, an error" aria-label="Find in the trace" value={query} onChange={(event) => setQuery(event.target.value)} />
        <span className="af-muted af-small">{rows.length.toLocaleString("en")} rows</span>
        {trace.pauses.length > 0 && (
          <label className="af-trace-check">
            <input type="checkbox" checked={squeezed} onChange={(event) => setSqueeze(event.target.checked)} /> Leave out waiting
          </label>
        )}
      </div>
      <Waterfall trace={trace} rows={rows} scale={scale} seq={seq} chosen={chosen} choose={choose} toggle={toggle} />
      </div>
      {children}
      </div>
    </div>
  );
}

function momentWords(trace, seq) {
  const moment = trace.moments[seq - 1];
  if (!moment) return "";
  const words = WORDS[moment.type] ?? moment.type;
  const part = moment.iteration ? ` (${partOf(moment.iteration)})` : "";
  return moment.node ? `${trace.nodes.get(moment.node)?.label ?? moment.node}${part} ${words}` : words;
}

function Scrubber({ trace, seq, last, go, canFork, onMoment }) {
  const [isPlaying, setPlaying] = useState(false);
  const now = useRef(seq);
  now.current = seq;
  useEffect(() => {
    if (!isPlaying) return undefined;
    const stride = Math.max(1, Math.ceil(last / 400)); // never longer than half a minute
    const timer = setInterval(() => {
      const next = now.current + stride;
      go(next);
      if (next >= last) setPlaying(false);
    }, STEP_MS);
    return () => clearInterval(timer);
  }, [isPlaying, last]);
  const play = () => {
    if (seq >= last) go(1);
    setPlaying(!isPlaying);
  };
  const moment = trace.moments[seq - 1];
  return (
    <div className="af-scrub">
      <button type="button" className="af-button af-size-sm" onClick={play} aria-pressed={isPlaying} disabled={!last}>
        {isPlaying ? "Pause" : "Replay"}
      </button>
      <button type="button" className="af-button af-button-ghost af-size-sm af-scrub-step" aria-label="One entry back" disabled={seq <= 1} onClick={() => go(seq - 1)}>
        ‹
      </button>
      <input type="range" className="af-slider" min={Math.min(1, last)} max={last} value={seq} aria-label="Moment of the run" aria-valuetext={momentWords(trace, seq)} onChange={(event) => go(Number(event.target.value))} />
      <button type="button" className="af-button af-button-ghost af-size-sm af-scrub-step" aria-label="One entry on" disabled={seq >= last} onClick={() => go(seq + 1)}>
        ›
      </button>
      <span className="af-scrub-words" data-seq={seq}>
        <strong>{moment ? duration(moment.at) : ""}</strong> {momentWords(trace, seq)}{" "}
        <span className="af-muted">
          {seq.toLocaleString("en")} of {last.toLocaleString("en")}
        </span>
      </span>
      {canFork && (
        <button type="button" className="af-button af-size-sm" id="continue-from-moment" disabled={!last} onClick={() => onMoment({ seq })}>
          Continue from here…
        </button>
      )}
    </div>
  );
}

function Waterfall({ trace, rows, scale, seq, chosen, choose, toggle }) {
  const frame = useRef(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(420);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setHeight(entry.contentRect.height));
    watch.observe(frame.current);
    return () => watch.disconnect();
  }, []);
  const from = Math.max(0, Math.floor(top / ROW) - SPARE);
  const to = Math.min(rows.length, Math.ceil((top + height) / ROW) + SPARE);
  const at = rows.findIndex((row) => row.span.index === chosen);
  const drawn = rows.slice(from, to).map((row, offset) => [row, from + offset]);
  if (at >= 0 && (at < from || at >= to)) drawn.push([rows[at], at]); // out of sight, but named as the active one
  useEffect(() => {
    const box = frame.current;
    const spot = at * ROW;
    if (at < 0) return;
    if (spot < box.scrollTop) box.scrollTop = spot;
    else if (spot + ROW > box.scrollTop + box.clientHeight) box.scrollTop = spot + ROW - box.clientHeight;
  }, [chosen]);
  const keys = (event) => {
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -rows.length, End: rows.length }[event.key];
    const row = rows[at];
    if (move) {
      event.preventDefault();
      const next = Math.max(0, Math.min(rows.length - 1, at + move));
      if (!rows[next]) return;
      choose(rows[next].span, "keys");
    } else if (row?.inner && ((event.key === "ArrowRight" && !row.isOpen) || (event.key === "ArrowLeft" && row.isOpen))) toggle(row.span.index);
  };
  const nowAt = scale.at(trace.moments[seq - 1]?.at ?? 0);
  return (
    <div className="af-falls" style={{ "--af-falls-all": `${rows.length * ROW}px` }} ref={frame} tabIndex={0} role="treegrid" aria-label="Steps over time" aria-rowcount={rows.length} aria-activedescendant={at < 0 ? undefined : rowId(rows[at].span)} onScroll={(event) => setTop(event.currentTarget.scrollTop)} onKeyDown={keys}>
      <div className="af-falls-all" style={{ height: rows.length * ROW }}>
        {drawn.map(([row, place]) => (
          <Row key={row.span.index} row={row} top={place * ROW} rank={place + 1} trace={trace} scale={scale} seq={seq} isChosen={row.span.index === chosen} choose={choose} toggle={toggle} />
        ))}
        <div className="af-falls-time" aria-hidden="true">
          {scale.marks.map((mark, index) => (
            <span key={index} className="af-falls-pause" style={{ left: `${mark * 100}%` }} />
          ))}
          <span className="af-falls-now" style={{ left: `${nowAt * 100}%` }} />
        </div>
      </div>
    </div>
  );
}

const rowId = (span) => `trace-row-${span.index}`;

function Row({ row, top, rank, trace, scale, seq, isChosen, choose, toggle }) {
  const { span, depth, inner, isOpen } = row;
  const status = statusAt(span, seq);
  const left = scale.at(span.start);
  const width = Math.max(0, scale.at(span.end ?? trace.end) - left);
  const label = span.kind === "step" ? (trace.nodes.get(span.node)?.label ?? span.node) : span.name || span.kind;
  const part = span.kind === "step" ? partOf(span.iteration) : span.kind === "model" ? "model" : "tool";
  const figures = [span.tokens ? `${count(span.tokens)} tok` : "", money(span.cost)].filter(Boolean).join(" · ");
  const took = tookWords(span);
  const notes = [span.attempt > 1 ? `attempt ${span.attempt}` : "", SOURCES[span.source] ?? ""].filter(Boolean).join(" · ");
  return (
    <div className={`af-fall af-fall-${span.kind}${isChosen ? " af-fall-on" : ""}${status ? "" : " af-fall-later"}`} style={{ top }} id={rowId(span)} role="row" aria-rowindex={rank} aria-selected={isChosen} aria-level={depth + 1} data-span={span.index} data-node={span.node} data-status={status} onClick={() => choose(span)}>
      <div className="af-fall-name" role="gridcell" style={{ paddingLeft: 8 + Math.min(depth, 6) * 14 }}>
        {inner ? (
          <button type="button" className="af-fall-toggle" aria-expanded={isOpen} aria-label={isOpen ? "Fold" : "Unfold"} tabIndex={-1} onClick={(event) => (event.stopPropagation(), toggle(span.index))}>
            {isOpen ? "▾" : "▸"}
          </button>
        ) : (
          <span className="af-fall-toggle" />
        )}
        <span className={`af-dot af-dot-${status || "later"}`} aria-hidden="true" />
        <span className="af-fall-label">{label}</span>
        {part && <span className="af-fall-part">{part}</span>}
        {notes && <span className="af-fall-part">{notes}</span>}
      </div>
      <div className="af-fall-figures" role="gridcell">
        {figures}
      </div>
      <div className="af-fall-took" role="gridcell">
        {took}
      </div>
      <div className="af-fall-track" role="gridcell">
        <span className={`af-fall-bar af-fall-bar-${span.status}`} style={{ left: `${left * 100}%`, width: `max(3px, ${width * 100}%)` }} title={span.error || `${label}: ${took}`} />
      </div>
    </div>
  );
}
