"""TXT records of domains (app.core.ports.DomainRecords), asked of the machine's own name servers."""

from collections.abc import Sequence

from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

from app.core.errors import Unavailable

LIFETIME_S = 5.0
MOST = 50


class DnsRecords:
    """`servers` are addresses to ask instead of those of the machine."""

    def __init__(self, servers: Sequence[str] = (), *, port: int = 53) -> None:
        self._servers, self._port = list(servers), port

    def texts(self, name: str) -> tuple[str, ...]:
        """Ask; slow, so call it in a thread."""
        try:
            resolver = Resolver(configure=not self._servers)
            if self._servers:
                resolver.nameservers, resolver.port = self._servers, self._port
            answer = resolver.resolve(f"{name}.", "TXT", lifetime=LIFETIME_S, search=False)
        except (NXDOMAIN, NoAnswer):
            return ()
        except DNSException as error:
            raise Unavailable("The name servers do not answer. Try again in a minute.") from error
        return tuple(b"".join(one.strings).decode(errors="replace") for one in list(answer)[:MOST])
