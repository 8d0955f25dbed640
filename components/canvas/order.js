// Puts the boxes of each column of an arranged graph in the order of the ways out that lead to them.
const STEP = 26; // between two ways out of a step
const GAP = 36;

// given: [id, {x, y, width, height}] by centres; lines: {source, target, rank of the way out, points of the route}.
// Returns [id, y] for the boxes that move. Lines that pass a column keep their place in it, so nothing is put on top of them.
export function inOrder(given, lines) {
  const boxes = new Map(given);
  const columns = new Map();
  for (const [id, box] of boxes) {
    const x = Math.round(box.x);
    if (!columns.has(x)) columns.set(x, []);
    columns.get(x).push({ id, y: box.y, height: box.height, comesFrom: [] });
  }
  const places = new Map();
  const order = [...columns.keys()].sort((a, b) => a - b);
  const moved = new Map();
  for (const x of order) {
    const column = columns.get(x);
    for (const line of lines) {
      const [from, to] = [boxes.get(line.source), boxes.get(line.target)];
      const height = places.get(line.source) ?? from.y;
      const start = height + line.rank * STEP;
      const here = column.find((item) => item.id === line.target);
      if (here) here.comesFrom.push(start);
      else if (from.x < x - 1 && to.x > x + 1) column.push({ id: "", y: at(line.points, x), height: 0, comesFrom: [start] });
    }
    const wish = (item) => (item.comesFrom.length ? item.comesFrom.reduce((sum, one) => sum + one, 0) / item.comesFrom.length : item.y);
    const now = [...column].sort((a, b) => a.y - b.y);
    const sorted = [...column].map((item, index) => ({ item, index, key: wish(item) })).sort((a, b) => a.key - b.key || a.item.y - b.item.y || a.index - b.index).map(({ item }) => item);
    const slots = now.map((item) => item.y);
    let free = -Infinity;
    sorted.forEach((item, index) => {
      const isSame = now[index] === item;
      const y = Math.max(isSame ? item.y : slots[index], free + item.height / 2);
      free = y + item.height / 2 + GAP;
      if (!item.id) return;
      places.set(item.id, y);
      if (Math.abs(y - item.y) > 0.5) moved.set(item.id, y);
    });
  }
  return [...moved];
}

// The height of a route at a column.
function at(points, x) {
  const next = points.findIndex((point) => point.x >= x);
  if (next <= 0) return points[Math.max(0, next)].y;
  const [a, b] = [points[next - 1], points[next]];
  return a.y + ((b.y - a.y) * (x - a.x)) / Math.max(1, b.x - a.x);
}
