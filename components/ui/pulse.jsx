// Lets a page follow what happens elsewhere: a beat every few seconds while somebody looks at the page, and one on coming back to it.
// While the server is away (components/shell/connection.jsx says so) nothing is asked of it.
import { useEffect, useRef } from "react";

export function Pulse({ everyMs, onBeat }) {
  const beat = useRef(onBeat);
  beat.current = onBeat;
  useEffect(() => {
    const look = () => document.hidden || window.afAway || beat.current?.();
    const timer = setInterval(look, everyMs);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [everyMs]);
  return null;
}
