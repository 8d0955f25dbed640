// Markdown of models and users: no raw HTML, no remote images, links that say where they go, code blocks with copy.
// Text that is still being written comes in two parts, so that only its last paragraph is parsed again.
import { memo, useState } from "react";
import ReactMarkdown from "react-markdown";
import remarkGfm from "remark-gfm";

// Bidirectional overrides and terminal escapes can make a text look like another one.
const UNSAFE = /[\u202a-\u202e\u2066-\u2069]|\u001b\[[0-9;?]*[ -/]*[@-~]/g;
const OUTSIDE = /^(https?:|mailto:)/i;

function textOf(node) {
  if (typeof node === "string") return node;
  if (Array.isArray(node)) return node.map(textOf).join("");
  return node?.props ? textOf(node.props.children) : "";
}

function Link({ href, children }) {
  if (!OUTSIDE.test(href ?? "")) return <span>{children}</span>;
  return (
    <a href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

function Picture({ src, alt }) {
  return (
    <span className="af-md-picture">
      Image not loaded: <Link href={src}>{alt || "picture"}</Link>
    </span>
  );
}

function CodeBlock({ children }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(textOf(children));
    setCopied(true);
    window.setTimeout(() => setCopied(false), 1600);
  };
  return (
    <div className="af-md-code">
      <pre tabIndex={0}>{children}</pre>
      <button type="button" className="af-md-copy" onClick={copy}>
        {isCopied ? "Copied" : "Copy"}
      </button>
    </div>
  );
}

function Table({ children }) {
  return (
    <div className="af-md-table" tabIndex={0}>
      <table>{children}</table>
    </div>
  );
}

const PARTS = { a: Link, img: Picture, pre: CodeBlock, table: Table };
const PLUGINS = [remarkGfm];

const Part = memo(function Part({ text }) {
  return (
    <ReactMarkdown remarkPlugins={PLUGINS} components={PARTS}>
      {text.replace(UNSAFE, "")}
    </ReactMarkdown>
  );
});

export function SafeMarkdown({ text, tail, isWriting }) {
  return (
    <div className={`af-md${isWriting ? " af-md-writing" : ""}`}>
      {text ? <Part text={String(text)} /> : null}
      {tail ? <Part text={String(tail)} /> : null}
    </div>
  );
}
