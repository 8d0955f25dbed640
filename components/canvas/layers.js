// Arranges boxes in columns from left to right: lines run as straight as they can, cross as little as they can and pass no box from behind.
const COLUMN_GAP = 80;
const GAP = 40;
const LANE = 24; // the height of a line that passes a column
const CLEAR = 14; // between a passing line and a box
const SWEEPS = 12;
const ROUNDS = 8;

// boxes: [{id, width, height, entry}] with the height of the way in; lines: [{source, target, exit}] with the height of the way out.
// Returns {id: {x, y}} of the upper left corners; the first box of a column stands where its lines want it, not at 0.
export function inLayers(boxes, lines) {
  const items = new Map(boxes.map((box) => [box.id, { ...box, before: [], after: [] }]));
  rank(items, lines);
  const columns = inColumns(items, chained(items, lines));
  order(columns);
  place(columns);
  const routes = lines.filter((line) => items.get(line.target).rank - items.get(line.source).rank > 1);
  const lefts = across(columns);
  clear(columns, routes, items, lefts);
  return Object.fromEntries(boxes.map(({ id }) => [id, { x: lefts[items.get(id).rank], y: Math.round(items.get(id).y) }]));
}

// The column of a box lies behind all that lead to it; what nothing leads to stands right before what follows.
function rank(items, lines) {
  const waits = new Map([...items.keys()].map((id) => [id, 0]));
  const leads = new Map([...items.keys()].map((id) => [id, []]));
  for (const { source, target } of lines) {
    waits.set(target, waits.get(target) + 1);
    leads.get(source).push(target);
  }
  const ready = [...items.keys()].filter((id) => !waits.get(id));
  for (const id of ready) items.get(id).rank = 0;
  const begins = new Set(ready);
  for (const id of ready)
    for (const next of leads.get(id)) {
      items.get(next).rank = Math.max(items.get(next).rank ?? 0, items.get(id).rank + 1);
      waits.set(next, waits.get(next) - 1);
      if (!waits.get(next)) ready.push(next);
    }
  for (const id of begins) if (leads.get(id).length) items.get(id).rank = Math.min(...leads.get(id).map((next) => items.get(next).rank)) - 1;
}

// Lines of one column's length: a long one passes the columns between in lanes of its own.
function chained(items, lines) {
  const lanes = [];
  for (const { source, target, exit } of lines) {
    let [from, leaves] = [items.get(source), exit];
    const to = items.get(target);
    for (let column = from.rank + 1; column < to.rank; column += 1) {
      const lane = { id: "", source, target, rank: column, width: 0, height: LANE, entry: LANE / 2, before: [], after: [] };
      lanes.push(lane);
      join(from, leaves, lane);
      [from, leaves] = [lane, LANE / 2];
    }
    join(from, leaves, to);
  }
  return lanes;
}

function join(from, exit, to) {
  from.after.push({ item: to, exit });
  to.before.push({ item: from, exit });
}

// The first order is that of a walk along the ways out from above, so that what is drawn in order stays in it.
function inColumns(items, lanes) {
  const all = [...items.values(), ...lanes];
  const columns = Array.from({ length: Math.max(0, ...all.map((item) => item.rank + 1)) }, () => []);
  const seen = new Set();
  for (const root of all.filter((item) => !item.before.length)) {
    const stack = [root];
    while (stack.length) {
      const item = stack.pop();
      if (seen.has(item)) continue;
      seen.add(item);
      columns[item.rank].push(item);
      stack.push(...[...item.after].sort((a, b) => a.exit - b.exit).map((line) => line.item).reverse());
    }
  }
  return columns;
}

// Sweeps to and fro, each column sorted by where its lines come from; the order with the fewest crossings wins.
function order(columns) {
  const number = () => columns.forEach((column) => column.forEach((item, index) => (item.index = index)));
  number();
  let best = { crossings: crossingsOf(columns), columns: columns.map((column) => [...column]) };
  for (let sweep = 0; sweep < SWEEPS && best.crossings; sweep += 1) {
    const isDown = sweep % 2 === 0;
    for (const column of isDown ? columns : [...columns].reverse()) {
      const wish = (item) => {
        const lines = isDown ? item.before : item.after;
        return lines.length ? lines.reduce((sum, line) => sum + line.item.index + (isDown ? line.exit / 1e4 : 0), 0) / lines.length : item.index;
      };
      column.map((item) => ({ item, key: wish(item) })).sort((a, b) => a.key - b.key || a.item.index - b.item.index).forEach(({ item }, index) => {
        column[index] = item;
        item.index = index;
      });
      swapNeighbours(column);
    }
    const crossings = crossingsOf(columns);
    if (crossings < best.crossings) best = { crossings, columns: columns.map((column) => [...column]) };
  }
  best.columns.forEach((column, index) => columns[index].splice(0, Infinity, ...column));
  number();
}

function swapNeighbours(column) {
  let isBetter = column.length < 60;
  for (let rounds = 0; isBetter && rounds < 4; rounds += 1) {
    isBetter = false;
    for (let index = 0; index + 1 < column.length; index += 1) {
      const [upper, lower] = [column[index], column[index + 1]];
      if (between(upper, lower) <= between(lower, upper)) continue;
      [column[index], column[index + 1]] = [lower, upper];
      [lower.index, upper.index] = [index, index + 1];
      isBetter = true;
    }
  }
}

