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

// `asked` is a part of the address that opens the dialog: an address with it is no leftover.
export function CloseOnArrival({ open, arrived, asked, onClose }) {
  const { pathname, search } = useLocation();
  const isLeft = useRef(!globalThis.afSettled); // drawn with the page: what is open now was opened before
  const path = useRef(pathname);
  useEffect(() => {
    if (path.current !== pathname) isLeft.current = true;
    path.current = pathname;
    if (!isLeft.current || !arrived) return;
    isLeft.current = false;
    if (open && !(asked && new URLSearchParams(search).has(asked))) onClose();
  }, [arrived, pathname, search, asked, open, onClose]);
  return null;
}
