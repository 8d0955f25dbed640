"""What pages and the picture route see of a listing's pictures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListingPicture:
    """A picture in its place; `alt` says what it shows."""

    id: str
    href: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture as it is served; `is_public` where everybody may keep a copy."""

    kind: str
    content: bytes
    is_public: bool
