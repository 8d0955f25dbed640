"""State of an update: what the newer version changes and may do, whose changes count, and the merge."""

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services.market import CredentialDoesNotFit, plan_update, update_install
from app.session import Bridge
from app.views.blueprints import PermissionLine
from app.views.history import StepWords
from app.views.installs import UpdateClash, UpdatePlan
from pages.offer.ask_state import AskState
from pages.offer.present import VersionItem, version_item


@dataclass(frozen=True)
class ChangedWorkflow:
    """What changes in one workflow."""

    name: str = ""
    steps: list[StepWords] = field(default_factory=list[StepWords])
    connected: list[str] = field(default_factory=list[str])
    cut: list[str] = field(default_factory=list[str])
    is_same: bool = False


@dataclass(frozen=True)
class UpdateItem:
    """An update in words."""

    name: str = ""
    before: str = ""
    after: str = ""
    widened: list[PermissionLine] = field(default_factory=list[PermissionLine])
    agents: list[str] = field(default_factory=list[str])
    added: str = ""
    left: str = ""
    has_own: bool = False


class UpdateState(Bridge, rx.State):
    """The dialog of an update."""

    update: UpdateItem = UpdateItem()
    versions: list[VersionItem] = []
    workflows: list[ChangedWorkflow] = []
    clashes: list[UpdateClash] = []
    take: str = "mine"
    is_open: bool = False
    is_updating: bool = False

    @rx.event
    def forget(self) -> Any:
        """Another page; who comes back from making a credential goes on where they were."""
        self.is_open = self.is_updating = False
        return UpdateState.ask if self.router.url.query_parameters.get("update") == "1" else None

    @rx.event
    async def ask(self) -> None:
        """Show what it would change."""
        plan: UpdatePlan = await self._read(plan_update, slug=self._address_id())
        self.update = UpdateItem(
            plan.name,
            plan.before,
            plan.after,
            list(plan.widened),
            list(plan.agents),
            ", ".join(plan.added),
            ", ".join(plan.left),
            plan.has_own,
        )
        asking: Any = await self.get_state(AskState)
        asking._propose(plan.asks, opens="update", can_make=plan.can_make)
        self.versions, self.clashes = [version_item(row) for row in plan.versions], list(plan.clashes)
        self.workflows = [
            ChangedWorkflow(
                one.name,
                list(one.steps),
                list(one.edges_added),
                list(one.edges_removed),
                not (one.steps or one.edges_added or one.edges_removed),
            )
            for one in plan.workflows
        ]
        self.take, self.is_open = "mine", True

    @rx.event
    def set_open(self, is_open: bool) -> None:
        """Close it."""
        self.is_open = is_open is True

    @rx.event
    def set_take(self, take: str) -> None:
        """Whose changes count."""
        self.take = take if take in ("mine", "theirs", "replace") else "mine"

    @rx.event
    async def apply(self) -> Any:
        """Merge it in, and open the copy."""
        self.is_updating = True
        yield
        asking: Any = await self.get_state(AskState)
        wish = {"slug": self._address_id(), "version": self.update.after, "take": self.take, "credentials": dict(asking.picks)}
        try:
            workflow_id = await self._call(update_install, **wish)
        except CredentialDoesNotFit as refused:
            asking.errors = refused.fields
            return
        except AppError as refused:
            yield rx.toast.error(refused.message)
            return
        finally:
            self.is_updating = False
        self.is_open = False
        yield [
            rx.toast.success(f"Updated to {self.update.after}. What was there stands in the history."),
            rx.redirect(f"/workflows/{workflow_id}"),
        ]
