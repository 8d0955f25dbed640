// What of a value people want to read: an agent's answer without its double and without the tools it did not call.
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const IDENTITY = ["id", "name"];
const TITLES = ["label", "title", "name"];

export function equal(a, b) {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => equal(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}

// Whether a text spells this value out as JSON.
export function spells(text, value) {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    return equal(JSON.parse(text), value);
  } catch {
    return false;
  }
}

// The output of an agent or a model call: its fields in place of {text, tool_calls, data}; any other value as it is.
export function tidied(value) {
  if (!isObject(value) || typeof value.text !== "string" || !("data" in value || "tool_calls" in value)) return value;
  const { text, data, tool_calls: calls, ...rest } = value;
  if (Array.isArray(calls) ? calls.length : calls != null) rest.tool_calls = calls;
  if (data == null) return Object.keys(rest).length ? { text, ...rest } : text;
  const isDouble = spells(text, data);
  const canMerge = isObject(data) && Object.keys(data).every((key) => !Object.hasOwn(rest, key));
  if (isDouble && canMerge) return { ...data, ...rest };
  return isDouble ? { data, ...rest } : { text, data, ...rest };
}

// One entry of a list as a heading and the rest of its fields, for entries that have a name: buttons, form fields, tool calls.
export function entryOf(item) {
  const key = isObject(item) ? TITLES.find((one) => typeof item[one] === "string" && item[one]) : undefined;
  if (!key) return null;
  const isEmpty = (part) => part == null || part === "" || (Array.isArray(part) && !part.length);
  const rest = Object.entries(item).filter(([name, part]) => name !== key && !IDENTITY.includes(name) && !isEmpty(part));
  return { title: item[key], rest: Object.fromEntries(rest) };
}

// Whether a model wrote this as Markdown: a heading, a list of several points, a table, code, or something in bold. Very long texts stay as they are.
const MARKS = [/^#{1,6} \S/m, /^\s*[-*] \S[^\n]*\n+\s*[-*] \S/m, /^\s*1[.)] \S[^\n]*\n+\s*2[.)] \S/m, /^\|.*\|\n\|[\s:|-]+\|/m, /^```/m, /\*\*[^*\s][^*\n]*\*\*/];
const MOST_MARKED = 60000;
export const isMarkdown = (text) => text.length <= MOST_MARKED && MARKS.some((mark) => mark.test(text));
