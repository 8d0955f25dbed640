"""The credentials that a version of a listing names: what it says of each, and which one an install uses for it."""

from dataclasses import dataclass

from app.services.credentials.kinds import KINDS as CREDENTIAL_KINDS
from engine.blueprint.manifest import ANY_HOST
from engine.json import JsonObject
from models.listing import Install


@dataclass(frozen=True, slots=True)
class Asked:
    """A credential that a version names; `kind` is "" where it does not say."""

    name: str
    kind: str = ""
    hosts: tuple[str, ...] = ()

    @property
    def kind_label(self) -> str:
        """What people call the kind; "" where it does not say."""
        return CREDENTIAL_KINDS[self.kind].label if self.kind in CREDENTIAL_KINDS else ""

    @property
    def words(self) -> str:
        """Kind, name and where it is sent, in one line."""
        hosts = [host for host in self.hosts if host != ANY_HOST]
        name = f"as “{self.name}”" if self.kind_label else f"“{self.name}”"
        parts = (self.kind_label, name, f"sent to {', '.join(hosts)}" if hosts else "")
        return ", ".join(part for part in parts if part)


def asked_by(content: JsonObject) -> tuple[Asked, ...]:
    """The same of a stored version; an early one knows the names only."""
    named: list[str] = (content.get("permissions") or {}).get("credentials") or []
    told = {one["name"]: Asked(one["name"], one["kind"], tuple(one["hosts"])) for one in content.get("asks") or []}
    return tuple(told.get(name, Asked(name)) for name in named)


def kept_mapping(install: Install, content: JsonObject) -> dict[str, str]:
    """What was chosen; an early install kept the names as they were."""
    return {one.name: one.name for one in asked_by(content)} | (install.credentials or {})
