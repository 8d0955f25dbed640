// Time that goes on by itself: the server says how long it was, the browser counts on from there while it goes on.
import { useEffect, useState } from "react";

const EVERY_MS = 1000;

// Whole seconds, so that nothing flickers: "12 s", "2 min 5 s", "3 h 10 min".
export function inSeconds(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

// `ms` and whatever has gone by since they were told.
export function useElapsed(ms, isRunning) {
  const [since, setSince] = useState(0);
  useEffect(() => {
    setSince(0);
    if (!isRunning) return undefined;
    const began = performance.now();
    const timer = setInterval(() => setSince(performance.now() - began), EVERY_MS);
    return () => clearInterval(timer);
  }, [ms, isRunning]);
  return inSeconds(ms + since);
}

export function Elapsed({ text, ms, isRunning }) {
  const soFar = useElapsed(ms, isRunning);
  return isRunning ? soFar : text;
}
