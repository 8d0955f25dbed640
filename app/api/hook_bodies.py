"""Reads the body of a request to a webhook within limits of size and time, also when it is compressed; app.api.hooks asks for it."""

import asyncio
import zlib

from fastapi import Request

from app.services.webhooks import Refused

READ_TIMEOUT_S = 10.0
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


async def read_body(request: Request, *, max_bytes: int, timeout_s: float = READ_TIMEOUT_S) -> bytes:
    """The decoded body. Raises Refused: 413 too large, 408 too slow, 415 an encoding that is not taken, 400 a broken one."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:18]) > max_bytes:
        raise _too_large(max_bytes)
    encodings = request.headers.getlist("content-encoding")
    encoding = encodings[0].strip().lower() if len(encodings) == 1 else ",".join(encodings)
    if encoding not in ("", "identity", *_WINDOWS):
        raise Refused(415, "wrong_encoding", "Send the body as it is, or compressed with gzip or deflate.")
    try:
        async with asyncio.timeout(timeout_s):
            raw = await _read(request, max_bytes)
    except TimeoutError as error:
        raise Refused(408, "too_slow", f"The body did not arrive within {timeout_s:g} seconds.") from error
    return _inflate(raw, _WINDOWS[encoding], max_bytes) if encoding in _WINDOWS and raw else raw


async def _read(request: Request, max_bytes: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > max_bytes:
            raise _too_large(max_bytes)
        pieces.append(piece)
    return b"".join(pieces)


def _inflate(raw: bytes, window: int, max_bytes: int) -> bytes:
    """The cap counts what comes out, so that a small bomb stays small."""
    inflater = zlib.decompressobj(window)
    try:
        text = inflater.decompress(raw, max_bytes + 1)
    except zlib.error as error:
        raise Refused(400, "bad_encoding", "The body says it is compressed, but it cannot be unpacked.") from error
    if len(text) > max_bytes:
        raise _too_large(max_bytes)
    if not inflater.eof or inflater.unused_data:
        raise Refused(400, "bad_encoding", "The compressed body is cut off, or has something behind its end.")
    return text


def _too_large(max_bytes: int) -> Refused:
    return Refused(413, "too_large", f"The body is larger than the {max_bytes:,} bytes this webhook takes. Send less, or a link to it.")
