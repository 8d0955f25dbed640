"""An error answer in Stripe's shape."""

from aiohttp import web


class StripeRefusal(Exception):
    """What a call of the stand-in is refused with."""

    def __init__(self, status: int, message: str, code: str = "", *, kind: str = "invalid_request_error") -> None:
        super().__init__(message)
        self.status, self.told = status, {"error": {"type": kind, "message": message, "code": code}}

    @property
    def answer(self) -> web.Response:
        """The same each time, as for a key that was asked before."""
        return web.json_response(self.told, status=self.status)
