// What people are told while the server is away: nothing for a short break, then that it is tried again by itself, then that it is back.
// What somebody does meanwhile waits in the browser and is sent afterwards: that is told at once, and the page asks before it is left.
import { isStateful } from "$/utils/state";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";

const PATIENCE_MS = 2500; // a shorter break is nobody's business
const BACK_MS = 3000;
const LOOK_MS = 250;
const ANSWER_MS = 8000; // a server that takes longer to say that it lives does not answer
const REST_MS = 10000; // between two questions while somebody works
const AGAIN_MS = 2000;
const DEEDS = ["pointerdown", "keydown", "drop"];

// Whether something that the person did waits for the server. Beats of the page itself stop while it is away (components/ui/pulse.jsx).
function useHeld(isAway) {
  const [isHeld, setHeld] = useState(false);
  const did = useRef(0);
  useEffect(() => {
    const note = () => (did.current = Date.now());
    DEEDS.forEach((name) => window.addEventListener(name, note, true));
    return () => DEEDS.forEach((name) => window.removeEventListener(name, note, true));
  }, []);
  useEffect(() => {
    window.afAway = isAway;
    if (!isAway) return setHeld(false);
    const since = Date.now() - PATIENCE_MS;
    const timer = setInterval(() => setHeld(did.current > since && isStateful()), LOOK_MS);
    const ask = (event) => did.current > since && isStateful() && event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => {
      clearInterval(timer);
      window.removeEventListener("beforeunload", ask);
    };
  }, [isAway]);
  return isHeld;
}

// Whether a connection stands on which nobody answers, as of a process that is stuck: the socket notices that only after minutes.
// Asked when somebody does something; the question itself waits until there is an answer, or until the connection breaks.
const life = { isStuck: false, isAsking: false, asked: 0, timer: 0, told: new Set() };

function setStuck(isStuck) {
  if (life.isStuck === isStuck) return;
  life.isStuck = isStuck;
  life.told.forEach((tell) => tell());
}

// At most one question in REST_MS: what is done before that is over is asked about at its end.
function askSoon() {
  if (life.isAsking || life.timer) return;
  life.timer = setTimeout(askWhetherItLives, Math.max(0, life.asked + REST_MS - Date.now()));
}

async function askWhetherItLives() {
  Object.assign(life, { isAsking: true, asked: Date.now(), timer: 0 });
  const patience = setTimeout(() => setStuck(true), ANSWER_MS);
  const hasAnswer = () => fetch("/healthz", { cache: "no-store" }).then((answer) => answer.status < 502, () => true);
  while (!(await hasAnswer())) await new Promise((go) => setTimeout(go, AGAIN_MS)); // a gateway tells of its own patience
  clearTimeout(patience);
  life.isAsking = false;
  setStuck(false);
}
if (typeof window !== "undefined") DEEDS.forEach((name) => window.addEventListener(name, askSoon, true));

function follow(tell) {
  life.told.add(tell);
  return () => life.told.delete(tell);
}
const useStuck = () => useSyncExternalStore(follow, () => life.isStuck, () => false);

export function ConnectionNotice({ errors }) {
  const isStuck = useStuck();
  const isCut = errors.length > 0;
  const isAway = isCut || isStuck;
  const tooLarge = errors.find((error) => error?.code === "hydration_payload_too_large");
  const [shown, setShown] = useState("");
  const [isOnline, setOnline] = useState(true);
  const was = useRef("");
  was.current = shown;
  const isHeld = useHeld(isAway);
  const wasHeld = useRef(false);
  const wasStuck = useRef(false);
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
    if (isStuck) wasStuck.current = true;
    if (isStuck || (isAway && isHeld)) {
      if (isHeld) wasHeld.current = true;
      setShown("away");
      return undefined;
    }
    if (isAway) {
      const timer = setTimeout(() => setShown("away"), PATIENCE_MS);
      return () => clearTimeout(timer);
    }
    if (was.current !== "away") return undefined;
    setShown("back");
    return undefined;
  }, [isAway, isHeld, isStuck]);
  useEffect(() => {
    if (shown !== "back") return undefined;
    const timer = setTimeout(() => {
      [wasHeld.current, wasStuck.current] = [false, false];
      setShown("");
    }, BACK_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  if (!shown) return null;
  const isBack = shown === "back";
  return (
    <div className="af-connection" role="status" data-state={shown} data-held={isHeld} data-stuck={isStuck}>
      <span className="af-connection-sign" aria-hidden="true" />
      <span>
        <strong>{isBack ? "Connected again" : tooLarge ? "This page cannot be loaded" : isOnline ? "The server does not answer" : "You are offline"}</strong>{" "}
        {isBack ? (wasStuck.current ? "Look whether what you did last has arrived." : wasHeld.current ? "What you did meanwhile has been sent." : "") : tooLarge ? "The browser keeps too much for it. Clear what it stores for this site, then load the page again." : isStuck && !isCut ? STUCK : isHeld ? HELD : WORDS[isOnline]}
      </span>
      {!isBack && !isHeld && !isStuck && (
        <button type="button" className="af-link af-small" onClick={() => window.location.reload()}>
          Load the page again
        </button>
      )}
    </div>
  );
}

const HELD = "What you did last has not arrived yet. It is sent as soon as there is a connection: keep this page open.";
const STUCK = "What you did last has not been answered yet. Keep this page open: it goes on as soon as the server does.";
const WORDS = {
  true: "Trying again by itself. No run is lost, and what stands on this page stays.",
  false: "It goes on as soon as your network is back. What stands on this page stays.",
};
