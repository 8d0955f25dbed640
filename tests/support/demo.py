"""Acts on a running site as its demo account, beside the browser: builds workflows and reads runs through the services."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlmodel import select

from app.core.config import read_settings
from app.core.uow import Actor, UnitOfWork
from app.wiring import Wiring, build_wiring
from models.user import User
from models.workspace import Membership, Role
from tests.support.site import Site

T = TypeVar("T")


class Demo:
    """One person's hands on the services of a site."""

    def __init__(self, site: Site) -> None:
        settings = read_settings({"AF_DATA_DIR": str(site.data_dir), "AF_PORT": str(site.port)})
        self.wiring: Wiring = build_wiring(settings)
        with self.wiring.unit(write=False) as uow:
            self.actor = self._actor(uow)

    def _actor(self, uow: UnitOfWork) -> Actor:
        user = uow.session.exec(select(User).where(User.is_demo)).one()
        membership = uow.session.exec(select(Membership).where(Membership.user_id == user.id)).first()
        assert membership is not None
        return Actor(user.id, membership.workspace_id, Role(membership.role))

    def call(self, service: Callable[..., T], **arguments: Any) -> T:
        """Run one service as the demo person."""
        return self.wiring.call(service, self.actor, **arguments)

    def close(self) -> None:
        """Give connections back."""
        self.wiring.database.dispose()
