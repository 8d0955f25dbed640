// A long form that is not sent yet: what is typed in it stays in this browser, for one person, until it is sent or thrown away.
// components/forms/draft.py wraps this; fields are found by their name.
import { useEffect, useRef } from "react";
import { keptPlaces } from "./kept.js";

const drafts = keptPlaces("af-drafts:", 20); // { texts: { name: text }, more: value } for each form

// `loaded` changes each time the server has filled the form; what was kept is told after it, and only where something was.
// `more` is what the server keeps beside the fields, as JSON; "" until a person changed it.
export function KeptDraft({ owner, place, loaded, more, onRestore, children }) {
  const restore = useRef(onRestore);
  restore.current = onRestore;
  useEffect(() => {
    const draft = owner && loaded ? drafts.get(owner, place) : undefined;
    if (draft) restore.current?.(draft.texts ?? {}, draft.more ?? "");
  }, [owner, place, loaded]);
  useEffect(() => {
    if (owner && more) drafts.change(owner, place, (draft) => ({ ...draft, more }));
  }, [owner, place, more]);
  const note = ({ target }) => {
    if (owner && target.name) drafts.change(owner, place, (draft) => ({ ...draft, texts: { ...draft.texts, [target.name]: target.value } }));
  };
  return (
    <div onInput={note} onChange={note}>
      {children}
    </div>
  );
}

if (typeof window !== "undefined") window.addEventListener("af:draft-done", ({ detail }) => drafts.forget(detail.owner, detail.place));
