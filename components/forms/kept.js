// What a person typed and did not send: kept in this browser by person and place, the place that was changed last at the end.

// `stored` names it in the storage; of more than `most` places of one person the oldest give way.
export function keptPlaces(stored, most) {
  const slotOf = (owner) => `${stored}${encodeURIComponent(owner)}`;

  function read(slot) {
    try {
      return JSON.parse(window.localStorage.getItem(slot)) ?? {};
    } catch {
      return {};
    }
  }

  function write(slot, kept) {
    const places = Object.entries(kept).slice(-most);
    try {
      if (places.length) window.localStorage.setItem(slot, JSON.stringify(Object.fromEntries(places)));
      else window.localStorage.removeItem(slot);
    } catch {
      // a full storage: what is typed stays on the page
    }
  }

  function drop(slot, place) {
    const { [place]: kept, ...others } = read(slot);
    if (kept) write(slot, others);
  }

  return {
    get: (owner, place) => read(slotOf(owner))[place],
    change(owner, place, change) {
      const { [place]: kept = {}, ...others } = read(slotOf(owner));
      write(slotOf(owner), { ...others, [place]: change(kept) });
    },
    forget: (owner, place) => drop(slotOf(owner), place),
    forgetOfAll(place) {
      for (const slot of Object.keys(window.localStorage)) if (slot.startsWith(stored)) drop(slot, place);
    },
  };
}
