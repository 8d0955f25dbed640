// Simple conditions as rows (left, operator, right) for the condition builder, and back; anything richer stays text.
const PATH = String.raw`[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\d+\])*`;
const PART = new RegExp(String.raw`\s*(${PATH})\s*(==|!=|>=|<=|>|<|contains\b)\s*('[^']*'|"[^"]*"|-?\d+(?:\.\d+)?|${PATH})\s*`, "y");
const WHOLE_PATH = new RegExp(`^${PATH}$`);
const LITERAL = /^(-?\d+(\.\d+)?|true|false|nil|null|empty|blank)$/;

export const OPERATORS = [["==", "is"], ["!=", "is not"], [">", ">"], [">=", "≥"], ["<", "<"], ["<=", "≤"], ["contains", "contains"], ["empty", "is empty"], ["filled", "is not empty"]];
const EMPTY = { empty: "==", filled: "!=" };
export const needsRight = (row) => !(row.operator in EMPTY);
export const isWhole = (row) => isPath(row.left) && (!needsRight(row) || row.raw !== undefined || row.right.trim() !== "");
export const isPath = (text) => WHOLE_PATH.test(text.trim());

// Rows of a condition, [] for an empty one, or null when rows cannot show it (parentheses, not, mixed and/or).
// `right` stands as people type it; `raw` keeps how it was written, so that '5' stays a text while nobody changes it.
export function readRows(text) {
  const rows = [];
  let [place, joiner] = [0, "and"];
  while (text.slice(place).trim()) {
    PART.lastIndex = place;
    const part = PART.exec(text);
    if (!part) return null;
    const isBlank = part[3] === "''" || part[3] === '""';
    const blank = Object.keys(EMPTY).find((word) => isBlank && EMPTY[word] === part[2]);
    rows.push(blank ? { joiner, left: part[1], operator: blank, right: "" } : { joiner, left: part[1], operator: part[2], right: part[3].replace(/^(['"])([\s\S]*)\1$/, "$2"), raw: part[3] });
    place = PART.lastIndex;
    const word = text.slice(place).match(/^(and|or)\b/)?.[1];
    if (!word) break;
    [joiner, place] = [word, place + word.length];
    if (!text.slice(place).trim()) return null;
  }
  return !text.slice(place).trim() && new Set(rows.slice(1).map((row) => row.joiner)).size <= 1 ? rows : null;
}

// Which sides of which rows a checker's places [line, column] mean: "0 right". Nothing where rows cannot show the condition.
export function wrongSides(text, spots) {
  const lines = text.split("\n");
  const starts = sidesOf(text);
  return spots.flatMap(([line, column]) => {
    const at = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
    const side = starts.findLast((one) => one.from <= at);
    return side ? [side.name] : [];
  });
}

function sidesOf(text) {
  if (readRows(text) === null) return [];
  const sides = [];
  for (let [row, place] = [0, 0]; text.slice(place).trim(); row += 1) {
    PART.lastIndex = place;
    const part = PART.exec(text);
    const right = part.index + part[0].trimEnd().length - part[3].length;
    sides.push({ name: `${row} left`, from: part.index }, { name: `${row} right`, from: right });
    place = PART.lastIndex + (text.slice(PART.lastIndex).match(/^(and|or)\b/)?.[0].length ?? 0);
  }
  return sides;
}

// A right side that is neither a number, a word of Liquid nor a known path becomes a text.
function quoted(text, paths) {
  const bare = text.trim();
  if (LITERAL.test(bare) || paths.has(bare)) return bare;
  return bare.includes("'") && !bare.includes('"') ? `"${bare}"` : `'${bare.replaceAll("'", "\u2019")}'`;
}

export function writeRows(rows, paths) {
  const said = (row) => (needsRight(row) ? `${row.operator} ${row.raw ?? quoted(row.right, paths)}` : `${EMPTY[row.operator]} ''`);
  return rows.map((row, index) => `${index ? ` ${row.joiner} ` : ""}${row.left.trim()} ${said(row)}`).join("");
}
