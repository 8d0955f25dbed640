"""Pictures that people upload, taken apart and put together again without a library: the kind is told by the bytes and never by a name,
and only the parts that draw it are kept. Places, cameras, comments and what hides behind the end of the file are left out.
Of the metadata only one number comes along: how a camera that was held askew wants its JPEG or PNG turned.

Formats: PNG (RFC 2083), JPEG (ITU-T T.81 annex B), WebP (RFC 9649), Exif 2.32 (CIPA DC-008).
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MOST_BYTES = 2 * 1024 * 1024
LEAST_SIDE, MOST_SIDE = 200, 4096
MOST_PIXELS = 12_000_000
PNG, JPEG, WEBP = "image/png", "image/jpeg", "image/webp"
_PNG_MARK = b"\x89PNG\r\n\x1a\n"
_PNG_PARTS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"IDAT", b"IEND"})
_SIZES = frozenset({0xC0, 0xC1, 0xC2})  # baseline, extended and progressive frames
_JPEG_PARTS = _SIZES | {0xC4, 0xDB, 0xDD, 0xEE}  # Huffman tables, quantisation, restart interval, Adobe's colour transform
_EXIF, _ORIENTATION, _SHORT = b"Exif\0\0", 0x0112, 3
_UPRIGHT, _LYING = 1, range(5, 9)  # values of the orientation; the lying ones swap width and height
_ANIMATED, _WITH_METADATA = 0x02, 0x2C
_BROKEN = "The picture is damaged. Save it again and choose that file."


class PictureUnfit(ValueError):
    """Why a file cannot be shown, in words for who chose it."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept and served."""

    kind: str
    width: int
    height: int
    content: bytes


def read_picture(given: bytes) -> Picture:
    """The picture with nothing in it but itself; raises PictureUnfit."""
    if len(given) > MOST_BYTES:
        raise PictureUnfit(f"The picture is larger than {MOST_BYTES // 1024**2} MB. Save it smaller, or as JPEG or WebP.")
    read = next((one for mark, one in ((_PNG_MARK, _png), (b"\xff\xd8\xff", _jpeg)) if given.startswith(mark)), None)
    if read is None and given[:4] == b"RIFF" and given[8:12] == b"WEBP":
        read = _webp
    if read is None:
        raise PictureUnfit("Choose a picture: PNG, JPEG or WebP.")
    try:
        made = read(given)
    except (struct.error, IndexError, zlib.error) as error:
        raise PictureUnfit(_BROKEN) from error
    _check_size(made)
    return made


def _check_size(made: Picture) -> None:
    if min(made.width, made.height) < LEAST_SIDE:
        raise PictureUnfit(f"The picture has {made.width} by {made.height} pixels. Each side needs {LEAST_SIDE} or more.")
    if max(made.width, made.height) > MOST_SIDE or made.width * made.height > MOST_PIXELS:
        raise PictureUnfit(f"The picture has {made.width} by {made.height} pixels. At most {MOST_SIDE} a side are shown.")


def _png(given: bytes) -> Picture:
    kept, at, size, has_data, turned = [_PNG_MARK], len(_PNG_MARK), (0, 0), False, _UPRIGHT
    while True:
        length, name = struct.unpack_from(">I4s", given, at)
        whole = given[at : at + 12 + length]
        if len(whole) != 12 + length or struct.unpack_from(">I", whole, 8 + length)[0] != zlib.crc32(whole[4:-4]):
            raise PictureUnfit(_BROKEN)
        if (name == b"IHDR") != (at == len(_PNG_MARK)):
            raise PictureUnfit(_BROKEN)
        if name == b"IHDR":
            size = struct.unpack_from(">II", whole, 8)
        has_data = has_data or name == b"IDAT"
        if name == b"eXIf":
            turned = _orientation(whole[8:-4])
            whole = _png_part(name, _tiff_of(turned))
        if name in _PNG_PARTS or (name == b"eXIf" and turned != _UPRIGHT):
            kept.append(whole)
        at += 12 + length
        if name == b"IEND":
            break
    if not has_data:
        raise PictureUnfit(_BROKEN)
    return Picture(PNG, *_shown(*size, turned=turned), b"".join(kept))


