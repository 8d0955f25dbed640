// What people are told while the server is away: nothing for a short break, then that it is tried again by itself, then that it is back.
import { useEffect, useRef, useState } from "react";

const PATIENCE_MS = 2500; // a shorter break is nobody's business
const BACK_MS = 3000;

export function ConnectionNotice({ errors }) {
  const isAway = errors.length > 0;
  const tooLarge = errors.find((error) => error?.code === "hydration_payload_too_large");
  const [shown, setShown] = useState("");
  const [isOnline, setOnline] = useState(true);
  const was = useRef("");
  was.current = shown;
  useEffect(() => {
    const look = () => setOnline(navigator.onLine);
    look();
    window.addEventListener("online", look);
    window.addEventListener("offline", look);
    return () => {
      window.removeEventListener("online", look);
      window.removeEventListener("offline", look);
    };
  }, []);
  useEffect(() => {
    if (isAway) {
      const timer = setTimeout(() => setShown("away"), PATIENCE_MS);
      return () => clearTimeout(timer);
    }
    if (was.current !== "away") return undefined;
    setShown("back");
    const timer = setTimeout(() => setShown(""), BACK_MS);
    return () => clearTimeout(timer);
  }, [isAway]);
  if (!shown) return null;
  const isBack = shown === "back";
  return (
    <div className="af-connection" role="status" data-state={shown}>
      <span className="af-connection-sign" aria-hidden="true" />
      <span>
        <strong>{isBack ? "Connected again" : tooLarge ? "This page cannot be loaded" : isOnline ? "The server does not answer" : "You are offline"}</strong>{" "}
        {isBack ? "" : tooLarge ? "The browser keeps too much for it. Clear what it stores for this site, then load the page again." : WORDS[isOnline]}
      </span>
      {!isBack && (
        <button type="button" className="af-link af-small" onClick={() => window.location.reload()}>
          Load the page again
        </button>
      )}
    </div>
  );
}

const WORDS = {
  true: "Trying again by itself. Runs go on meanwhile, and what stands on this page stays.",
  false: "It goes on as soon as your network is back. What stands on this page stays.",
};
