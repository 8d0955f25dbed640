/* Keeps what is chosen in a row that scrolls sideways in sight; stands in the row and shows nothing. */
import { useEffect, useRef } from "react";

const CHOSEN = '[aria-checked="true"], [aria-current="page"]';
const REST = 32; // pixels of the neighbour that stay visible

export function ChosenInSight() {
  const mark = useRef(null);
  useEffect(() => {
    const row = mark.current.parentElement;
    const show = () => {
      const chosen = row.querySelector(CHOSEN)?.getBoundingClientRect();
      if (!chosen) return;
      const { left, right } = row.getBoundingClientRect();
      if (chosen.left < left + REST) row.scrollLeft -= left + REST - chosen.left;
      else if (chosen.right > right - REST) row.scrollLeft += chosen.right - (right - REST);
    };
    show();
    const watch = new MutationObserver(show);
    watch.observe(row, { subtree: true, attributeFilter: ["aria-checked", "aria-current"] });
    return () => watch.disconnect();
  }, []);
  return <span ref={mark} hidden />;
}
