"""How /docs looks and what its one script does: the product's tokens and colour mode, an index beside the text, a search box."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

TOKENS = Path(__file__).parents[2] / "assets" / "styles" / "tokens.css"
STYLE = """
*{box-sizing:border-box}html{background:var(--af-canvas);scroll-padding-top:72px}
body{margin:0;color:var(--af-text);font:var(--af-text-md)/1.55 var(--af-font);-webkit-font-smoothing:antialiased}
a{color:var(--af-accent-text);text-decoration:none}a:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--af-focus);outline-offset:2px}
[hidden]{display:none!important}
code,pre{font-family:var(--af-mono);font-size:var(--af-text-sm)}p{margin:var(--af-space-2) 0}ul{padding-left:20px}
h1,h2,h4{margin:0;font-weight:620;letter-spacing:-0.011em;line-height:1.25}
header{position:sticky;top:0;z-index:2;display:flex;align-items:center;gap:var(--af-space-4);min-height:56px;
padding:0 var(--af-space-6);background:var(--af-surface);border-bottom:1px solid var(--af-border)}
header a{display:flex;align-items:center;gap:var(--af-space-2);color:var(--af-text);font-weight:600;white-space:nowrap}
header input{flex:1;max-width:420px;min-width:0;height:var(--af-control-md);margin-left:auto;padding:0 12px;
border:1px solid var(--af-border-strong);
border-radius:var(--af-radius-md);background:var(--af-surface);color:var(--af-text);font:inherit}
header input::placeholder{color:var(--af-faint)}
.page{display:grid;grid-template-columns:var(--af-nav-width) minmax(0,1fr);max-width:1320px;margin:0 auto}
nav{position:sticky;top:56px;align-self:start;max-height:calc(100vh - 56px);overflow-y:auto;padding:var(--af-space-6) var(--af-space-4)
var(--af-space-8) var(--af-space-6);scrollbar-width:thin}
nav p{margin:var(--af-space-4) 0 var(--af-space-1);color:var(--af-muted);font-size:var(--af-text-xs);font-weight:600}
nav p:first-of-type{margin-top:0}nav summary{display:none}
nav a{display:flex;justify-content:space-between;gap:8px;padding:4px 8px;margin:0 -8px;border-radius:var(--af-radius-sm);
color:var(--af-text)}
nav a:hover{background:var(--af-hover);text-decoration:none}nav span{color:var(--af-faint);font-variant-numeric:tabular-nums}
main{min-width:0;padding:var(--af-space-8) var(--af-space-6) 40vh}
h1{font-size:var(--af-text-2xl)}section{padding-top:var(--af-space-10)}
h2{margin-bottom:var(--af-space-3);font-size:var(--af-text-xl)}
h4{margin:var(--af-space-5) 0 var(--af-space-2);color:var(--af-muted);font-size:var(--af-text-xs);letter-spacing:0}
main>section>p,main>section>ul,.lead{max-width:760px}.lead,.none{color:var(--af-muted)}
.op{margin:var(--af-space-2) 0;border:1px solid var(--af-border);border-radius:var(--af-radius-lg);background:var(--af-surface)}
.op>summary{display:grid;grid-template-columns:64px minmax(0,1.1fr) minmax(0,1fr);gap:4px var(--af-space-3);align-items:baseline;
padding:10px var(--af-space-4);border-radius:inherit;cursor:pointer;list-style:none}
summary::-webkit-details-marker{display:none}.op>summary:hover{background:var(--af-hover)}
.op[open]>summary{border-bottom:1px solid var(--af-border);border-radius:var(--af-radius-lg) var(--af-radius-lg) 0 0}
.op>summary code{overflow-wrap:anywhere}.says{color:var(--af-muted)}
.method{justify-self:start;padding:1px 7px;border-radius:var(--af-radius-sm);background:var(--af-blue-soft);color:var(--af-blue);
font:600 var(--af-text-xs)/1.6 var(--af-mono)}
.post{background:var(--af-green-soft);color:var(--af-green)}.put,.patch{background:var(--af-amber-soft);color:var(--af-amber)}
.delete{background:var(--af-red-soft);color:var(--af-red)}
.inner{padding:var(--af-space-2) var(--af-space-4) var(--af-space-4)}.needs{color:var(--af-muted)}.needs code{color:var(--af-text)}
.scroll{overflow-x:auto}table{width:100%;border-collapse:collapse}
td,th{padding:6px 14px 6px 0;border-bottom:1px solid var(--af-border);text-align:left;vertical-align:top}
th{color:var(--af-muted);font-size:var(--af-text-xs);font-weight:600}td:first-child{min-width:170px}
td.kind{min-width:110px;color:var(--af-muted)}
.must{color:var(--af-amber);font-size:var(--af-text-xs);font-weight:500;white-space:nowrap}
pre{max-height:460px;margin:0;padding:var(--af-space-3) var(--af-space-4);overflow:auto;border:1px solid var(--af-border);
border-radius:var(--af-radius-md);background:var(--af-sunken);line-height:1.5;tab-size:2}
section>pre{margin:var(--af-space-3) 0;max-width:760px}
.fields{margin-top:var(--af-space-2)}.fields>summary{color:var(--af-accent-text);cursor:pointer}
@media(max-width:860px){.page{display:block}header{padding:0 var(--af-space-4);gap:var(--af-space-3)}header small{display:none}
nav{position:static;max-height:none;padding:var(--af-space-4) var(--af-space-4) 0}
nav summary{display:block;padding:8px 12px;border:1px solid var(--af-border);border-radius:var(--af-radius-md);
background:var(--af-surface);cursor:pointer}
nav a{padding:7px 8px}main{padding:var(--af-space-5) var(--af-space-4) 40vh}section{padding-top:var(--af-space-8)}
.op>summary{grid-template-columns:minmax(0,1fr)}
.inner tr{display:flex;flex-wrap:wrap;gap:0 10px;padding:8px 0;border-bottom:1px solid var(--af-border)}.inner tr:has(th){display:none}
.inner td{padding:0;border:0}.inner td:last-child{flex-basis:100%}.inner td:first-child,.inner td.kind{min-width:0}
.inner td code{overflow-wrap:anywhere}.op>summary,.inner{padding-left:var(--af-space-3);padding-right:var(--af-space-3)}}
@media(min-width:861px){nav details::details-content{content-visibility:visible;block-size:auto}}
"""
# The mode chosen on the pages of the site; the box shows the operations that hold every word; a link opens what it leads to.
SCRIPT = """
try{const t=localStorage.getItem("theme");if(t==="dark"||t==="light")document.documentElement.classList.add(t)}catch(e){}
addEventListener("DOMContentLoaded",()=>{
const box=document.getElementById("search"),none=document.querySelector(".none"),index=document.querySelector("nav details");
const ops=[...document.querySelectorAll(".op")].map(e=>[e,(e.firstElementChild.textContent+" "+e.id).toLowerCase()]);
const wide=matchMedia("(min-width:861px)"),fit=()=>{index.open=wide.matches};fit();wide.addEventListener("change",fit);
const show=()=>{const words=box.value.toLowerCase().split(/\\s+/).filter(Boolean);let seen=0;
for(const[e,text]of ops){e.hidden=!words.every(w=>text.includes(w));seen+=!e.hidden}
for(const s of document.querySelectorAll("section"))s.hidden=s.classList.contains("group")
?!s.querySelector(".op:not([hidden])"):words.length>0;
none.hidden=seen>0};
const open=()=>{const e=document.getElementById(decodeURIComponent(location.hash.slice(1)));if(!e)return;
if(e.hidden||e.closest("[hidden]")){box.value="";show()}if(e.matches(".op"))e.open=true;e.scrollIntoView()};
box.hidden=false;box.addEventListener("input",show);addEventListener("hashchange",open);open();
addEventListener("keydown",e=>{if(e.key==="/"&&document.activeElement!==box){e.preventDefault();box.focus()}});
});
"""
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; font-src 'self'; "
    f"script-src 'sha256-{base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@cache
def style() -> str:
    """The tokens, which are dark also where only the browser asks for it, and the rules of this page."""
    tokens = TOKENS.read_text(encoding="utf-8")
    dark = re.search(r"^\.dark \{(.*?)^\}", tokens, re.DOTALL | re.MULTILINE)
    wanted = f"@media(prefers-color-scheme:dark){{:root:not(.light){{{dark[1]}}}}}" if dark else ""
    return f"{tokens}{wanted}{STYLE}"
