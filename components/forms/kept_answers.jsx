// What a person typed into a form but did not send yet: kept in this browser for that person until the form is sent.
// components/forms/answers.py wraps this; fields are found by the attribute data-answer, which holds their name ("" is the note).
import { useEffect, useRef } from "react";
import { keptPlaces } from "./kept.js";

const answersOf = keptPlaces("af-answers:", 50); // { name: text } for each form

// Whoever answered: nobody's unsent answer to it means anything any more.
const forget = (place) => answersOf.forgetOfAll(place);

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
    const answers = answersOf.get(owner, place) ?? {};
    for (const field of form.current.querySelectorAll("[data-answer]")) {
      const text = answers[field.dataset.answer];
      if (text !== undefined) fill(field, text);
    }
    restore.current?.(answers);
  }, [owner, place]);
  const note = ({ target }) => {
    const name = target.dataset?.answer;
    if (owner && name !== undefined) answersOf.change(owner, place, (answers) => ({ ...answers, [name]: textOf(target) }));
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
