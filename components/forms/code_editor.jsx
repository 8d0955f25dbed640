// A code editor: line numbers, colours, indentation, brackets; syntax errors while typing and the server's findings at their lines.
// components/forms/code_field.py wraps it.
import { useEffect, useRef } from "react";
import { useTyping } from "$/public/external/components/forms/fields/typing.js";

let loading = null;

function load() {
  loading ??= Promise.all([
    import("@codemirror/state"),
    import("@codemirror/view"),
    import("@codemirror/commands"),
    import("@codemirror/autocomplete"),
    import("@codemirror/language"),
    import("@codemirror/lint"),
    import("@codemirror/lang-python"),
    import("@codemirror/lang-json"),
    import("@lezer/highlight"),
  ]).then((parts) => Object.assign({}, ...parts));
  return loading;
}

function colours(cm) {
  const { tags } = cm;
  return cm.HighlightStyle.define([
    { tag: [tags.keyword, tags.controlKeyword, tags.operatorKeyword, tags.definitionKeyword], class: "cm-af-keyword" },
    { tag: [tags.string, tags.special(tags.string)], class: "cm-af-string" },
    { tag: [tags.number, tags.bool, tags.null], class: "cm-af-number" },
    { tag: tags.comment, class: "cm-af-comment" },
    { tag: [tags.function(tags.variableName), tags.propertyName], class: "cm-af-name" },
  ]);
}

// The first place that the grammar cannot read; the server's checker says more once it has seen the text.
function syntax(cm) {
  return (view) => {
    let at = -1;
    cm.syntaxTree(view.state).iterate({
      enter: (node) => {
        if (at < 0 && node.type.isError) at = node.from;
        return at < 0;
      },
    });
    if (at < 0) return [];
    const line = view.state.doc.lineAt(Math.min(at, view.state.doc.length));
    return [{ from: Math.min(at, line.to), to: line.to, severity: "error", message: "This cannot be read here." }];
  };
}

function build(cm, { host, doc, language, disabled, ariaLabel, latest, onText, onBlur }) {
  const problems = (view) => {
    const { line, message } = latest.current.finding;
    const numbered = [...(message ?? "").matchAll(/^Line (\d+): (.*)$/gm)].map(([, at, words]) => ({ at: Number(at), words }));
    const found = (numbered.length ? numbered : [{ at: line, words: message }]).filter(({ at }) => at && at <= view.state.doc.lines);
    if (found.length) {
      return found.map(({ at, words }) => ({ from: view.state.doc.line(at).from, to: view.state.doc.line(at).to, severity: "error", message: words }));
    }
    return view.state.doc.length ? syntax(cm)(view) : [];
  };
  const extensions = [
    cm.lineNumbers(),
    cm.highlightActiveLineGutter(),
    cm.history(),
    cm.bracketMatching(),
    cm.closeBrackets(),
    cm.indentOnInput(),
    cm.indentUnit.of(language === "python" ? "    " : "  "),
    cm.syntaxHighlighting(colours(cm)),
    language === "python" ? cm.python() : cm.json(),
    cm.autocompletion({ icons: false }),
    cm.linter(problems, { delay: 400 }),
    cm.lintGutter(),
    cm.keymap.of([...cm.closeBracketsKeymap, ...cm.completionKeymap, cm.indentWithTab, ...cm.historyKeymap, ...cm.defaultKeymap]),
    cm.EditorView.contentAttributes.of({ "aria-label": ariaLabel, spellcheck: "false", "data-gramm": "false" }),
    cm.EditorState.readOnly.of(Boolean(disabled)),
    cm.EditorView.editable.of(!disabled),
    cm.EditorView.updateListener.of((update) => {
      if (update.docChanged) onText(update.state.doc.toString(), update.transactions.some((one) => one.annotation(cm.Transaction.remote)));
      if (update.focusChanged && !update.view.hasFocus) onBlur();
    }),
  ];
  return new cm.EditorView({ parent: host, state: cm.EditorState.create({ doc, extensions }) });
}

export function CodeEditor({ value, onChange, language = "python", revision, findingLine, findingText, minRows = 6, disabled, ariaLabel, isInvalid, id, pause = 350 }) {
  const latest = useRef({});
  latest.current = { finding: { line: findingLine, message: findingText } };
  const { host, editor, isReady } = useTyping({
    value,
    onChange,
    revision,
    pause,
    load,
    build: (cm, place) => build(cm, { ...place, language, disabled, ariaLabel, latest }),
    facts: [disabled, language, ariaLabel],
  });

  useEffect(() => {
    if (isReady) editor.current?.cm.forceLinting(editor.current.view);
  }, [isReady, findingLine, findingText]);

  const height = { "--editor-min": `${minRows * 1.55}em`, "--editor-max": "28em" };
  return (
    <div className={`af-editor af-code-editor${isInvalid ? " af-editor-invalid" : ""}${disabled ? " af-editor-off" : ""}`} style={height} id={id}>
      <div ref={host} className="af-editor-host" />
      {!isReady && <pre className="af-code-waiting">{value}</pre>}
    </div>
  );
}
