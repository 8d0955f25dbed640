"""Cuts the test process off from every network but loopback; a test that tries to leave fails with a clear error."""

import ipaddress
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

LOCAL_NAMES = {"", "localhost", "ip6-localhost", socket.gethostname()}


class OutsideNetworkError(RuntimeError):
    """A test tried to reach something beyond loopback; point it at a local server."""


def is_local(host: object) -> bool:
    """Tell whether a host is loopback, a wildcard, or a local name."""
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(str(name).split("%", 1)[0])
    except ValueError:
        return str(name).endswith((".localhost", ".test", ".invalid"))  # names that never resolve outside
    return address.is_loopback or address.is_unspecified


@contextmanager
def loopback_only() -> Generator[None]:
    """Guard connect and name resolution of every socket in this process."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def check(address: object) -> None:
        if isinstance(address, tuple) and not is_local(address[0]):
            raise OutsideNetworkError(f"a test tried to connect to {address!r}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check(address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_local(host):
            try:
                ipaddress.ip_address(str(host))
            except ValueError:
                raise OutsideNetworkError(f"a test tried to resolve {host!r}") from None
        return getaddrinfo(host, *args, **kwargs)

    socket.socket.connect = guarded_connect  # type: ignore[method-assign]
    socket.socket.connect_ex = guarded_connect_ex  # type: ignore[method-assign]
    socket.getaddrinfo = guarded_getaddrinfo
    try:
        yield
    finally:
        socket.socket.connect, socket.socket.connect_ex = connect, connect_ex  # type: ignore[method-assign]
        socket.getaddrinfo = getaddrinfo
