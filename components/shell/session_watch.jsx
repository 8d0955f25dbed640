/* Signs out on request, follows a sign-out of another tab, and lets nobody find what another person of the same tab left; components/shell/frame.py mounts it once per page. */
import { useEffect } from "react";

export const SIGN_OUT = "af:sign-out";
const CHANNEL = "af-session";

function leave() {
  window.sessionStorage.clear(); // the page's token, and messages that were typed but not sent
  window.location.assign("/sign-in");
}

async function signOut(channel) {
  const answer = await fetch("/api/v1/auth/sign-out", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: "{}",
  }).catch(() => null);
  if (!answer || !answer.ok) {
    window.alert("You could not be signed out: the server does not answer. Please try again.");
    return;
  }
  channel.postMessage("signed-out");
  leave();
}

// A session may end by itself and another person sign in: what the tab keeps is only for the one who typed it.
const OWNER = "af-person";
const ITS_OWN = [OWNER, "token"];

function keepFor(person) {
  const storage = window.sessionStorage;
  const former = storage.getItem(OWNER);
  if (former && former !== person) Object.keys(storage).filter((key) => !ITS_OWN.includes(key)).forEach((key) => storage.removeItem(key));
  try {
    storage.setItem(OWNER, person);
  } catch {
    // a full storage: nobody's name stands in it, and what is in it stays this tab's
  }
}

export function SessionWatch({ person }) {
  useEffect(() => {
    if (person) keepFor(person);
  }, [person]);
  useEffect(() => {
    const channel = new BroadcastChannel(CHANNEL);
    const onRequest = () => signOut(channel);
    channel.onmessage = (message) => message.data === "signed-out" && leave();
    window.addEventListener(SIGN_OUT, onRequest);
    return () => {
      window.removeEventListener(SIGN_OUT, onRequest);
      channel.close();
    };
  }, []);
  return null;
}
