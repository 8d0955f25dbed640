// What a finding's remedy changes, worked out on the open graph; engine/graph/fixes.py describes it.
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const at = (config, path) => path.reduce((holder, key) => holder?.[key], config);

// The edit operations of one fix, each on what stands there now; none where nothing is left to mend.
export function operationsOf(edits, nodeOf) {
  return edits.map((edit) => operationOf(edit, nodeOf(edit.node))).filter(Boolean);
}

export function operationOf({ how, node: id, path: dotted, value, old }, node) {
  if (!node) return null;
  const path = dotted.split(".").map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  const now = at(node.config ?? {}, path);
  if (how === "append") {
    const list = now ?? [];
    return list.some((one) => one.name === value.name) ? null : { op: "set_config", id, path, value: [...list, value] };
  }
  if (how === "replace") {
    if (typeof now !== "string") return null;
    const text = now.replace(new RegExp(`(?<![\\w.])${escaped(old)}(?!\\w)`, "g"), () => value);
    return text === now ? null : { op: "set_config", id, path, value: text };
  }
  return { op: "set_config", id, path, value };
}
