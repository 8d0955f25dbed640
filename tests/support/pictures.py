"""Small pictures made by hand, with things in them that nobody else is meant to get."""

import struct
import zlib

SECRET = b"GPS 47.37N 8.54E taken by Anna"


def png(width: int = 320, height: int = 240, *, extra: bytes = b"") -> bytes:
    """One colour; `extra` goes into a text chunk, an EXIF chunk and behind the end."""
    rows = b"".join(b"\0" + b"\x2f\x80\x80" * width for _ in range(height))
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))]
    parts += [(b"tEXt", b"Comment\0" + extra), (b"eXIf", b"MM\0*" + extra)] if extra else []
    parts += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = b"".join(struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts)
    return b"\x89PNG\r\n\x1a\n" + chunks + extra


def jpeg(width: int = 320, height: int = 240, *, extra: bytes = b"") -> bytes:
    """The structure of one; the scan draws nothing in particular."""

    def part(marker: int, body: bytes) -> bytes:
        return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body

    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    hidden = part(0xE1, b"Exif\0\0" + extra) + part(0xFE, extra) + part(0xEE, extra) if extra else b""
    tables = part(0xDB, b"\0" + bytes(64)) + part(0xC4, b"\0" + bytes(16))
    scan = part(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"\xff\xd8" + hidden + tables + part(0xC0, frame) + scan + b"\xff\xd9" + extra


def exif(turned: int, *, order: str = ">", extra: bytes = b"") -> bytes:
    """The metadata of a camera that was held askew: its maker, the orientation, and `extra`."""
    mark = b"MM" if order == ">" else b"II"
    maker = struct.pack(f"{order}HHI4s", 0x010F, 2, 4, b"Cam\0")
    orientation = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, turned, 0)
    return b"Exif\0\0" + mark + struct.pack(f"{order}HIH", 42, 8, 2) + maker + orientation + bytes(4) + extra


def askew(content: bytes, turned: int, *, order: str = ">", extra: bytes = b"") -> bytes:
    """The JPEG or PNG with such metadata in front."""
    body = exif(turned, order=order, extra=extra)
    if content.startswith(b"\x89PNG"):
        chunk = b"eXIf" + body[6:]
        return content[:33] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + content[33:]
    return content[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + content[2:]


def webp(width: int = 320, height: int = 240, *, extra: bytes = b"", is_moving: bool = False) -> bytes:
    """The structure of a lossless one, with EXIF if there is something extra."""

    def part(name: bytes, body: bytes) -> bytes:
        return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

    drawn = part(b"VP8L", b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + bytes(7))
    flags = (0x0C if extra else 0) | (0x02 if is_moving else 0)
    head = part(b"VP8X", bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"))
    body = b"WEBP" + (head if flags else b"") + drawn + (part(b"EXIF", extra) + part(b"XMP ", extra) if extra else b"")
    return b"RIFF" + struct.pack("<I", len(body)) + body
