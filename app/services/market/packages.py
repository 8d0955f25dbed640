"""Packages: what a version of a listing holds, its digest and signature, and the check that it still is what was published."""

import hashlib
import re
from dataclasses import asdict, dataclass
from typing import Any

from app.core.errors import Invalid
from app.core.ports import SecretBox
from app.services.blueprints import in_words
from app.services.sealed import face_of
from app.services.workflows.lifecycle import dump_spec
from app.services.workflows.miniature import count_steps, draw_miniature
from app.views.blueprints import PermissionLine
from app.views.workflows import Miniature, MiniNode
from engine.blueprint.bundle import Bundle
from engine.blueprint.codec import encode
from engine.blueprint.manifest import Manifest, manifest_of
from engine.json import JsonObject
from engine.nodes.registry import KINDS
from models.listing import ListingVersion

LISTED = ("models", "tools", "hosts", "credentials", "signals")
_VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})")


@dataclass(frozen=True, slots=True)
class Package:
    """A bundle ready to be published; `content` is what cards and listing pages show without reading the bundle."""

    text: str
    content: JsonObject
    permissions: Manifest


def make_package(bundle: Bundle, *, sealed: str = "") -> Package:
    """Encode the bundle and work out what it shows and may do. `sealed` is the short name of a listing whose inside is nobody's to see."""
    permissions = manifest_of(bundle, KINDS)
    shown = face_of(bundle, sealed) if sealed else bundle
    main = dump_spec(main_workflow(shown))
    content: JsonObject = {
        "permissions": permissions.as_json(),
        "drawing": asdict(draw_miniature(main)),
        "steps": count_steps(main),
        "agents": [agent.name for agent in shown.agents.values()],
        "tests": len(bundle.tests),
    } | ({"sealed": sealed} if sealed else {})
    return Package(encode(bundle, KINDS), content, permissions)


def main_workflow(bundle: Bundle) -> Any:
    """The workflow that the listing is about; the others are called by it."""
    return next(iter(bundle.workflows.values()))


def digest_of(text: str) -> str:
    """SHA-256 of the package's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def sign(box: SecretBox, digest: str) -> str:
    """A mark of the digest that only this installation can make."""
    return box.mark(f"listing:{digest}")


def is_intact(box: SecretBox, version: ListingVersion) -> bool:
    """Whether text, digest and signature still belong together."""
    return version.digest == digest_of(version.bundle) and version.signature == sign(box, version.digest)


def drawing_of(content: JsonObject) -> Miniature:
    """The picture of a card."""
    drawing = content.get("drawing") or {}
    return Miniature(tuple(MiniNode(**node) for node in drawing.get("nodes", ())), drawing.get("lines", ""))


def permission_lines(content: JsonObject) -> tuple[PermissionLine, ...]:
    """The permissions in words."""
    return tuple(in_words(manifest_from(content)))


def manifest_from(content: JsonObject) -> Manifest:
    """The permissions of a stored version."""
    stored: dict[str, Any] = content.get("permissions") or {}
    names = {key: tuple(stored.get(key, ())) for key in LISTED}
    return Manifest(**names, runs_code=bool(stored.get("runs_code")))


def version_key(number: str) -> tuple[int, ...]:
    """What versions are compared by."""
    return tuple(int(part) for part in number.split("."))


def check_version(value: object, *, after: list[str]) -> str:
    """A semantic version higher than every earlier one, or Invalid for its field."""
    text = value.strip() if isinstance(value, str) else ""
    newest = max(after, key=version_key, default="")
    if not text.isascii() or not _VERSION.fullmatch(text):
        problem = "A version is three numbers, such as 1.0.0."
    elif newest and version_key(text) <= version_key(newest):
        problem = f"The version must be higher than {newest}: published versions never change."
    else:
        return text
    raise Invalid(problem, fields={"version": problem})


def what_is_wider(before: Manifest, after: Manifest) -> Manifest:
    """What the later version may do and the earlier one may not."""
    more = {name: tuple(one for one in getattr(after, name) if one not in getattr(before, name)) for name in LISTED}
    return Manifest(**more, runs_code=after.runs_code and not before.runs_code)
