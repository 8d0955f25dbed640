// An editor for Liquid templates: colours, "{{" or "/" offers variables, "|" offers filters, the server's finding is underlined.
// CodeMirror arrives as a chunk of its own when the first editor is shown; until then a textarea does the work.
import { useEffect, useRef } from "react";
import { DraftInput } from "$/public/external/components/forms/fields/fields.jsx";
import { useTyping } from "$/public/external/components/forms/fields/typing.js";

const PAUSE = 350;
let loading = null;

function load() {
  loading ??= Promise.all([
    import("@codemirror/state"),
    import("@codemirror/view"),
    import("@codemirror/commands"),
    import("@codemirror/autocomplete"),
  ]).then(([state, view, commands, autocomplete]) => ({ ...state, ...view, ...commands, ...autocomplete }));
  return loading;
}

// Inside an open "{{" the path is completed; elsewhere "{{" or a "/" at the start of a word begins a new variable.
function completions(cm, latest) {
  return (context) => {
    const { variables = [], filters = [] } = latest.current;
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    const after = line.text.slice(context.pos - line.from);
    const open = before.lastIndexOf("{{");
    const isInside = open >= 0 && before.indexOf("}}", open) < 0;
    const filter = isInside && before.slice(open).match(/\|\s*([\w]*)$/);
    if (filter) {
      const options = filters.map((one) => ({ label: one.name, detail: one.detail, type: "function" }));
      return { from: context.pos - filter[1].length, options, validFor: /^\w*$/ };
    }
    const inside = isInside && before.slice(open).match(/^\{\{\s*([\w.\[\]]*)$/);
    const slash = before.match(/(?:^|\s)(\/)([\w.]*)$/);
    if (!inside && !slash) return null;
    const from = inside ? line.from + open : context.pos - slash[2].length - 1;
    const closing = inside ? after.match(/^\s*\}\}/)?.[0].length ?? 0 : 0;
    const typed = (inside ? inside[1] : slash[2]).toLowerCase();
    const groups = [...new Set(variables.map((one) => one.group))]; // in the order they come in, which the menu would sort by name
    const options = variables
      .filter((one) => !typed || one.path.toLowerCase().includes(typed) || (one.label ?? "").toLowerCase().includes(typed))
      .map((one) => ({
        label: one.path,
        displayLabel: one.is_new ? one.label : undefined,
        detail: one.type,
        info: one.detail || undefined,
        section: one.group ? { name: one.group, rank: groups.indexOf(one.group) } : undefined,
        type: "variable",
        apply: (view, _completion, start, end) => {
          const text = `{{ ${one.path} }}`;
          view.dispatch({
            changes: { from: start, to: end + closing, insert: text },
            selection: one.is_new ? nameIn(text, start) : { anchor: start + text.length },
            annotations: cm.pickedCompletion.of(_completion),
          });
        },
      }));
    return options.length ? { from, options, filter: false } : null;
  };
}

// The last part of a new name is selected, so that typing replaces it.
function nameIn(text, start) {
  const end = start + text.length - " }}".length;
  return { anchor: start + text.lastIndexOf(".") + 1, head: end };
}

