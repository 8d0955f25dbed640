// One entry of a long list in the inspector: closed it is a line, open it is a form. What was just added, or is wrong, is open.
import { useEffect, useState } from "react";
import { useEditor } from "./hooks.js";

// Three children: the words of the line, what can be done with the entry, and its form.
export function EntryFold({ place, index, startsOpen, problem, children: [words, tools, form] }) {
  const fresh = useEditor("fresh");
  const isWrong = Boolean(problem);
  const [isOpen, setOpen] = useState(startsOpen || isWrong || fresh === place);
  useEffect(() => {
    if (isWrong) setOpen(true); // and stays so while it is mended
  }, [isWrong]);
  return (
    <div className={isWrong ? "af-entry af-fold af-fold-wrong" : "af-entry af-fold"} data-entry={index}>
      <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{words}</summary>
        {form}
      </details>
      <div className="af-fold-tools">{tools}</div>
    </div>
  );
}
