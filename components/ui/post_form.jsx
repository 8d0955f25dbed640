/* A form that posts JSON to a route of ours, shows its refusals beside the fields, and on success loads the page it is told. */
import { createContext, useContext, useId, useRef, useState } from "react";

const FormContext = createContext({ errors: {}, busy: false });
const UNREACHABLE = "The server does not answer. Check your connection and try again.";

async function post(action, values) {
  const answer = await fetch(action, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(values),
  });
  const body = await answer.json().catch(() => ({}));
  return { ok: answer.ok, body };
}

export function PostForm({ action, children, className }) {
  const [state, setState] = useState({ errors: {}, message: "", busy: false });
  const form = useRef(null);

  const submit = async (event) => {
    event.preventDefault();
    if (state.busy) return;
    setState({ errors: {}, message: "", busy: true });
    const values = Object.fromEntries(new FormData(form.current));
    values.next = new URLSearchParams(window.location.search).get("next") || "";
    try {
      const { ok, body } = await post(action, values);
      if (ok) {
        window.sessionStorage.removeItem("token"); // the next page starts with a state of its own
        window.location.assign(body.next || body.data?.next || "/");
        return;
      }
      const errors = body.field_errors || {};
      const isShown = (name) => form.current.querySelector(`[name="${CSS.escape(name)}"]:not([type="hidden"])`);
      setState({ errors, message: Object.keys(errors).some(isShown) ? "" : body.detail || UNREACHABLE, busy: false });
      const first = form.current.querySelector(Object.keys(errors).map((name) => `[name="${CSS.escape(name)}"]`).join(",") || "input");
      first?.focus();
    } catch {
      setState({ errors: {}, message: UNREACHABLE, busy: false });
    }
  };
  return (
    <FormContext.Provider value={state}>
      <form ref={form} method="post" action={action} onSubmit={submit} className={className} noValidate>
        {state.message && (
          <div className="af-callout af-tone-red" role="alert">
            {state.message}
          </div>
        )}
        {children}
      </form>
    </FormContext.Provider>
  );
}

export function PostField({ name, label, type = "text", autoComplete, help, hint, autoFocus }) {
  const { errors, busy } = useContext(FormContext);
  const [shown, setShown] = useState(false);
  const id = useId();
  const error = errors[name];
  const isSecret = type === "password";
  const described = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className="af-field">
      <label className="af-label" htmlFor={id}>
        {label}
        {hint && <span className="af-label-hint">{hint}</span>}
      </label>
      <div className={isSecret ? "af-secret" : undefined}>
        <input
          id={id}
          name={name}
          type={isSecret && shown ? "text" : type}
          autoComplete={autoComplete}
          autoFocus={autoFocus}
          autoCapitalize={type === "text" ? "words" : "none"}
          spellCheck={false}
          readOnly={busy}
          required
          className="af-input af-size-lg"
          aria-invalid={error ? true : undefined}
          aria-describedby={described || undefined}
        />
        {isSecret && (
          <button type="button" className="af-secret-toggle" aria-pressed={shown} onClick={() => setShown(!shown)}>
            {shown ? "Hide" : "Show"}
          </button>
        )}
      </div>
      {help && !error && (
        <div id={`${id}-help`} className="af-help">
          {help}
        </div>
      )}
      {error && (
        <div id={`${id}-error`} className="af-error" role="alert">
          {error}
        </div>
      )}
    </div>
  );
}

export function PostSubmit({ label, quiet = false, danger = false }) {
  const { busy } = useContext(FormContext);
  return (
    <button type="submit" disabled={busy} className={`af-button af-size-lg af-wide ${danger ? "af-button-danger" : quiet ? "" : "af-button-primary"}`}>
      {busy && <span className="af-spinner" aria-hidden="true" />}
      {label}
    </button>
  );
}
