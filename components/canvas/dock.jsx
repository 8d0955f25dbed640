// The panel at the side of the canvas: what is chosen shows at once, its form follows when the server has described it.
import { useEffect, useState } from "react";
import { whenThere } from "./actions.js";
import { editor, overlay, useEditor, useFact } from "./hooks.js";

// One of several panels: `side` of the editor names it, without a name the chosen step is shown.
export function DockPane({ name, label, children }) {
  const side = useEditor("side");
  const inspected = useEditor("inspected");
  if ((side || (inspected ? "step" : "")) !== name) return null;
  return (
    <aside className="af-side-panel" data-pane={name} aria-label={label}>
      {children}
    </aside>
  );
}

const REACHED = new Set(["running", "waiting", "done", "failed", "handled", "unknown"]);

// Settings and last run of the chosen step. A run brings the values of a step it has reached to the front.
export function StepTabs({ formId, runId, children }) {
  const inspected = useEditor("inspected");
  const wanted = useEditor("focusField");
  const fact = useFact(overlay, inspected?.id);
  const first = runId && REACHED.has(fact?.status) ? "values" : "settings";
  const [tab, setTab] = useState(first);
  useEffect(() => {
    if (!document.activeElement?.closest(".af-dock-body")) setTab(first); // nothing moves away from who writes in it
  }, [runId, inspected?.id, first]);
  // A field that was asked for keeps the cursor, also when its form is drawn anew, until the person does something.
  useEffect(() => {
    if (!wanted) return undefined;
    setTab("settings");
    const forget = () => editor.set({ focusField: null });
    const ends = ["pointerdown", "keydown"];
    ends.forEach((end) => window.addEventListener(end, forget, true));
    return () => ends.forEach((end) => window.removeEventListener(end, forget, true));
  }, [wanted]);
  useEffect(() => {
    if (wanted && inspected?.id === formId) focusField(wanted);
  }, [wanted, formId, inspected?.id, tab]);
  if (!inspected) return null;
  const isThere = inspected.id === formId;
  const choice = (key, words) => (
    <button type="button" role="tab" aria-selected={tab === key} onClick={() => setTab(key)} className="af-dock-tab">
      {words}
    </button>
  );
  return (
    <>
      <div className="af-dock-tabs" role="tablist">
        {choice("settings", "Settings")}
        {choice("values", "Last run")}
      </div>
      <div className="af-dock-body" role="tabpanel" data-form={isThere ? formId : ""}>
        {isThere ? children[tab === "settings" ? 0 : 1] : <Outline />}
      </div>
    </>
  );
}

function Outline() {
  return (
    <div className="af-inspector-body af-stack" aria-busy="true" style={{ "--af-gap": "16px" }}>
      {[34, 34, 120, 34].map((height, index) => (
        <div key={index} className="af-skeleton" style={{ height, borderRadius: "var(--af-radius-md)" }} />
      ))}
    </div>
  );
}

// From a finding to the very field: opens what hides it, marks it, and puts the cursor at the place.
function focusField(wanted) {
  const [name] = String(wanted.field).split(".");
  whenThere(`#inspector [data-field="${CSS.escape(name)}"]`, (box) => {
    if (editor.state.focusField === wanted) focusIn(box, wanted);
  });
}

function focusIn(box, { field, line, column }) {
  const [, index, cell] = String(field).split(".");
  const form = document.getElementById("inspector");
  const entry = box.querySelectorAll("[data-entry]")[Number(index)];
  const place = entry?.querySelector(`[data-cell="${CSS.escape(cell ?? "")}"]`) ?? entry ?? box;
  for (let one = place; one && one !== form; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
  place.scrollIntoView({ block: "center" });
  place.classList.add("af-field-flash");
  setTimeout(() => place.classList.remove("af-field-flash"), 1800);
  whenThere(".af-editor-host, input, select, textarea", (control) => {
    if (!control.matches(".af-editor-host")) control.focus();
    else if (control.afFocus) control.afFocus(line, column);
    else control.afWanted = [line, column]; // the editor in it is still on its way
  }, { inside: place });
}
