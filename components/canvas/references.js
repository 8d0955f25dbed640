// Follows node ids through Liquid texts, exactly as app/services/workflows/references.py does on the server.
const MARKUP = /(\{\{-?|\{%-?)([\s\S]*?)(-?\}\}|-?%\})/g;
// Quoted text is skipped as a whole; a name counts only where it is the root of a path and no filter or keyword argument.
const TOKEN = /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<![\w.-])([A-Za-z_]\w*)(?!\w|\s*:(?!:))/g;
const EXPRESSION_KEYS = new Set(["condition", "when", "expression"]);
const STEP_KEYS = new Set(["step_id", "step_ids"]); // fields of a config that hold ids of steps

export function renameInExpression(text, renames) {
  return text.replace(TOKEN, (whole, _quoted, name, offset) => {
    if (!name || !Object.hasOwn(renames, name) || /\|\s*$/.test(text.slice(0, offset))) return whole;
    return renames[name];
  });
}

export function renameInTemplate(text, renames) {
  if (!text.includes("{{") && !text.includes("{%")) return text;
  return text.replace(MARKUP, (_whole, open, inner, close) => open + renameInExpression(inner, renames) + close);
}

export function renameInValue(value, renames, isExpression = false) {
  if (typeof value === "string")
    return isExpression && !value.includes("{{") ? renameInExpression(value, renames) : renameInTemplate(value, renames);
  if (Array.isArray(value)) {
    const made = value.map((item) => renameInValue(item, renames));
    return made.every((item, index) => item === value[index]) ? value : made;
  }
  if (value && typeof value === "object") return renameInConfig(value, renames, false);
  return value;
}

// Returns the same object when nothing in it changed.
export function renameInConfig(config, renames, isWhole = true) {
  let made = config;
  for (const [key, item] of Object.entries(config)) {
    const next = isWhole && STEP_KEYS.has(key) ? renameIds(item, renames) : renameInValue(item, renames, EXPRESSION_KEYS.has(key));
    if (next !== item) made = { ...(made === config ? config : made), [key]: next };
  }
  return made;
}

function renameIds(value, renames) {
  if (Array.isArray(value)) return value.some((one) => Object.hasOwn(renames, one)) ? value.map((one) => renames[one] ?? one) : value;
  return typeof value === "string" && Object.hasOwn(renames, value) ? renames[value] : value;
}
