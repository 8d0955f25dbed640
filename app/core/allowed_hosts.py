"""Where a credential may go: the list of hosts that its owner allows, and whether an address is one of them."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_ENTRY = re.compile(rf"(?P<plain>http://)?(?P<wild>\*\.)?(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])(?::(?P<port>\d{{1,5}}))?")
MOST = 20


def host_problem(entry: object) -> str:
    """What is wrong with one entry of the list, or ""."""
    if not isinstance(entry, str) or len(entry) > 260:
        return "A host is a name such as api.example.com."
    found = _ENTRY.fullmatch(entry)
    if found is None or (found["port"] and not 1 <= int(found["port"]) <= 65535):
        return f"'{entry[:80]}' is no host. Write api.example.com, *.example.com or api.example.com:8443, without a path."
    if found["wild"] and "." not in found["host"]:
        return f"'{entry[:80]}' would allow a whole top-level domain. Name at least one more part, such as *.example.com."
    return ""


def normal_host(entry: str) -> str:
    """An entry as it is kept: small letters, ASCII, no https:// in front and no slash behind."""
    text = entry.strip().lower().removeprefix("https://").rstrip("/")
    try:
        return text if text.isascii() else text.encode("idna").decode()
    except UnicodeError:
        return text


def is_allowed(url: str, hosts: Sequence[str]) -> bool:
    """Whether a request to the address may carry the credential. Without `http://` in its entry, a host is allowed over TLS only."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password or "\\" in url:
        return False
    port = port or (443 if parts.scheme == "https" else 80)
    return any(_fits(entry, parts.scheme, host, port) for entry in hosts)


def _fits(entry: str, scheme: str, host: str, port: int) -> bool:
    found = _ENTRY.fullmatch(entry)
    if found is None or (scheme == "http") != bool(found["plain"]):
        return False
    wanted = found["host"].strip("[]")
    wanted_port = int(found["port"]) if found["port"] else (80 if found["plain"] else 443)
    is_it = host.endswith(f".{wanted}") if found["wild"] else host == wanted
    return is_it and port == wanted_port
