// Edits of the inspector's form, worked out on the open graph: at once on the canvas, undoable, and never on top of an older state.
// The texts of fields become values as app/services/inspector/form_values.py has it.
import { same } from "./graph.js";
import { kindOf } from "./kinds.js";

const UNITS = { d: 86400, day: 86400, days: 86400, h: 3600, m: 60, min: 60, s: 1, "": 1 };
const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const PAIRS = ["key_values", "values", "called_inputs"];
const VALUE = { name: "value", label: "Value", widget: "value", default: null };
const MOST_ENTRIES = 100;

class Refused extends Error {}

export function createForms(editor) {
  const { state } = editor;
  // Every edit names its step: what is still being typed when another step is chosen belongs to the step it was typed at.
  const find = (id) => {
    const node = editor.node(id);
    return node ? { node, fields: kindOf(node)?.fields ?? [] } : null;
  };
  const tell = (id, name, problem) => {
    if (id && state.inspected?.id !== id) return;
    const { [name]: old = "", ...rest } = state.fieldErrors;
    if (old !== problem) editor.set({ fieldErrors: problem ? { ...rest, [name]: problem } : rest });
  };

  // Finds the field, lets `change` work out its new value from the present one, and keeps it; a refusal stands at the field.
  function edit(id, name, change) {
    const { node, fields } = find(id) ?? {};
    const field = fields?.find((one) => one.name === name);
    if (!field) return;
    try {
      const value = change(field, node.config?.[name] ?? field.default);
      tell(id, name, "");
      if (same(value, field.default) && !field.is_required) editor.configure(node.id, [name], null, { unset: true, label: `Change ${field.label}` });
      else editor.configure(node.id, [name], value, { label: `Change ${field.label}` });
      editor.hooks.sync?.soon();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      tell(id, name, error.message);
    }
  }

  function setField(id, name, text) {
    edit(id, name, (field) => valueOf(field, text));
    const { node, fields } = find(id) ?? {};
    const version = fields?.find((one) => one.widget === "workflow_version"); // a version of one workflow means nothing for another
    const isOther = fields?.find((one) => one.name === name)?.widget === "workflow" && version && node.config?.[version.name] != null;
    if (isOther) editor.configure(node.id, [version.name], null, { unset: true, label: `Change ${version.label}` });
  }
  const toggle = (id, name, one) => one && edit(id, name, (_field, now) => (now?.includes(one) ? now.filter((other) => other !== one) : [...(now ?? []), one]));
  function setEntry(id, name, action, index, cell, text) {
    if (action === "add") editor.set({ fresh: `${id}/${name}/${Object.keys(find(id)?.node.config?.[name] ?? []).length}` }); // it opens when it appears
    edit(id, name, (field, now) => (PAIRS.includes(field.widget) ? Object.fromEntries(changePairs(field, Object.entries(now ?? {}), action, index, cell, text)) : changeEntries(field, [...(now ?? [])], action, index, cell, text)));
  }

  // How the step joins, retries, times out and fails.
  function policy(id, name, text) {
    const { node } = find(id) ?? {};
    if (!node) return;
    const retry = { attempts: 1, delay_s: 1, max_delay_s: 60, ...node.retry };
    const onError = { action: "fail", default: null, ...node.on_error };
    const read = (low, high) => number({ low, high, default: null }, text);
    const made = {
      join: () => ["join", text === "count" ? 2 : text],
      join_count: () => ["join", read(1, 10000) ?? 1],
      others: () => ["others", text],
      lock: () => ["lock", lockName(text)],
      attempts: () => ["retry", { ...retry, attempts: whole(read(1, 10) ?? 1) }],
      delay_s: () => ["retry", { ...retry, delay_s: read(0, 3600) ?? 1 }],
      max_delay_s: () => ["retry", { ...retry, max_delay_s: read(0, 86400) ?? 60 }],
      timeout_s: () => ["timeout_s", read(0.1, 86400)],
      on_error: () => ["on_error", { ...onError, action: text }],
      default: () => ["on_error", { ...onError, default: loose(null, text) }],
    }[name];
    try {
      const [field, value] = made();
      tell(id, `policy.${name}`, "");
      editor.setPolicy(node.id, field, value);
      editor.hooks.sync?.soon();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      tell(id, `policy.${name}`, error.message);
    }
  }

  // What one run of the workflow may use; `bounds` are those of engine.spec.workflow.RunLimits.
  function limit(name, bounds, text) {
    try {
      const isNone = bounds.optional && !text.trim();
      const value = isNone ? null : bounds.unit === "duration" ? duration(bounds, text) : bounds.unit === "dollars" ? micros(bounds, text) : whole(number({ ...bounds, default: null }, text) ?? NaN);
      if (value === null && !isNone) throw new Refused("Write a duration such as 30 min or 2 h.");
      tell("", `limits.${name}`, "");
      if ((state.graph.limits[name] ?? null) !== value) editor.gesture("Change the limits", [{ op: "set_limit", field: name, value }], { coalesce: `limits/${name}` });
      editor.hooks.sync?.soon();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      tell("", `limits.${name}`, error.message);
    }
  }

  const meta = (field, text) => {
    if (text !== state.graph.meta[field]) editor.gesture("Describe the workflow", [{ op: "set_meta", field, value: text }], { coalesce: field });
  };

  // The model dialog chooses the model itself, or one more fallback.
  function pickModel(id, name, model) {
    const field = find(id)?.fields.find((one) => one.name === name);
    if (field) (field.widget === "models" ? toggle : setField)(id, name, model);
  }

  const relabel = (id, text) => editor.relabel(id, text.trim());
  const rename = (id, text) => find(id) && text.trim() && text.trim() !== id && editor.renameId(id, text.trim());
  return { setField, setEntry, toggle, policy, limit, meta, pickModel, relabel, rename };
}

