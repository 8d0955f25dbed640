"""What holds for every operation of the API, told at the top of /docs."""

from collections.abc import Iterator
from html import escape

from app.api.reference_shapes import marked
from app.core.errors import AppError

GUIDE = """
<section id="authentication"><h2>Authentication</h2>
<p>Send one of these as <code>Authorization: Bearer …</code> (an API key may stand in <code>X-API-Key</code> instead; two keys in one
request are refused):</p>
<ul><li>An <b>API key</b> (<code>af_…</code>), made under Settings → API keys or with <code>agent-factory keys create</code>. It
belongs to one person in
one workspace, has scopes and an end, and does what its scopes <b>and</b> that person's role allow.</li>
<li>An <b>access token</b>: <a href="#login">log in</a> for a pair of tokens. It lasts 15 minutes; <a
href="#refresh_tokens">refresh</a> gives the next pair
for the refresh token, which works once. With an authenticator app the answer is 401 <code>second_factor_needed</code>: send the same
again with
<code>code</code>.</li></ul>
<p>Each operation below tells the scope and the roles it needs. The workspace is the one the key belongs to, or the one the
person has <a href="#select_workspace">selected</a>; no operation takes it from the body.</p>
<pre>export AF_URL={base} AF_API_KEY=af_...
curl -H "Authorization: Bearer $AF_API_KEY" "$AF_URL/api/v1/users/me"</pre></section>
<section id="answers"><h2>Answers</h2>
<p>Success has one envelope. <code>data</code> is what each operation describes; <code>message</code> says in words what happened.
Times are UTC, ids are
text, money and cost are whole numbers (<code>…_cents</code>; <code>…_micros</code> are millionths of a US dollar).</p>
<pre>{{"data": {{...}}, "message": "Created.", "timestamp": "2026-03-04T09:00:00Z"}}</pre>
<p>Bodies are JSON in UTF-8. A field that is not known is refused, so a typing mistake never passes for a default.</p></section>
<section id="errors"><h2>Errors</h2>
<p>A refusal has a status and one shape: plain words, a stable code for programs, and what is wrong with which field.</p>
<pre>{{"detail": "Some inputs are wrong.", "error_code": "invalid",
 "field_errors": {{"question": "Fill this in."}}}}</pre>
<div class="scroll" tabindex="0"><table><tr><th>Status</th><th>Means</th></tr>
<tr><td>400</td><td>The request contradicts itself, such as two keys at once.</td></tr>
<tr><td>401</td><td>No key or token that counts. Told before anything that is wrong with the body.</td></tr>
<tr><td>402</td><td>The plan, or what was bought, does not reach that far.</td></tr>
<tr><td>403</td><td>The role or the key's scopes do not allow it.</td></tr>
<tr><td>404</td><td>It does not exist, or not for you: the two are never told apart.</td></tr>
<tr><td>409</td><td>It contradicts what is there.</td></tr>
<tr><td>412, 428</td><td>It changed since you read it; say with <code>If-Match</code> which version you change.</td></tr>
<tr><td>413</td><td>The body is too large (8 MB unless configured otherwise).</td></tr>
<tr><td>422</td><td>Some values are wrong; <code>field_errors</code> names each.</td></tr>
<tr><td>429</td><td>A limit was reached; <code>Retry-After</code> says for how many seconds.</td></tr>
<tr><td>500</td><td>Something went wrong on the server.</td></tr>
<tr><td>503</td><td>A part that is needed does not answer; try again later.</td></tr></table></div>
<details class="fields"><summary>Every error code</summary><div class="scroll" tabindex="0"><table>
<tr><th>Code</th><th>Status</th><th>Means</th></tr>{codes}</table></div></details></section>
<section id="lists"><h2>Lists</h2>
<p>Lists come in pages: <code>items</code>, perhaps <code>total</code>, and <code>next_cursor</code>. Send it as <code>cursor</code>
for what follows,
until it is null. <code>limit</code> says how many at most.</p>
<pre>curl -H "Authorization: Bearer $AF_API_KEY" "$AF_URL/api/v1/runs?limit=50&amp;cursor=NEXT_CURSOR"</pre></section>
<section id="once"><h2>Once</h2>
<p>Where an operation lists <code>idempotency-key</code>, the same request with it does the work once and is answered alike for a day
(<code>Idempotent-Replayed: true</code>); another request with that key is refused with 409.</p></section>
<section id="edits"><h2>Edits</h2>
<p>Reading an agent or a workflow gives an <code>ETag</code>. Send it as <code>If-Match</code> when you save, and nobody's change is
overwritten: 412 says
that it changed, 428 that the header is missing. With <code>If-None-Match</code>, what you have already is answered by 304.</p></section>
<section id="streams"><h2>Streams</h2>
<p>Streams are server-sent events. <a href="#stream_run">A run's</a> tells its journal as it grows and then <code>end</code>; that of a
chat's answer tells
the text as it is written and then <code>message</code> with all of it. With <code>Last-Event-ID</code> a reader goes on where it was.</p>
<pre>curl -N -H "Authorization: Bearer $AF_API_KEY" "$AF_URL/api/v1/runs/RUN_ID/stream"</pre></section>
<section id="rate-limits"><h2>Rate limits</h2>
<p>Requests are counted a minute at a time, by network address, person, key and workspace. Every answer tells the tightest:
<code>RateLimit-Limit</code>, <code>RateLimit-Remaining</code> and <code>RateLimit-Reset</code> in seconds. Above it the answer is 429
with
<code>Retry-After</code>. Signing in, signing up and letters have tighter limits of their own.</p></section>
"""
EDGE = (
    ("bad_request", 400, "The request could not be read."),
    ("error", 500, "Something went wrong on the server; its log has it under the id of this request."),
    ("in_progress", 409, "The same request is being answered at this moment."),
    ("method_not_allowed", 405, "The path exists; this method of it does not."),
    ("scope_missing", 403, "The API key has no such scope."),
    ("too_deep", 422, "The body is nested too deeply."),
    ("too_large", 413, "The body is too large."),
    ("too_slow", 408, "The body did not arrive in time."),
    ("wrong_media_type", 415, "The body is not what the operation takes."),
)
TITLES = (
    ("authentication", "Authentication"), ("answers", "Answers"), ("errors", "Errors"), ("lists", "Lists"),
    ("once", "Once"), ("edits", "Edits"), ("streams", "Streams"), ("rate-limits", "Rate limits"),
)  # fmt: skip


def guide_markup(base: str) -> str:
    """The sections; `base` is the address of the site, such as https://agents.example.com."""
    rows = "".join(
        f"<tr><td><code>{escape(code)}</code></td><td>{status}</td><td>{marked(words)}</td></tr>" for code, status, words in error_codes()
    )
    return GUIDE.format(base=escape(base), codes=rows)


def error_codes() -> list[tuple[str, int, str]]:
    """Every code that a kind of error has, its status, and what it means; of several with one code, the most general."""
    found: dict[str, tuple[str, int, str]] = {}
    for one in _kinds(AppError):
        meant = " ".join((one.__doc__ or "").split()).partition(". ")[0].rstrip(".")
        found.setdefault(one.code, (one.code, one.status, f"{meant[:1].upper()}{meant[1:]}."))
    found |= {code: (code, status, meant) for code, status, meant in EDGE}
    return sorted(found.values())


def _kinds(parent: type[AppError]) -> Iterator[type[AppError]]:
    for kind in parent.__subclasses__():
        if kind.__module__.startswith("app."):
            yield kind
            yield from _kinds(kind)
