// Finds kinds of steps by their titles, everyday words and summaries, the best match first; a small typing mistake still finds.
const IDLE = new Set(["a", "an", "the", "to", "of", "in", "on", "with", "step", "node"]);
const NAMED = 40; // the whole search is the kind's title
const PHRASE = 20; // several words that belong together
const LEAST_FOR_TYPOS = 3;
const SHORT = 5; // in fewer letters another letter makes another word
const LONG = 8;

const partsOf = (text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);

function wordsOf(kind) {
  const phrases = (kind.words ?? "").toLowerCase().split(",").map((phrase) => phrase.trim());
  const title = partsOf(kind.title);
  return { kind: kind.kind, title, known: partsOf(`${kind.kind} ${kind.words ?? ""}`), rest: partsOf(`${kind.summary} ${kind.group ?? ""}`), phrases, name: title.join(" ") };
}

// How well one word of the search fits, from 0 (not at all).
function fit(term, { kind, title, phrases, known, rest }) {
  const begins = (word) => word.startsWith(term);
  if (title[0] === term) return 10;
  if (kind === term) return 9.5;
  if (phrases.includes(term)) return 9;
  if (known.includes(term)) return 8;
  if (title.includes(term)) return 7;
  if (title.some(begins)) return 6;
  if (known.some(begins)) return 5;
  if (rest.includes(term)) return 3;
  if (rest.some(begins)) return 2;
  return term.length > 2 && [...title, ...known].some((word) => word.includes(term)) ? 1 : 0;
}

function nearly(term, { title, known }) {
  if (term.length < LEAST_FOR_TYPOS) return 0;
  const allowed = term.length < LONG ? 1 : 2;
  const isNear = (word) => !IDLE.has(word) && word[0] === term[0] && (term.length < SHORT ? isSlip(term, word) : mistakes(term, word) <= allowed);
  return title.some(isNear) ? 2 : known.some(isNear) ? 1 : 0;
}

// Whether two neighbours are swapped, or one letter is missing or too many.
function isSlip(typed, word) {
  const [short, long] = typed.length < word.length ? [typed, word] : [word, typed];
  if (long.length - short.length === 1) return [...long].some((_letter, at) => long.slice(0, at) + long.slice(at + 1) === short);
  if (long.length !== short.length) return false;
  const wrong = [...typed].map((letter, at) => (letter === word[at] ? -1 : at)).filter((at) => at >= 0);
  return wrong.length === 2 && wrong[1] - wrong[0] === 1 && typed[wrong[0]] === word[wrong[1]] && typed[wrong[1]] === word[wrong[0]];
}

// The fewest letters that are wrong, missing, too many or swapped for what is typed to be the beginning of a word.
export function mistakes(typed, word) {
  let [before, last] = [[], Array.from({ length: word.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= typed.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= word.length; column += 1) {
      const isSame = typed[row - 1] === word[column - 1];
      next[column] = Math.min(last[column] + 1, next[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1));
      const isSwapped = row > 1 && column > 1 && typed[row - 1] === word[column - 2] && typed[row - 2] === word[column - 1];
      if (isSwapped) next[column] = Math.min(next[column], before[column - 2] + 1);
    }
    [before, last] = [last, next];
  }
  return Math.min(...last);
}

function ranked(kinds, terms, whole, rate) {
  const points = (kind) => {
    const words = wordsOf(kind);
    const each = terms.map((term) => rate(term, words));
    if (!each.every(Boolean)) return 0;
    const bonus = words.name === whole ? NAMED : terms.length > 1 && words.phrases.includes(whole) ? PHRASE : 0;
    return each.reduce((sum, one) => sum + one, bonus);
  };
  return kinds.map((kind) => [points(kind), kind]).filter(([sum]) => sum > 0).sort((a, b) => b[0] - a[0]).map(([, kind]) => kind);
}

// What people look for among the steps and find elsewhere.
const ELSEWHERE = [
  [/^(cron|crontab|schedul|calendar|daily|weekly|hourly|nightly|every (day|hour|week|minute))/, "Schedules are under Triggers."],
  [/^(webhook|incoming|callback url)/, "Webhooks are under Triggers."],
];

export const whereElse = (search) => ELSEWHERE.find(([words]) => words.test(search.trim().toLowerCase()))?.[1] ?? "";

export function searchKinds(kinds, search) {
  const typed = partsOf(search);
  if (!typed.length) return kinds;
  const telling = typed.filter((term) => !IDLE.has(term));
  const terms = telling.length ? telling : typed;
  const whole = typed.join(" ");
  const found = ranked(kinds, terms, whole, fit);
  return found.length ? found : ranked(kinds, terms, whole, (term, words) => fit(term, words) || nearly(term, words));
}
