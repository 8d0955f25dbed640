"""Two owners who pay out in the same moment: what a creator has earned leaves once."""

from contextlib import suppress

from app.core.errors import Conflict, Invalid
from app.core.uow import UnitOfWork
from app.services.payments import finish_payout, start_payout
from app.services.payments.ledger import GATEWAY, Pair, Source, book, creator_account
from app.wiring import Wiring
from models.workspace import Role
from tests.support.market import make_payout_account, owed
from tests.support.people import make_member, make_workspace
from tests.support.racing import meet


def test_a_payout_that_begins_while_another_ends_pays_nothing_twice(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        workspace = make_workspace(uow)
        owner, other = make_member(uow, Role.OWNER, workspace=workspace), make_member(uow, Role.OWNER, workspace=workspace)
        make_payout_account(uow, workspace.id)
        seller_id = workspace.id
        book(uow, Source("purchase:1", "usd", "test"), [Pair("sale_creator", GATEWAY, creator_account(seller_id), 5000)])

    def begin_and_end(uow: UnitOfWork) -> None:
        finish_payout(uow, payout_id=start_payout(uow).payout_id, transfer_id="tr_1")

    def begin(uow: UnitOfWork) -> None:
        with suppress(Invalid, Conflict):
            start_payout(uow)

    meet(wiring, (owner, begin_and_end), (other, begin))
    with wiring.unit(write=False) as uow:
        assert owed(uow, seller_id) == 0