def _png_part(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _jpeg(given: bytes) -> Picture:
    kept, size, has_scan, turned = [b"\xff\xd8"], (0, 0), False, _UPRIGHT
    for marker, part in _jpeg_parts(given):
        if marker == 0xE1 and turned == _UPRIGHT:
            turned = _orientation(part[10:]) if part[4:10] == _EXIF else _UPRIGHT
        if marker in _SIZES:
            if size != (0, 0):  # which of two would be drawn is a matter of the reader
                raise PictureUnfit(_BROKEN)
            height, width = struct.unpack_from(">HH", part, 5)
            size = (width, height)
        if marker == 0xDA:
            if size == (0, 0):
                raise PictureUnfit(_BROKEN)
            has_scan = True
        if (marker in _JPEG_PARTS and (marker != 0xEE or _is_adobe(part))) or marker == 0xDA:
            kept.append(part)
    if not has_scan:
        raise PictureUnfit(_BROKEN)
    if turned != _UPRIGHT:
        tiff = _tiff_of(turned)
        kept.insert(1, b"\xff\xe1" + struct.pack(">H", 2 + len(_EXIF) + len(tiff)) + _EXIF + tiff)
    return Picture(JPEG, *_shown(*size, turned=turned), b"".join([*kept, b"\xff\xd9"]))


def _shown(width: int, height: int, *, turned: int) -> tuple[int, int]:
    return (height, width) if turned in _LYING else (width, height)


def _orientation(tiff: bytes) -> int:
    """How the metadata want the picture turned, 1 to 8; upright when they do not say so or are damaged."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return _UPRIGHT
    try:
        first = struct.unpack_from(f"{order}I", tiff, 4)[0]
        for number in range(struct.unpack_from(f"{order}H", tiff, first)[0]):
            tag, kind, count, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + number * 12)
            if (tag, kind, count) == (_ORIENTATION, _SHORT, 1):
                return value if 1 <= value <= 8 else _UPRIGHT
    except struct.error:
        return _UPRIGHT
    return _UPRIGHT


def _tiff_of(orientation: int) -> bytes:
    """Metadata that say nothing else."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, _SHORT, 1, orientation, 0, 0)


def _is_adobe(part: bytes) -> bool:
    return len(part) == 16 and part[4:9] == b"Adobe"


def _jpeg_parts(given: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and bytes of each part up to the end; a scan comes with its data."""
    at = 2
    while True:
        if given[at] != 0xFF:
            raise PictureUnfit(_BROKEN)
        marker = given[at + 1]
        if marker == 0xFF:  # fill bytes
            at += 1
            continue
        if marker == 0xD9:
            return
        end = at + 2 + struct.unpack_from(">H", given, at + 2)[0]
        end = _end_of_scan(given, end) if marker == 0xDA else end
        if end > len(given) or end < at + 4:
            raise PictureUnfit(_BROKEN)
        yield marker, given[at:end]
        at = end


def _end_of_scan(given: bytes, at: int) -> int:
    """Where the next marker stands: 0xFF that no stuffed zero and no restart number follows."""
    while True:
        at = given.find(b"\xff", at)
        if at < 0:
            raise PictureUnfit(_BROKEN)
        if given[at + 1] != 0 and not 0xD0 <= given[at + 1] <= 0xD7:
            return at
        at += 2


def _webp(given: bytes) -> Picture:
    kept: list[bytes] = []
    size, at, end = (0, 0), 12, min(len(given), 8 + struct.unpack_from("<I", given, 4)[0])
    while at < end:
        name, length = struct.unpack_from("<4sI", given, at)
        body = given[at + 8 : at + 8 + length]
        if len(body) != length:
            raise PictureUnfit(_BROKEN)
        if name == b"VP8X":
            if body[0] & _ANIMATED:
                raise PictureUnfit("Moving pictures are not shown. Choose a still one.")
            size = tuple(int.from_bytes(body[first : first + 3], "little") + 1 for first in (4, 7))
            body = bytes([body[0] & ~_WITH_METADATA]) + body[1:]
        elif name in (b"VP8 ", b"VP8L"):
            own = _webp_size(name, body)
            if size not in ((0, 0), own):
                raise PictureUnfit(_BROKEN)
            size = own
        if name in (b"VP8X", b"ALPH", b"VP8 ", b"VP8L"):
            kept.append(name + struct.pack("<I", length) + body + b"\0" * (length % 2))
        at += 8 + length + length % 2
    if not any(part.startswith((b"VP8 ", b"VP8L")) for part in kept):
        raise PictureUnfit(_BROKEN)
    drawn = b"WEBP" + b"".join(kept)
    return Picture(WEBP, size[0], size[1], b"RIFF" + struct.pack("<I", len(drawn)) + drawn)


def _webp_size(name: bytes, body: bytes) -> tuple[int, int]:
    if name == b"VP8L":
        if body[0] != 0x2F:
            raise PictureUnfit(_BROKEN)
        bits = struct.unpack_from("<I", body, 1)[0]
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    if body[3:6] != b"\x9d\x01\x2a":
        raise PictureUnfit(_BROKEN)
    width, height = struct.unpack_from("<HH", body, 6)
    return width & 0x3FFF, height & 0x3FFF
