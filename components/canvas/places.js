// Where there is room on the canvas: boxes are {x, y, width, height} of one scope, places are on the grid.
export const GRID = 20;
const GAP = 20;
const MANY = 60;
export const snap = (value) => Math.round(value / GRID) * GRID;
const up = (value) => Math.ceil(value / GRID) * GRID;

const touches = (one, other, gap) =>
  one.x < other.x + other.width + gap && other.x < one.x + one.width + gap && one.y < other.y + other.height + gap && other.y < one.y + one.height + gap;

export function frameOf(boxes) {
  const [x, y] = [Math.min(...boxes.map((one) => one.x)), Math.min(...boxes.map((one) => one.y))];
  const [right, bottom] = [Math.max(...boxes.map((one) => one.x + one.width)), Math.max(...boxes.map((one) => one.y + one.height))];
  return { x, y, width: right - x, height: bottom - y };
}

// How far boxes have to go down together to cover none of the others.
export function wayDown(boxes, others) {
  const moving = boxes.length > MANY ? [frameOf(boxes)] : boxes;
  let down = 0;
  for (;;) {
    let next = down;
    for (const one of moving) for (const other of others) if (touches({ ...one, y: one.y + down }, other, GAP)) next = Math.max(next, up(other.y + other.height + GAP - one.y));
    if (next === down) return down;
    down = next;
  }
}

// The free place nearest below the wished one.
export function freePlace({ x, y, width, height }, others) {
  const wish = { x: snap(x), y: snap(y), width, height };
  return { x: wish.x, y: wish.y + wayDown([wish], others) };
}
