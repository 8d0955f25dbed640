// What the canvas knows of node kinds: their ports for a config, the one-line summary, free ids, sizes.
import { LIMITS } from "./graph.js";
export const NODE_WIDTH = 240;
export const HEAD_HEIGHT = 60;
export const ROW_HEIGHT = 26;
const RESERVED = new Set("inputs vars item index now forloop partial true false nil null empty blank and or not contains in if else for with as".split(" "));

let catalog = { kinds: {}, agents: {} };

export function setCatalog(next) {
  catalog = { ...catalog, ...next };
}

export const kindOf = (node) => catalog.kinds[node.kind];
export const allKinds = () => Object.values(catalog.kinds);
export const kindNamed = (name) => catalog.kinds[name];

// The palette offers a step with an agent of the workspace in it as "agent:critic".
export const bareKind = (name) => name.split(":")[0];
export const agentOf = (name) => name.split(":")[1] ?? "";
export const agentName = (slug) => catalog.agents[slug] ?? "";
export function agentOffers() {
  const { agent } = catalog.kinds;
  return agent ? Object.entries(catalog.agents).map(([slug, name]) => ({ ...agent, kind: `agent:${slug}`, title: name, summary: "A step in which this agent works.", words: slug.replace(/[-_]/g, " ") })) : [];
}

// The ways out of a node: those its config names (cases, buttons), the fixed ones, and the error way out if errors branch.
export function portsOf(node) {
  const kind = kindOf(node);
  if (!kind) return [{ name: "out", label: "", kind: "normal" }];
  const { from, fixed, branch, extra } = kind.ports;
  const made = [];
  if (from) {
    const listed = node.config?.[from] ?? kind.defaults[from] ?? [];
    for (const item of Array.isArray(listed) ? listed : [])
      if (item?.id) made.push({ name: item.id, label: item.label || words(item.id), kind: branch });
  }
  made.push(...fixed, ...extra.filter(({ when }) => node.config?.[when] != null));
  if (kind.canFail && node.on_error?.action === "branch") made.push({ name: "error", label: "Error", kind: "error" });
  return made;
}

// From a step of a region to the step that takes it back; not one of the ways out, as it is taken only when the region fails.
export const UNDO_PORT = "undo";
export const canBeUndone = (node, holder) => Boolean(holder && kindOf(holder)?.isRegion && !kindOf(node)?.isDrawing && !portsOf(node).some((port) => port.name === UNDO_PORT));

export const words = (id) => {
  const text = String(id).replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

export const labelOf = (node) => node.label || kindOf(node)?.title || node.kind;
export const acceptsInput = (node) => !kindOf(node)?.isEntry && !kindOf(node)?.isDrawing;
export const hasRows = (ports) => ports.length > 1 || ports.some((port) => port.kind !== "normal");

export function sizeOf(node) {
  const kind = kindOf(node);
  const place = node.position ?? {};
  if (kind?.isDrawing) return { width: place.width ?? 240, height: place.height ?? 140 };
  if (kind?.isContainer) return { width: place.width ?? 560, height: place.height ?? 260 };
  const ports = portsOf(node);
  return { width: NODE_WIDTH, height: HEAD_HEIGHT + (hasRows(ports) ? ports.length * ROW_HEIGHT + 8 : 0) };
}

export function newId(base, taken) {
  const stem = String(base)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "")
    .slice(0, 56) || "step";
  const isFree = (id) => !taken.has(id) && !RESERVED.has(id);
  if (isFree(stem)) return stem;
  const bare = stem.replace(/_\d+$/, "");
  let number = 2;
  while (!isFree(`${bare}_${number}`)) number += 1;
  return `${bare}_${number}`;
}

export function idProblem(id, taken) {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(id)) return "Use small letters, digits and _, starting with a letter, at most 63.";
  if (RESERVED.has(id)) return `'${id}' means something else in references. Choose another name.`;
  return taken.has(id) ? `There is already a step '${id}'.` : "";
}

const short = (text, most = 80) => {
  const line = String(text).trim().split("\n")[0].replace(/\s+/g, " ");
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
};

// Quoted text is skipped as a whole; of the rest, what has a dot is a path.
const PATHS = /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<![\w.-])([A-Za-z_]\w*(?:\.\w+)+)/g;
const PIECE = /\{\{-?\s*([A-Za-z_][\w.]*)[^}]*\}\}|\{%[\s\S]*?%\}/g;
const PLAIN_ROOTS = new Set(["inputs", "vars"]);

// The steps of the open workflow by id, so that a text that refers to one calls it by its name.
export function setSteps(steps) {
  catalog.steps = steps;
}