function changePairs(field, pairs, action, index, cell, text) {
  if (action === "named") {
    const value = valueOf(VALUE, text);
    const rest = pairs.filter(([key]) => key !== cell);
    const at = pairs.findIndex(([key]) => key === cell);
    return value == null ? rest : rest.toSpliced(at < 0 ? rest.length : at, 0, [cell, value]);
  }
  if (action === "add") return [...pairs, [free("name", pairs.map(([key]) => key)), ""]];
  if (!pairs[index]) return pairs;
  if (action === "remove") return pairs.filter((_pair, at) => at !== index);
  const [key, value] = pairs[index];
  if (cell === "key") {
    const wanted = text.trim();
    if (!wanted || (wanted !== key && pairs.some(([other]) => other === wanted))) throw new Refused("Give each line a name of its own.");
    return pairs.with(index, [wanted, value]);
  }
  return pairs.with(index, [key, field.widget === "key_values" ? text : valueOf(VALUE, text)]);
}

function changeEntries(field, entries, action, index, cell, text) {
  if (action === "add") {
    if (entries.length >= MOST_ENTRIES) throw new Refused(`At most ${MOST_ENTRIES} are allowed. Remove one first.`);
    return [...entries, blank(field, entries)];
  }
  if (!entries[index]) return entries;
  if (action === "remove") return entries.filter((_entry, at) => at !== index);
  if (action === "up" || action === "down") {
    const other = index + (action === "down" ? 1 : -1);
    if (entries[other]) [entries[index], entries[other]] = [entries[other], entries[index]];
    return entries;
  }
  const column = field.columns.find((one) => one.name === cell);
  return column ? entries.with(index, { ...entries[index], [cell]: valueOf(column, text) }) : entries;
}

// A new entry with an identity and a label of its own.
function blank(field, entries) {
  const word = { cases: "case", buttons: "button" }[field.widget] ?? "field";
  const made = {};
  for (const column of field.columns) if (column.default != null) made[column.name] = column.default;
  for (const name of ["id", "name"])
    if (field.columns.some((column) => column.name === name)) {
      made[name] = free(word, entries.map((entry) => entry[name]), entries.length + 1);
      if (field.columns.some((column) => column.name === "label")) made.label = (made[name].charAt(0).toUpperCase() + made[name].slice(1)).replaceAll("_", " ");
    }
  return made;
}

function free(word, taken, start = 1) {
  let number = start;
  while (taken.includes(`${word}_${number}`)) number += 1;
  return `${word}_${number}`;
}

export function valueOf(field, text) {
  const read = READERS[field.widget];
  return read ? read(field, text) : String(text);
}

function number(field, text) {
  if (!text.trim()) return field.default;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Refused("Write a number, such as 5.");
  const [low, high] = [field.low, field.high];
  if ((low != null && value < low) || (high != null && value > high)) throw new Refused(low == null ? `At most ${high}.` : high == null ? `At least ${low}.` : `From ${low} to ${high}.`);
  return value;
}

function whole(value) {
  if (!Number.isInteger(value)) throw new Refused("Write a whole number.");
  return value;
}

// An amount in US dollars as the whole number of millionths that definitions keep.
function micros({ high }, text) {
  const value = Number(text.trim().replace(/^\$/, "").replace(",", "."));
  if (!Number.isFinite(value) || value < 0.000001) throw new Refused("Write an amount in US dollars, such as 0.50.");
  if (Math.round(value * 1e6) > high) throw new Refused(`At most ${high / 1e6} dollars.`);
  return Math.round(value * 1e6);
}

function duration(field, text) {
  if (!text.trim()) return null;
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)\s*(days|day|d|h|min|m|s|)\s*/giy)];
  if (parts.reduce((length, part) => length + part[0].length, 0) !== text.trim().length) throw new Refused("Write a duration such as 30 s, 5 min, 2 h or 1 d.");
  const seconds = parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit.toLowerCase()], 0);
  if (field.high != null && seconds > field.high) throw new Refused(`At most ${field.high} s.`);
  return seconds;
}

// JSON where the text is JSON, else the text itself with its references.
function loose(_field, text) {
  const bare = text.trim();
  if (!bare) return null;
  const isJson = (/^[[{"]/.test(bare) && !/^(\{\{|\{%)/.test(bare)) || ["true", "false", "null"].includes(bare) || NUMBER.test(bare);
  if (!isJson) return text;
  try {
    return JSON.parse(bare);
  } catch {
    return text;
  }
}

function strict(_field, text) {
  if (!text.trim()) return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refused(`This is not valid JSON: ${error.message}.`);
  }
}

const lines = (_field, text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
const version = (_field, text) => (text.trim() ? whole(Number(text)) : null);
const READERS = { workflow_version: version, number, duration, value: loose, late_value: loose, literal: loose, json: strict, schema: strict, lines, toggle: (_field, on) => on === true || on === "true" };

// A name like those of steps; what people type is brought into that form.
const lockName = (text) =>
  String(text)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "")
    .slice(0, 63) || null;
