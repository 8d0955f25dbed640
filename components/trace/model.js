// What a trace is worked out of: the tree of spans, the picture of any moment, and a time line that may leave out waiting.
// Spans come as arrays (pages/trace/rows.py): see FIELDS.
const FIELDS = ["index", "kind", "node", "iteration", "attempt", "name", "status", "start", "end", "first", "last", "waits", "parent", "tokens", "cost", "source", "port", "error", "waited"];
const ENDED = new Set(["done", "failed", "skipped", "cancelled"]);

export function createTrace() {
  const trace = { nodes: new Map(), order: new Map(), spans: [], moments: [], pauses: [], end: 0 };

  function open({ nodes }) {
    trace.nodes = new Map(nodes.map((node) => [node.id, node]));
    trace.order = new Map(nodes.map((node, at) => [node.id, at]));
    trace.spans = [];
    trace.moments = [];
    trace.pauses = [];
    trace.end = 0;
  }

  function take({ spans, moments, pauses }) {
    for (const row of spans) {
      const span = Object.fromEntries(FIELDS.map((name, at) => [name, row[at]]));
      trace.spans[span.index] = span;
    }
    for (const [type, node, iteration, at] of moments) trace.moments.push({ type, node, iteration, at });
    trace.pauses = pauses;
    trace.end = Math.max(trace.end, trace.moments.at(-1)?.at ?? 0);
  }

  return { trace, open, take };
}

// Rows in reading order: what began first stands first, what lives in a container below it, calls below their attempt.
export function rowsOf(trace, { closed, query }) {
  const children = new Map();
  const holders = new Map();
  for (const span of trace.spans) if (span?.kind === "step") holders.set(`${span.node}@${span.iteration}`, span.index);
  for (const span of trace.spans) {
    if (!span) continue;
    const holder = span.kind === "step" ? holderOf(trace, holders, span) : span.parent;
    if (!children.has(holder)) children.set(holder, []);
    children.get(holder).push(span);
  }
  const wanted = query ? matching(trace, query.toLowerCase()) : null;
  const rows = [];
  const place = (span, depth) => {
    const inner = children.get(span.index) ?? [];
    const isOpen = !closed.has(span.index);
    if (!wanted || wanted.has(span.index)) rows.push({ span, depth: wanted ? 0 : depth, inner: wanted ? 0 : inner.length, isOpen });
    if (isOpen || wanted) for (const one of inner) place(one, depth + 1);
  };
  const later = (a, b) => a.start - b.start || a.first - b.first;
  for (const list of children.values()) list.sort(later);
  for (const span of children.get(-1) ?? []) place(span, 0);
  return rows;
}

// The row that begins with a journal entry: an attempt with its first, a call with its only one.
export const spanOfEntry = (trace, seq) => (seq > 0 ? trace.spans.find((span) => span?.first === seq) : undefined);

function holderOf(trace, holders, span) {
  const parent = trace.nodes.get(span.node)?.parent;
  if (!parent || !span.iteration) return -1;
  const cut = span.iteration.lastIndexOf("/");
  return holders.get(`${parent}@${cut < 0 ? "" : span.iteration.slice(0, cut)}`) ?? -1;
}

function matching(trace, text) {
  const found = new Set();
  for (const span of trace.spans) if (span && wordsOf(trace, span).toLowerCase().includes(text)) found.add(span.index);
  return found;
}

const wordsOf = (trace, span) => [trace.nodes.get(span.node)?.label, span.node, span.name, span.status, span.source, span.error, partOf(span.iteration)].filter(Boolean).join(" ");

// "3/0" reads "4 · 1".
export const partOf = (iteration) => (iteration ? iteration.split("/").map((piece) => (/^\d+$/.test(piece) ? String(Number(piece) + 1) : piece)).join(" · ") : "");

