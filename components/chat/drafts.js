// What was typed into the message box but not sent: one text for each conversation of each agent, kept for this tab.
// A room is "agent id:conversation id"; either is empty while the agent or the conversation is not stored yet.
export const STORED = "af-chat-drafts";
export const EMPTY = { texts: {}, taken: "" }; // `taken` is the key of the refusal that was brought back last

// What this person typed; of what another person of the same tab typed, nothing.
export function ownOf(stored, owner) {
  const { owner: typist, ...kept } = stored ?? {};
  return owner && typist === owner ? { ...EMPTY, ...kept } : EMPTY;
}

const agentOf = (room) => room.slice(0, room.indexOf(":"));
const conversationOf = (room) => room.slice(room.indexOf(":") + 1);

export const read = (kept, room) => kept.texts[room] ?? "";

export function withText(kept, room, text) {
  const { [room]: _, ...others } = kept.texts;
  return { ...kept, texts: text ? { ...others, [room]: text } : others };
}

// A refused text comes back once, into the room it was sent from, and never over what was typed since.
export function withRefused(kept, refused) {
  if (!refused?.key || kept.taken === refused.key) return kept;
  const taken = { ...kept, taken: refused.key };
  return refused.text && !read(kept, refused.room) ? withText(taken, refused.room, refused.text) : taken;
}

// A room changes its name when the conversation is stored with its first message, and when "Create" stores the agent.
export function withRoom(kept, from, to, { isSent, isCreated }) {
  const isStored = isSent && conversationOf(from) === "" && agentOf(from) === agentOf(to);
  const isAdopted = isCreated && agentOf(from) === "" && conversationOf(from) === conversationOf(to);
  if (from === to || !(isStored || isAdopted) || !read(kept, from)) return kept;
  return withText(withText(kept, to, read(kept, from)), from, "");
}
