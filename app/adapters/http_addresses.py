"""Which URLs and addresses an outbound call may reach; the guarded HTTP client asks before every connection and redirect.

`ipaddress.is_global` alone is not enough (it says yes to `::127.0.0.1`, NAT64, 6to4 and cloud metadata hosts), so
addresses that carry another address are unwrapped first and a deny list is added.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from yarl import URL

from engine.errors import Permanent

MAX_URL_LENGTH = 8192
_STANDARD_PORTS = frozenset({80, 443})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NUMERIC_LABEL = re.compile(r"(?:0x[0-9a-f]*|\d+)", re.IGNORECASE)
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".localdomain", ".home.arpa", ".lan", ".intranet")

_DENIED_V4 = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "168.63.129.16/32",  # Azure's host agent, a public-looking address
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_PRIVATE_V4 = tuple(IPv4Network(net) for net in ("10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")
_PRIVATE_V6 = (IPv6Network("::1/128"), IPv6Network("fc00::/7"))
_DENIED_V6 = tuple(
    IPv6Network(net)
    for net in (
        "2001::/23",  # IETF protocol assignments, Teredo among them
        "2001:db8::/32",
        "3fff::/20",
        "fd00:ec2::254/128",  # AWS metadata
        "fd20:ce::254/128",  # Google metadata
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)


def unwrap(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """Return the address and every IPv4 address hidden inside it (mapped, compatible, 6to4, NAT64, ISATAP)."""
    found: list[IPv4Address | IPv6Address] = [address]
    if isinstance(address, IPv4Address):
        return found
    low = IPv4Address(int(address) & 0xFFFFFFFF)
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [low]
    if address in _COMPATIBLE and int(address) > 1:
        return [low, address]
    if address.sixtofour is not None:
        found.append(address.sixtofour)
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        found.append(low)
    return found


def is_allowed(address: IPv4Address | IPv6Address, *, allow_private: bool) -> bool:
    """Tell whether a connection may go to this address; metadata and link-local addresses are never allowed."""
    return all(_is_allowed_plain(part, allow_private) for part in unwrap(address))


def _is_allowed_plain(address: IPv4Address | IPv6Address, allow_private: bool) -> bool:
    if isinstance(address, IPv4Address):
        if any(address in net for net in _DENIED_V4):
            return False
        if any(address in net for net in _PRIVATE_V4):
            return allow_private
        return address.is_global
    if any(address in net for net in _DENIED_V6) or address.scope_id:
        return False
    if any(address in net for net in _PRIVATE_V6):
        return allow_private
    return address in _GLOBAL_UNICAST_V6 and address.is_global


def forbidden(host: str) -> Permanent:
    """The refusal for a host inside a private network; it never says which address was found."""
    return Permanent(
        "http_forbidden_address",
        f"Calls to {host} are not allowed, because it leads into a private or local network. Use a public address. "
        "On your own machine you can allow local addresses by setting AF_ALLOW_PRIVATE_NETWORK=1.",
        field="url",
    )


def _refuse(message: str) -> Permanent:
    return Permanent("http_bad_url", message, field="url")


def check_url(raw: str, *, allow_private: bool, extra_ports: Iterable[int] = ()) -> URL:
    """Parse and check a URL, or raise Permanent in plain words; the returned object is the one to connect with.

    The same parsed object is checked and used, so there is no second parser to disagree with.
    """
    text = raw.strip(" ")
    if not text:
        raise _refuse("The URL is empty. Write a full address such as https://example.com/path.")
    if len(text) > MAX_URL_LENGTH:
        raise _refuse(f"The URL is longer than {MAX_URL_LENGTH} characters. Send long values in the body instead.")
    if _CONTROL.search(text):
        raise _refuse("The URL holds a line break or another control character. Remove it.")
    if "\\" in text:
        raise _refuse("The URL holds a backslash. Use forward slashes.")
    try:
        url = URL(text)
        port, raw_host = url.port, url.raw_host
    except (ValueError, UnicodeError) as error:
        raise _refuse(f"The URL cannot be read: {str(error)[:120]}. Check it for typing errors.") from error
    if url.scheme not in ("http", "https"):
        raise _refuse("The URL must start with http:// or https://.")
    _check_authority(re.split(r"[/?#]", text.split("//", 1)[-1], maxsplit=1)[0], url)
    _check_host((raw_host or "").lower().rstrip("."), allow_private=allow_private)
    if not allow_private and port not in _STANDARD_PORTS and port not in set(extra_ports):
        raise _refuse(
            f"Port {port} is not allowed. Use the standard port (80 or 443), or ask the administrator to add it to AF_HTTP_EXTRA_PORTS."
        )
    return url


def _check_authority(authority: str, url: URL) -> None:
    if "@" in authority or url.raw_user is not None:
        raise _refuse("The URL holds a user name or password. Remove it and use a credential or a header instead.")
    if not url.raw_host or " " in authority or "%" in authority:
        raise _refuse("The URL has no valid host name. Write a full address such as https://example.com/path.")


def _check_host(host: str, *, allow_private: bool) -> None:
    try:
        address = ip_address(host)
    except ValueError:
        if ":" in host or not host:
            raise _refuse("The URL has no valid host name.") from None
        if _NUMERIC_LABEL.fullmatch(host.rsplit(".", 1)[-1]):
            raise _refuse("The URL holds an IP address in an unusual form. Write it as four decimal numbers.") from None
        if not allow_private and (host == "localhost" or host.endswith(_LOCAL_SUFFIXES) or "." not in host):
            raise forbidden(host) from None
        return
    if not is_allowed(address, allow_private=allow_private):
        raise forbidden(host)


class OutboundAddresses:
    """The rules of this installation behind app.core.ports.AddressRules; looks nothing up."""

    def __init__(self, *, allow_private: bool, extra_ports: Iterable[int] = ()) -> None:
        self._allow_private = allow_private
        self._extra_ports = tuple(extra_ports)

    def problem_of(self, url: str) -> str:
        """Return why the address cannot be called, or ""."""
        try:
            check_url(url, allow_private=self._allow_private, extra_ports=self._extra_ports)
        except Permanent as refused:
            return refused.message
        return ""
