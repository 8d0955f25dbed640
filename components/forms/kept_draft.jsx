// A long form that is not sent yet: what is typed in it stays in this browser, for one person, until it is sent or thrown away.
// components/forms/draft.py wraps this; fields are found by their name.
import { useEffect, useRef } from "react";

const STORED = "af-drafts:";
const MOST = 20; // drafts that are kept for one person; the oldest give way
const slotOf = (owner) => `${STORED}${encodeURIComponent(owner)}`;

// { place: { texts: { name: text }, more: value } }, the draft that was changed last at the end
function read(slot) {
  try {
    return JSON.parse(window.localStorage.getItem(slot)) ?? {};
  } catch {
    return {};
  }
}

function write(slot, drafts) {
  const places = Object.entries(drafts).slice(-MOST);
  try {
    if (places.length) window.localStorage.setItem(slot, JSON.stringify(Object.fromEntries(places)));
    else window.localStorage.removeItem(slot);
  } catch {
    // a full storage: what is typed stays on the page
  }
}

function keep(owner, place, change) {
  const { [place]: draft = { texts: {} }, ...others } = read(slotOf(owner));
  write(slotOf(owner), { ...others, [place]: change(draft) });
}

function forget({ owner, place }) {
  const { [place]: draft, ...others } = read(slotOf(owner));
  if (draft) write(slotOf(owner), others);
}

// `loaded` changes each time the server has filled the form; what was kept is told after it, and only where something was.
// `more` is what the server keeps beside the fields, as JSON; "" until a person changed it.
export function KeptDraft({ owner, place, loaded, more, onRestore, children }) {
  const restore = useRef(onRestore);
  restore.current = onRestore;
  useEffect(() => {
    const draft = owner && loaded ? read(slotOf(owner))[place] : undefined;
    if (draft) restore.current?.(draft.texts ?? {}, draft.more ?? "");
  }, [owner, place, loaded]);
  useEffect(() => {
    if (owner && more) keep(owner, place, (draft) => ({ ...draft, more }));
  }, [owner, place, more]);
  const note = ({ target }) => {
    if (owner && target.name) keep(owner, place, (draft) => ({ ...draft, texts: { ...draft.texts, [target.name]: target.value } }));
  };
  return (
    <div onInput={note} onChange={note}>
      {children}
    </div>
  );
}

if (typeof window !== "undefined") window.addEventListener("af:draft-done", ({ detail }) => forget(detail));
