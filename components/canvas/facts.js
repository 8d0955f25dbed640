// Small facts per node, followed one node at a time, so that a change of one draws nothing else again.
export function createFacts() {
  let facts = new Map();
  const listeners = new Map();
  return {
    replace(next) {
      const old = facts;
      facts = next instanceof Map ? next : new Map(Object.entries(next ?? {}));
      for (const [id, called] of listeners) if (!same(old.get(id), facts.get(id))) for (const listener of called) listener();
    },
    get: (id) => facts.get(id),
    follow(id, listener) {
      if (!listeners.has(id)) listeners.set(id, new Set());
      listeners.get(id).add(listener);
      return () => listeners.get(id)?.delete(listener);
    },
  };
}

const same = (a, b) => a === b || (a && b && Object.keys({ ...a, ...b }).every((key) => a[key] === b[key]));

export const overlay = createFacts();
export const dimmed = createFacts();
export const marks = createFacts(); // how a step differs while versions are compared
