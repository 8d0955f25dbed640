/* A typed, collapsible tree of any JSON value; components/ui/code.py wraps it. */
import { useState } from "react";

const CHUNK = 100;
const LONG = 400;

function kind(value) {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

function summary(value, type) {
  const count = type === "array" ? value.length : Object.keys(value).length;
  const word = type === "array" ? "item" : "field";
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

function Scalar({ value, type }) {
  const [full, setFull] = useState(false);
  if (type !== "string") return <span className={`af-json-${type}`}>{String(value)}</span>;
  const isLong = value.length > LONG && !full;
  return (
    <span className="af-json-string">
      "{isLong ? value.slice(0, LONG) : value}"
      {isLong && (
        <button type="button" className="af-json-toggle af-json-note" onClick={() => setFull(true)}>
          … {value.length - LONG} more characters
        </button>
      )}
    </span>
  );
}

function Branch({ name, value, type, depth, openTo }) {
  const [open, setOpen] = useState(depth < openTo);
  const [shown, setShown] = useState(CHUNK);
  const entries = type === "array" ? value.map((item, index) => [index, item]) : Object.entries(value);
  return (
    <div>
      <button type="button" className="af-json-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
        {name !== undefined && <span className="af-json-key">{name}</span>}
        <span className="af-json-note">{summary(value, type)}</span>
      </button>
      {open && (
        <div className="af-json-children">
          {entries.slice(0, shown).map(([key, item]) => (
            <Entry key={key} name={key} value={item} depth={depth + 1} openTo={openTo} />
          ))}
          {entries.length > shown && (
            <button type="button" className="af-json-toggle af-json-note" onClick={() => setShown(shown + CHUNK)}>
              {entries.length - shown} more
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function Entry({ name, value, depth, openTo }) {
  const type = kind(value);
  if (type === "array" || type === "object") {
    return <Branch name={name} value={value} type={type} depth={depth} openTo={openTo} />;
  }
  return (
    <div className="af-json-line">
      {name !== undefined && <span className="af-json-key">{name}</span>}
      <Scalar value={value} type={type} />
    </div>
  );
}

export function JsonView({ value, openTo = 2 }) {
  return (
    <div className="af-json" tabIndex={0} role="region" aria-label="Value">
      <Entry value={value} depth={0} openTo={openTo} />
    </div>
  );
}

