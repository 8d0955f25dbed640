/* A value as people read it: texts as texts, objects as named fields, short lists as lists; anything else as a tree. components/ui/values.py wraps it. */
import { useState } from "react";
import { SafeMarkdown } from "../markdown/markdown.jsx";
import { JsonView } from "./json_view.jsx";
import { entryOf, isMarkdown, tidied } from "./readable.js";
import { inWords } from "./words.js";

const LONG = 1600;
const MOST_FIELDS = 30;
const MOST_ITEMS = 50;
const DEPTH = 4;
const CODE_DEPTH = 2; // settings and the entries of their lists

const LONG_ITEM = 120;

const isScalar = (value) => value === null || value === undefined || typeof value !== "object";
const isLong = (item) => (typeof item === "string" ? item.length > LONG_ITEM || item.includes("\n") : Object.values(item ?? {}).some((part) => typeof part === "string" && isLong(part)));
const titleOf = (key, labels) => labels?.[key] || inWords(key);

// Whether a value is small enough to be laid out instead of shown as a tree; what is too deep in it is a tree in its place.
function isReadable(value, depth = 0) {
  if (isScalar(value)) return true;
  if (depth >= DEPTH) return false;
  return Array.isArray(value) ? value.length <= MOST_ITEMS : Object.keys(value).length <= MOST_FIELDS;
}

function Words({ value, isAnswer, isCode }) {
  const [isFull, setFull] = useState(false);
  if (value === null || value === undefined || value === "") return <span className="af-muted">{value === "" ? "empty" : "nothing"}</span>;
  if (typeof value === "boolean") return <span>{value ? "Yes" : "No"}</span>;
  if (typeof value === "number") return <span className="af-value-number">{String(value)}</span>;
  if (isAnswer && isMarkdown(value)) return <div className="af-value-markdown"><SafeMarkdown text={value} /></div>;
  const isCut = value.length > LONG && !isFull;
  return (
    <div className={isCode ? "af-value-text af-value-code" : "af-value-text"}>
      {isCut ? `${value.slice(0, LONG)}…` : value}
      {isCut && (
        <button type="button" className="af-link af-small af-value-more" onClick={() => setFull(true)}>
          Show all of it ({(value.length - LONG).toLocaleString("en")} more characters)
        </button>
      )}
    </div>
  );
}

function Item({ value, depth, isAnswer, code }) {
  const entry = entryOf(value);
  if (!entry) return <Laid value={value} depth={depth} isAnswer={isAnswer} code={code} />;
  return (
    <>
      <div className="af-value-entry">{entry.title}</div>
      {Object.keys(entry.rest).length > 0 && <Laid value={entry.rest} depth={depth} isAnswer={isAnswer} code={code} />}
    </>
  );
}

function Laid({ value: given, labels, depth = 0, isAnswer, code = [], isCode = false }) {
  const value = tidied(given);
  if (isScalar(value)) return <Words value={value} isAnswer={isAnswer} isCode={isCode} />;
  if (!isReadable(value, depth)) return <JsonView value={value} openTo={depth ? 0 : 2} />;
  if (Array.isArray(value)) {
    if (!value.length) return <span className="af-muted">an empty list</span>;
    return (
      <ol className={value.some(isLong) ? "af-value-list af-value-texts" : "af-value-list"}>
        {value.map((item, index) => (
          <li key={index}>
            <Item value={item} depth={depth + 1} isAnswer={isAnswer} code={code} />
          </li>
        ))}
      </ol>
    );
  }
  const fields = Object.entries(value);
  if (!fields.length) return <span className="af-muted">nothing</span>;
  return (
    <dl className="af-value-fields">
      {fields.map(([key, item]) => (
        <div key={key}>
          <dt>{titleOf(key, labels)}</dt>
          <dd>
            <Laid value={item} depth={depth + 1} isAnswer={isAnswer} code={code} isCode={depth <= CODE_DEPTH && code.includes(key)} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function ValueView({ value, labels, code, label = "Value", isAnswer = false }) {
  const canRead = isReadable(value);
  const [asData, setAsData] = useState(false);
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard?.writeText(typeof value === "string" ? value : JSON.stringify(value, null, 2));
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <div className="af-value" role="group" aria-label={label}>
      <div className="af-value-body" tabIndex={0}>
        <div className="af-value-bar">
          {canRead && !isScalar(value) && Object.keys(value).length > 0 && (
            <button type="button" className="af-value-tool" aria-pressed={asData} onClick={() => setAsData(!asData)}>
              {asData ? "As text" : "As JSON"}
            </button>
          )}
          <button type="button" className="af-value-tool" onClick={copy}>
            {copied ? "Copied" : "Copy"}
          </button>
        </div>
        {canRead && !asData ? <Laid value={value} labels={labels} code={code} isAnswer={isAnswer} /> : <JsonView value={value} openTo={2} />}
      </div>
    </div>
  );
}
