// What a person typed into a form but did not send yet: kept in this browser for that person until the form is sent.
// components/forms/answers.py wraps this; fields are found by the attribute data-answer, which holds their name ("" is the note).
import { useEffect, useRef } from "react";

const STORED = "af-answers:";
const MOST = 50; // forms that are kept for one person; the oldest give way
const slotOf = (owner) => `${STORED}${encodeURIComponent(owner)}`;

// { place: { name: text } }, the form that was changed last at the end
function read(slot) {
  try {
    return JSON.parse(window.localStorage.getItem(slot)) ?? {};
  } catch {
    return {};
  }
}

function write(slot, kept) {
  const places = Object.entries(kept).slice(-MOST);
  try {
    if (places.length) window.localStorage.setItem(slot, JSON.stringify(Object.fromEntries(places)));
    else window.localStorage.removeItem(slot);
  } catch {
    // a full storage: what is typed stays on the page
  }
}

function keep(owner, place, name, text) {
  const { [place]: answers, ...others } = read(slotOf(owner));
  write(slotOf(owner), { ...others, [place]: { ...answers, [name]: text } });
}

// Whoever answered: nobody's unsent answer to it means anything any more.
function forget(place) {
  const slots = Object.keys(window.localStorage).filter((key) => key.startsWith(STORED));
  for (const slot of slots) {
    const { [place]: answers, ...others } = read(slot);
    if (answers) write(slot, others);
  }
}

const textOf = (field) => (field.type === "checkbox" ? String(field.checked) : field.value);

function fill(field, text) {
  if (field.type === "checkbox") {
    if (String(field.checked) !== text) field.click();
  } else field.value = text;
}

// Tells once what it brought back, also when that is nothing: the server may still know what another visit typed.
export function KeptAnswers({ owner, place, onRestore, children }) {
  const form = useRef(null);
  const restore = useRef(onRestore);
  restore.current = onRestore;
  useEffect(() => {
    if (!owner) return;
    const answers = read(slotOf(owner))[place] ?? {};
    for (const field of form.current.querySelectorAll("[data-answer]")) {
      const text = answers[field.dataset.answer];
      if (text !== undefined) fill(field, text);
    }
    restore.current?.(answers);
  }, [owner, place]);
  const note = ({ target }) => {
    const name = target.dataset?.answer;
    if (owner && name !== undefined) keep(owner, place, name, textOf(target));
  };
  return (
    <div ref={form} onInput={note} onChange={note}>
      {children}
    </div>
  );
}

export function ForgetAnswers({ place }) {
  useEffect(() => forget(place), [place]);
  return null;
}

if (typeof window !== "undefined") window.addEventListener("af:answered", ({ detail }) => forget(detail));
