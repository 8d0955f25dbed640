// The server remembers which dialog was open when somebody left a page; on coming back, or to another page, none is.
import { useEffect, useRef } from "react";
import { useLocation } from "react-router";

// Stands once in each page. Effects of what is drawn together with the page run before it is marked as settled.
export function Arrival() {
  useEffect(() => {
    globalThis.afSettled = true;
    return () => {
      globalThis.afSettled = false;
    };
  }, []);
  return null;
}

export function CloseOnArrival({ open, arrived, onClose }) {
  const { pathname } = useLocation();
  const isLeft = useRef(!globalThis.afSettled); // drawn with the page: what is open now was opened before
  const path = useRef(pathname);
  useEffect(() => {
    if (path.current !== pathname) isLeft.current = true;
    path.current = pathname;
    if (!isLeft.current || !arrived) return;
    isLeft.current = false;
    if (open) onClose();
  }, [arrived, pathname, open, onClose]);
  return null;
}
