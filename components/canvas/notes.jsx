// The text of sticky notes: headings, lists, bold, italics, code and links from a small subset of Markdown, never HTML.
import { memo } from "react";

const INLINE = /(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`|\[[^\]]+\]\(https?:\/\/[^\s)]+\))/g;

function inline(text) {
  return text.split(INLINE).map((part, index) => {
    if (part.startsWith("**")) return <strong key={index}>{part.slice(2, -2)}</strong>;
    if (part.startsWith("`")) return <code key={index}>{part.slice(1, -1)}</code>;
    if (part.startsWith("*") && part.length > 2) return <em key={index}>{part.slice(1, -1)}</em>;
    const link = part.match(/^\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)$/);
    if (link) return <a key={index} href={link[2]} target="_blank" rel="noreferrer noopener" className="nodrag">{link[1]}</a>;
    return part;
  });
}

export const NoteText = memo(function NoteText({ text }) {
  if (!text?.trim()) return <p className="af-note-empty">Double-click to write a note</p>;
  return String(text).split("\n").map((line, index) => {
    const heading = line.match(/^#{1,3}\s+(.*)/);
    if (heading) return <h4 key={index}>{inline(heading[1])}</h4>;
    const item = line.match(/^\s*[-*]\s+(.*)/);
    if (item) return <div key={index} className="af-note-item">{inline(item[1])}</div>;
    return <p key={index}>{inline(line) || "\u00a0"}</p>;
  });
});