// Crossings of the lines of two boxes of a column, if the first stands above the second.
function between(upper, lower) {
  let count = 0;
  for (const a of upper.before) for (const b of lower.before) if (isAbove(b, a)) count += 1;
  for (const a of upper.after) for (const b of lower.after) if (b.item.index < a.item.index) count += 1;
  return count;
}

const isAbove = (a, b) => a.item.index < b.item.index || (a.item === b.item && a.exit < b.exit);

function crossingsOf(columns) {
  let count = 0;
  for (const column of columns) {
    const lines = column.flatMap((item) => item.before.map((line) => ({ from: line.item.index + line.exit / 1e5, to: item.index })));
    count += inversions(lines.sort((a, b) => a.from - b.from || a.to - b.to).map((line) => line.to));
  }
  return count;
}

// How many pairs stand in the wrong order, counted while they are merged.
function inversions(list) {
  if (list.length < 2) return 0;
  const half = list.length >> 1;
  const [left, right] = [list.slice(0, half), list.slice(half)];
  let count = inversions(left) + inversions(right);
  let [i, j] = [0, 0];
  for (let at = 0; at < list.length; at += 1) {
    if (j >= right.length || (i < left.length && left[i] <= right[j])) list[at] = left[i++];
    else {
      list[at] = right[j++];
      count += left.length - i;
    }
  }
  return count;
}

// Heights: each box wishes to stand level with its lines; boxes of a column share out the room as little off as possible.
function place(columns) {
  for (const column of columns) stack(column, column.map(() => 0));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const column of columns) stack(column, column.map((item) => level(item, item.before, (line) => line.item.y + line.exit - item.entry)));
    for (const column of [...columns].reverse()) stack(column, column.map((item) => level(item, item.after, (line) => line.item.y + line.item.entry - line.exit)));
  }
  for (const column of columns) stack(column, column.map((item) => level(item, item.before, (line) => line.item.y + line.exit - item.entry)));
}

function level(item, lines, wish) {
  return lines.length ? lines.reduce((sum, line) => sum + wish(line), 0) / lines.length : (item.y ?? 0);
}

// The heights nearest to the wishes that keep order and distance (pool adjacent violators).
function stack(column, wishes) {
  const blocks = [];
  let offset = 0;
  column.forEach((item, index) => {
    blocks.push({ sum: wishes[index] - offset, count: 1 });
    item.offset = offset;
    offset += item.height + (item.id && column[index + 1]?.id ? GAP : GAP / 2);
    while (blocks.length > 1 && blocks.at(-2).sum / blocks.at(-2).count > blocks.at(-1).sum / blocks.at(-1).count) {
      const last = blocks.pop();
      blocks.at(-1).sum += last.sum;
      blocks.at(-1).count += last.count;
    }
  });
  let next = 0;
  for (const { sum, count } of blocks) for (let left = count; left; left -= 1, next += 1) column[next].y = sum / count + column[next].offset;
}

function across(columns) {
  let x = 0;
  return columns.map((column) => {
    const left = x;
    x += Math.max(0, ...column.map((item) => item.width)) + COLUMN_GAP;
    return left;
  });
}

// A long line is drawn as one curve; boxes that it would pass behind make way, towards the side of its lane on which they stand.
function clear(columns, routes, items, lefts) {
  for (let round = 0; round < ROUNDS; round += 1) {
    let isClear = true;
    for (const route of routes) {
      const [from, to] = [items.get(route.source), items.get(route.target)];
      const curve = { x: lefts[from.rank] + from.width, y: from.y + route.exit, toX: lefts[to.rank], toY: to.y + to.entry };
      for (let column = from.rank + 1; column < to.rank; column += 1) {
        const lane = columns[column].find((item) => !item.id && item.source === route.source && item.target === route.target);
        for (const box of columns[column]) {
          const away = box.id ? overlap(curve, lefts[column], box, box.index > lane.index) : 0;
          if (!away) continue;
          shove(columns[column], box.index, away);
          isClear = false;
        }
      }
    }
    if (isClear) return;
  }
}

// How far a box has to go down (or, below zero, up) to lie beside a curve.
function overlap(curve, left, box, isDown) {
  const heights = Array.from({ length: 13 }, (_, index) => curveAt(curve, left - CLEAR + ((box.width + 2 * CLEAR) * index) / 12));
  const [low, high] = [Math.min(...heights) - CLEAR, Math.max(...heights) + CLEAR];
  if (box.y >= high || box.y + box.height <= low) return 0;
  return isDown ? high - box.y : low - box.y - box.height;
}

// The height at x of the curve that React Flow draws between two ways.
export function curveAt({ x, y, toX, toY }, at) {
  let [low, high] = [0, 1];
  const along = (a, b, c, d, t) => a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t * t * (1 - t) + d * t ** 3;
  const bend = (x + toX) / 2;
  for (let step = 0; step < 20; step += 1) {
    const t = (low + high) / 2;
    if (along(x, bend, bend, toX, t) < at) low = t;
    else high = t;
  }
  return along(y, y, toY, toY, low);
}

// Moves a box, and with it what would then be too near.
function shove(column, index, away) {
  column[index].y += away;
  const step = away > 0 ? 1 : -1;
  for (let at = index; column[at + step]; at += step) {
    const [one, other] = [column[at], column[at + step]];
    const gap = one.id && other.id ? GAP : GAP / 2;
    const short = step > 0 ? one.y + one.height + gap - other.y : one.y - gap - other.height - other.y;
    if (short * step <= 0) return;
    other.y += short;
  }
}