const MARKS = [
  [/\{%[-\s][\s\S]*?%\}|\{%.*$/g, "cm-af-tag"],
  [/\{\{[\s\S]*?\}\}/g, "cm-af-output"],
  [/^#{1,6} .*$/gm, "cm-af-heading"],
  [/\*\*[^*\n]+\*\*/g, "cm-af-strong"],
  [/`[^`\n]+`/g, "cm-af-code"],
];

function colours(cm) {
  const mark = (view) => {
    const found = [];
    for (const { from, to } of view.visibleRanges) {
      const text = view.state.doc.sliceString(from, to);
      for (const [pattern, name] of MARKS)
        for (const match of text.matchAll(pattern))
          if (match[0]) found.push(cm.Decoration.mark({ class: name }).range(from + match.index, from + match.index + match[0].length));
    }
    return cm.Decoration.set(found, true);
  };
  return cm.ViewPlugin.fromClass(
    class {
      constructor(view) {
        this.decorations = mark(view);
      }
      update(update) {
        if (update.docChanged || update.viewportChanged) this.decorations = mark(update.view);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
}

function findings(cm) {
  const set = cm.StateEffect.define();
  const field = cm.StateField.define({
    create: () => cm.Decoration.none,
    update(marks, transaction) {
      marks = marks.map(transaction.changes);
      for (const effect of transaction.effects) if (effect.is(set)) marks = effect.value;
      return marks;
    },
    provide: (self) => cm.EditorView.decorations.from(self),
  });
  const rangeOf = (view, [line, column]) => {
    if (!line || line > view.state.doc.lines) return [];
    const row = view.state.doc.line(line);
    const from = Math.min(row.from + Math.max(0, (column || 1) - 1), row.to);
    const word = row.text.slice(from - row.from).match(/^\S+/)?.[0].length ?? 0;
    const [start, end] = word ? [from, from + word] : [row.from, row.to];
    return end > start ? [cm.Decoration.mark({ class: "cm-af-finding" }).range(start, end)] : [];
  };
  const show = (view, spots) => view.dispatch({ effects: set.of(cm.Decoration.set(spots.flatMap((spot) => rangeOf(view, spot)), true)) });
  return { field, show };
}

// What the button inserted to ask for a variable, and what stood there before; it goes again when none is chosen.
const OPENING = "{{ ";
function retract(view, opening) {
  const asked = opening.current;
  opening.current = null;
  if (!asked) return false;
  const { from, replaced } = asked;
  const end = from + OPENING.length;
  const isBare = view.state.doc.sliceString(from, end) === OPENING && view.state.selection.main.head === end;
  if (!isBare) return false;
  view.dispatch({ changes: { from, to: end, insert: replaced } });
  return true;
}

function build(cm, { host, latest, doc, singleLine, placeholder, ariaLabel, disabled, onText, onBlur, shown, opening }) {
  const marks = findings(cm);
  const keys = [...cm.completionKeymap, ...cm.historyKeymap, ...cm.defaultKeymap];
  const extensions = [
    cm.history(),
    cm.Prec.highest(cm.keymap.of([{ key: "Escape", run: (view) => retract(view, opening) && (cm.closeCompletion(view), true) }])),
    cm.autocompletion({ override: [completions(cm, latest)], icons: false, activateOnTyping: true }),
    cm.keymap.of(keys),
    cm.EditorView.lineWrapping,
    cm.EditorView.contentAttributes.of({ "aria-label": ariaLabel, spellcheck: "true", "data-gramm": "false" }),
    cm.EditorState.readOnly.of(Boolean(disabled)),
    cm.EditorView.editable.of(!disabled),
    cm.EditorView.updateListener.of((update) => {
      if (update.docChanged) opening.current = null;
      if (update.docChanged) onText(update.state.doc.toString(), update.transactions.some((one) => one.annotation(cm.Transaction.remote)));
      if (!update.focusChanged || update.view.hasFocus) return;
      if (!opening.current) return onBlur();
      queueMicrotask(() => {
        retract(update.view, opening);
        onBlur();
      });
    }),
    colours(cm),
    marks.field,
  ];
  if (placeholder) extensions.push(cm.placeholder(placeholder));
  if (singleLine) extensions.push(cm.EditorState.transactionFilter.of((one) => (one.newDoc.lines > 1 ? [] : one)));
  shown.current = marks.show;
  return new cm.EditorView({ parent: host, state: cm.EditorState.create({ doc, extensions }) });
}

export function TemplateEditor(props) {
  const { value, onChange, revision, variables, filters, spots, singleLine, minRows = 3, maxRows = 24 } = props;
  const { placeholder, ariaLabel = "Template", disabled, isInvalid, pause = PAUSE, id, className = "" } = props;
  const latest = useRef({});
  latest.current = { variables, filters };
  const shown = useRef(null);
  const opening = useRef(null);
  const { host, editor, isReady, typedPlain } = useTyping({
    value,
    onChange,
    revision,
    pause,
    load,
    build: (cm, place) => build(cm, { ...place, latest, singleLine, placeholder, ariaLabel, disabled, shown, opening }),
    facts: [disabled, singleLine, placeholder, ariaLabel],
    // While somebody chooses a variable the text is half a name: to have it judged then would only scold.
    isHeld: (view, cm) => view.hasFocus && cm.completionStatus(view.state) === "active",
  });

  useEffect(() => {
    if (isReady && editor.current) shown.current(editor.current.view, spots ?? []);
  }, [isReady, JSON.stringify(spots)]);

  const insert = () => {
    const view = editor.current?.view;
    if (!view) return;
    const { from, to } = view.state.selection.main;
    view.focus();
    const replaced = view.state.doc.sliceString(from, to);
    view.dispatch({ changes: { from, to, insert: OPENING }, selection: { anchor: from + OPENING.length } });
    opening.current = { from, replaced };
    editor.current.cm.startCompletion(view);
  };

  const height = singleLine ? {} : { "--editor-min": `${minRows * 1.55}em`, "--editor-max": `${maxRows * 1.55}em` };
  const name = `af-editor${singleLine ? " af-editor-line" : ""}${isInvalid ? " af-editor-invalid" : ""}${disabled ? " af-editor-off" : ""} ${className}`;
  return (
    <div className={name} style={height} id={id}>
      <div ref={host} className="af-editor-host" />
      {!isReady && (
        <DraftInput
          multiline={!singleLine}
          rows={minRows}
          pause={0}
          value={value}
          disabled={disabled}
          aria-label={ariaLabel}
          placeholder={placeholder}
          onChange={typedPlain}
        />
      )}
      {!disabled && variables?.length > 0 && (
        <button type="button" className="af-editor-insert" onClick={insert} title="Insert a variable (type / or {{)">
          {"{ }"}
          <span className="af-sr">Insert a variable</span>
        </button>
      )}
    </div>
  );
}