// "inputs.customer_name" reads "Customer name", "research.sources" reads "Research sources".
function pathWords(path) {
  const [root, ...rest] = path.split(".");
  const step = catalog.steps?.get(root);
  if (step) return [labelOf(step), ...rest.map((part) => words(part).toLowerCase())].join(" ");
  const parts = PLAIN_ROOTS.has(root) && rest.length ? rest : [root, ...rest];
  return parts.map((part, index) => (index ? words(part).toLowerCase() : words(part))).join(" ");
}

// A template or an expression as people read it: references by name, and nothing of the markup.
export function readable(text, isExpression = false) {
  if (isExpression && !text.includes("{{")) return text.replace(PATHS, (_whole, quoted, path) => quoted ?? pathWords(path));
  return text.replace(PIECE, (_whole, path) => (path ? pathWords(path) : ""));
}

export function durationWords(seconds) {
  if (seconds == null || seconds === "") return "";
  if (typeof seconds !== "number") return String(seconds);
  const [unit, size] = [["day", 86400], ["hour", 3600], ["minute", 60]].find(([, length]) => seconds >= length && seconds % length === 0) ?? ["second", 1];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

// "1 d 2 h", as app/services/inspector/form_values.py writes it.
export function spanWords(seconds) {
  const parts = [];
  let rest = seconds;
  for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"]]) {
    if (rest >= size) parts.push(`${Math.floor(rest / size)} ${unit}`);
    rest %= size;
  }
  if (rest || !parts.length) parts.push(`${rest} s`);
  return parts.join(" ");
}

// At least two decimals, and as many as it takes.
function dollars(micros) {
  const [whole, part = ""] = (micros / 1e6).toFixed(6).replace(/0+$/, "").split(".");
  return `${whole}.${part.padEnd(2, "0")}`;
}

// What one run may use, as texts of fields.
export function limitWords(limits) {
  const all = { ...LIMITS, ...limits };
  return {
    max_parallel: String(all.max_parallel),
    timeout_s: spanWords(all.timeout_s),
    max_steps: String(all.max_steps),
    max_cost_micros: all.max_cost_micros == null ? "" : dollars(all.max_cost_micros),
    max_tokens: all.max_tokens == null ? "" : String(all.max_tokens),
  };
}

// What a value that is written out as JSON holds: the names of its fields.
const valueWords = (value) => (Array.isArray(value) ? value.map((one) => (typeof one === "string" ? readable(one) : JSON.stringify(one))) : Object.keys(value).map(words)).join(", ");

// The first line that says something.
export function firstLine(text, widget) {
  if (widget === "code") return short(text);
  for (const line of text.slice(0, 2000).split("\n")) {
    const said = short(readable(line, widget === "condition"));
    if (said) return said;
  }
  return "";
}

const SEALED = "listing:"; // begins the reference of a sealed listing: engine/nodes/workflow.py
const IS_ID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

function describe(field, value) {
  if (value == null || value === "" || (Array.isArray(value) && !value.length)) return "";
  switch (field.widget) {
    case "agent":
      return catalog.agents[value] ?? words(value);
    case "workflow":
      return value.startsWith(SEALED) ? "A sealed listing" : IS_ID.test(value) ? "" : words(value);
    case "model":
      return short(value);
    case "select":
      return field.options?.find(([name]) => name === value)?.[1] ?? String(value);
    case "duration":
      return durationWords(value);
    case "cases":
      return short(value.map((one) => (one.condition ? readable(one.condition, true) : one.equals || one.label || one.id)).join(" · "));
    case "node":
      return words(value);
    case "nodes":
      return short(value.map(words).join(", "));
    case "agents":
      return short(value.map((one) => catalog.agents[one] ?? words(one)).join(", "));
    case "buttons":
    case "form_fields":
      return short(value.map((one) => one.label || one.title || words(one.name ?? one.id)).join(", "));
    case "values":
    case "key_values":
      return typeof value === "object" ? short(valueWords(value)) : "";
    case "toggle":
    case "number":
      return "";
    default:
      return typeof value === "string" ? firstLine(value, field.widget) : typeof value === "object" ? short(valueWords(value)) : String(value);
  }
}

// The one line under the label: the first field that says something, after a choice that is not the usual one ("POST https://...").
export function summaryOf(node) {
  const kind = kindOf(node);
  if (!kind) return `Unknown kind '${node.kind}'`;
  const parts = [];
  for (const field of kind.fields) {
    if (field.is_advanced) continue;
    const given = node.config?.[field.name];
    const text = describe(field, given);
    if (!text || (field.widget === "select" && given === field.default && field.name !== "method")) continue;
    parts.push(text);
    if (field.widget !== "select") break;
  }
  return parts.join(" ") || kind.hint;
}

// Kinds under the headings of their groups.
export function groupsOf(kinds) {
  const groups = new Map();
  for (const kind of kinds) {
    if (!groups.has(kind.group)) groups.set(kind.group, []);
    groups.get(kind.group).push(kind);
  }
  return [...groups].map(([label, list]) => ({ label, kinds: list }));
}