// The state of a span after journal entry `seq`; "" while it has not begun.
export function statusAt(span, seq) {
  if (span.first > seq) return "";
  if (span.last && span.last <= seq) return span.status === "retried" ? "waiting" : span.status;
  return span.waits && span.waits <= seq ? "waiting" : "running";
}

const RANK = ["running", "waiting", "unknown", "failed", "done", "cancelled", "skipped"];

// What the canvas shows of each step as things stood after journal entry `seq`.
export function pictureAt(trace, seq) {
  const picture = new Map();
  for (const span of trace.spans) {
    if (!span || span.kind !== "step") continue;
    const status = statusAt(span, seq);
    if (!status) continue;
    let one = picture.get(span.node);
    if (!one) picture.set(span.node, (one = { statuses: new Map(), ms: 0, tokens: 0, cost_micros: 0, ports: new Set(), error: "", source: "" }));
    one.statuses.set(span.iteration, status);
    if (!ENDED.has(status)) continue;
    one.ms += workOf(span);
    one.tokens += span.tokens;
    one.cost_micros += span.cost;
    one.error = span.error;
    one.source = span.source;
    if (span.port) one.ports.add(span.port);
  }
  return new Map([...picture].map(([node, one]) => [node, badgeOf(one)]));
}

function badgeOf({ statuses, ports, ...figures }) {
  const all = [...statuses.values()];
  const present = new Set(all);
  const done = all.filter((status) => ENDED.has(status)).length;
  return { ...figures, status: RANK.find((name) => present.has(name)) ?? "queued", text: "", ports: [...ports].sort().join(" "), done, total: all.length };
}

// From milliseconds of the run to a share of the width. Long waits can be left out; a little of each stays to be seen.
export function createScale(trace, { squeezed }) {
  const end = Math.max(trace.end, 1);
  const pauses = squeezed ? trace.pauses.map(([from, to]) => [from, to ?? end]).filter(([from, to]) => to - from > 50) : [];
  const waited = pauses.reduce((sum, [from, to]) => sum + (to - from), 0);
  const active = Math.max(end - waited, 1);
  const left = pauses.length ? Math.min(0.02, 0.3 / pauses.length) * active : 0; // what stays of each
  const total = active + left * pauses.length;
  const at = (ms) => {
    let shown = ms;
    for (const [from, to] of pauses) {
      if (ms >= to) shown -= to - from - left;
      else if (ms > from) shown -= ms - from - (left * (ms - from)) / (to - from);
    }
    return Math.max(0, Math.min(1, shown / total));
  };
  return { at, active, waited, marks: pauses.map(([from]) => at(from)) };
}

export const waitedShare = (trace) => trace.pauses.reduce((sum, [from, to]) => sum + ((to ?? trace.end) - from), 0) / Math.max(trace.end, 1);

export const duration = (ms) => (ms < 1 ? "<1 ms" : ms < 1000 ? `${Math.round(ms)} ms` : ms < 60000 ? `${(ms / 1000).toFixed(1)} s` : ms < 3600000 ? `${Math.floor(ms / 60000)} min ${Math.round((ms % 60000) / 1000)} s` : `${Math.floor(ms / 3600000)} h ${Math.round((ms % 3600000) / 60000)} min`);
// How long a span was at work; what it waited stands apart, as on every other page.
const workOf = (span) => Math.max(0, (span.end ?? span.start) - span.start - (span.waited || 0));
const SHORTEST_WAIT_MS = 500;
export function tookWords(span) {
  if (span.end === null) return "";
  const work = workOf(span);
  if (!(span.waited >= SHORTEST_WAIT_MS)) return duration(work);
  return `${work < SHORTEST_WAIT_MS ? "" : `${duration(work)} + `}${duration(span.waited)} waiting`;
}
export const count = (number) => (number < 1000 ? String(number) : `${(number / 1000).toFixed(1)}k`);
export const money = (micros) => (!micros ? "" : micros >= 1e6 ? `$${(micros / 1e6).toFixed(2)}` : `$${(micros / 1e6).toPrecision(2)}`);
