"""A name server on this machine that knows the TXT records it is given; it refuses on request."""

import threading
from collections.abc import Mapping
from socketserver import BaseRequestHandler, ThreadingUDPServer

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from app.adapters.domain_records import DnsRecords


class FakeDns:
    """`records`: name -> texts. `is_down` makes it fail every question."""

    def __init__(self, records: Mapping[str, list[str]] | None = None) -> None:
        self.records = dict(records or {})
        self.is_down = False
        self._server = ThreadingUDPServer(("127.0.0.1", 0), _handler(self))
        self.records_of = DnsRecords(["127.0.0.1"], port=self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def _handler(fake: FakeDns) -> type[BaseRequestHandler]:
    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            asked = dns.message.from_wire(self.request[0])
            name = asked.question[0].name
            answer = dns.message.make_response(asked)
            answer.flags |= dns.flags.AA
            texts = fake.records.get(name.to_text(omit_final_dot=True))
            if fake.is_down:
                answer.set_rcode(dns.rcode.REFUSED)
            elif texts is None:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            else:
                answer.answer.append(dns.rrset.from_text_list(name, 60, "IN", "TXT", [f'"{text}"' for text in texts]))
            self.request[1].sendto(answer.to_wire(), self.client_address)

    return Handler
