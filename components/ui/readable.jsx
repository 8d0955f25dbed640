/* A result as people read it: texts keep their lines, an object becomes labelled lines, what is nested stays a tree. */
import { JsonView } from "./json_view.jsx";

const isNested = (value) => value !== null && typeof value === "object" && !(Array.isArray(value) && value.every((one) => one === null || typeof one !== "object"));
const words = (key) => {
  const text = key.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

function Plain({ value }) {
  if (value === null || value === undefined || value === "") return <span className="af-muted">nothing</span>;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.length ? <ul>{value.map((one, index) => <li key={index}><Plain value={one} /></li>)}</ul> : <span className="af-muted">nothing</span>;
  return <span className="af-readable-text">{String(value)}</span>;
}

export function ReadableValue({ value }) {
  if (!isNested(value)) return <div className="af-readable-body"><Plain value={value} /></div>;
  if (Array.isArray(value)) return <JsonView value={value} openTo={2} />;
  return (
    <dl className="af-readable-body">
      {Object.entries(value).map(([key, one]) => (
        <div key={key} className="af-readable-line">
          <dt>{words(key)}</dt>
          <dd>{isNested(one) ? <JsonView value={one} openTo={1} /> : <Plain value={one} />}</dd>
        </div>
      ))}
    </dl>
  );
}
