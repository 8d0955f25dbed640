// A condition as rows (value, comparison, value) or as text; rows are kept here while they are unfinished, and told when they are sound.
// components/forms/condition_field.py wraps it.
import { useEffect, useRef, useState } from "react";
import { DraftInput } from "$/public/external/components/forms/fields/fields.jsx";
import { isPath, isWhole, needsRight, OPERATORS, readRows, writeRows, wrongSides } from "./comparisons.js";

// A text field that offers the values of earlier steps below itself.
function PathInput({ value, onChange, variables, label, placeholder, disabled, isWrong }) {
  const [at, setAt] = useState(-1);
  const [isOpen, setOpen] = useState(false);
  const typed = value.trim().toLowerCase();
  const found = isOpen ? variables.filter((one) => !typed || one.path.toLowerCase().includes(typed)).slice(0, 30) : [];
  const pick = (one) => {
    onChange(one.path);
    setOpen(false);
  };
  const onKeyDown = (event) => {
    if (event.key === "Escape" && found.length) {
      event.stopPropagation();
      setOpen(false);
    } else if (found.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      setAt((at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
    } else if (event.key === "Enter" && found[at]) {
      event.preventDefault();
      pick(found[at]);
    }
  };
  return (
    <div className="af-path">
      <input
        className="af-input af-size-sm"
        role="combobox"
        aria-expanded={found.length > 0}
        aria-label={label}
        aria-invalid={isWrong || undefined}
        value={value}
        placeholder={placeholder}
        disabled={disabled}
        spellCheck={false}
        autoComplete="off"
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onChange={(event) => {
          onChange(event.target.value);
          setOpen(true);
          setAt(-1);
        }}
        onKeyDown={onKeyDown}
      />
      {found.length > 0 && (
        <div className="af-suggestions" role="listbox">
          {found.map((one, index) => (
            <button key={one.path} type="button" role="option" aria-selected={index === at} tabIndex={-1} onPointerDown={(event) => event.preventDefault() ?? pick(one)}>
              <span>{one.path}</span>
              <small>{one.type}</small>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

export function ConditionBuilder({ value = "", onChange, variables = [], disabled, label, spots = [] }) {
  const kept = useRef(value);
  const past = useRef([]);
  const [rows, setRows] = useState(() => readRows(value));
  const [isText, setText] = useState(() => readRows(value) === null);
  const wrong = new Set(value === kept.current ? wrongSides(value, spots) : []);
  const paths = new Set(variables.map((one) => one.path));

  // Only what comes from elsewhere replaces rows that somebody works on.
  useEffect(() => {
    if (value === kept.current) past.current = [];
    if (value === kept.current || past.current.includes(value)) return; // an answer to an earlier edit is no news
    kept.current = value;
    setRows(readRows(value));
    if (readRows(value) === null) setText(true);
  }, [value]);

  const tell = (text) => {
    if (text === kept.current) return;
    past.current = [...past.current.slice(-20), kept.current];
    kept.current = text;
    onChange?.(text);
  };
  const change = (next) => {
    setRows(next);
    if (next.every(isWhole)) tell(writeRows(next, paths));
  };
  const edit = (index, part) => change(rows.map((row, at) => (at === index ? { ...row, ...part } : row)));
  const swap = () => {
    if (!isText) return setText(true);
    const now = readRows(kept.current);
    setRows(now);
    return now && setText(false);
  };
  const isOpen = !isText && rows.some((row) => !isWhole(row));
  const canRows = readRows(kept.current) !== null;

  return (
    <div className="af-condition" role="group" aria-label={label}>
      {isText ? (
        <DraftInput multiline rows={2} className="af-input af-mono" aria-label={label} spellCheck={false} disabled={disabled} value={value} placeholder="inputs.amount > 100 and inputs.plan == 'pro'" onChange={tell} />
      ) : (
        rows.map((row, index) => {
          const isWrong = (row.left.trim() !== "" && !isPath(row.left)) || wrong.has(`${index} left`);
          return (
            <div key={index} className="af-comparison">
              {index > 0 && (
                <select className="af-input af-size-sm af-select af-joiner" aria-label="And or or" disabled={disabled} value={row.joiner} onChange={(event) => change(rows.map((one) => ({ ...one, joiner: event.target.value })))}>
                  <option value="and">and</option>
                  <option value="or">or</option>
                </select>
              )}
              <PathInput label="Value" placeholder="Value, such as inputs.plan" value={row.left} variables={variables} disabled={disabled} isWrong={isWrong} onChange={(left) => edit(index, { left })} />
              <select className="af-input af-size-sm af-select" aria-label="Comparison" disabled={disabled} value={row.operator} onChange={(event) => edit(index, { operator: event.target.value })}>
                {OPERATORS.map(([operator, words]) => (
                  <option key={operator} value={operator}>
                    {words}
                  </option>
                ))}
              </select>
              {needsRight(row) && <PathInput label="Compared with" placeholder="Text, number or value" value={row.right} variables={variables} disabled={disabled} isWrong={wrong.has(`${index} right`)} onChange={(right) => edit(index, { right, raw: undefined })} />}
              <button type="button" className="af-button af-button-ghost af-icon-button af-size-sm" aria-label="Remove comparison" disabled={disabled} onClick={() => change(rows.filter((_row, at) => at !== index))}>
                ×
              </button>
            </div>
          );
        })
      )}
      {isOpen && <p className="af-help af-condition-open">Say what to compare, and with what: this row does not count yet.</p>}
      <div className="af-row">
        {!isText && (
          <button type="button" className="af-button af-button-ghost af-size-sm" disabled={disabled} onClick={() => setRows([...rows, { joiner: rows[1]?.joiner ?? "and", left: "", operator: "==", right: "" }])}>
            + Add comparison
          </button>
        )}
        <button type="button" className="af-button af-button-link af-size-sm" disabled={isText && !canRows} title={isText && !canRows ? "This condition says more than rows can show" : undefined} onClick={swap}>
          {isText ? "Edit as rows" : "Edit as text"}
        </button>
      </div>
    </div>
  );
}
