"""A monthly listing ordered, renewed, ended, refunded, disputed and paid out in every order: the books always say what happened."""

from contextlib import suppress

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from app.core.errors import Conflict, Invalid
from app.services.payments import start_payout
from app.services.payments.payouts import TransferWish
from app.wiring import Wiring
from tests.support.clock import FrozenClock
from tests.support.monthly_machine import SETTINGS, MonthlyPayments, is_disputed, kept_of
from tests.support.payouts import end_payout
from tests.support.renting import Rental


class Renting(MonthlyPayments):
    """One seller and one subscriber; the fee changes now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.rental = self.desk = Rental(self.wiring, self.clock, cents=1_999)
        self.before = self.rental.shares
        self.payouts: list[TransferWish] = []
        self.paid_out = 0

    @rule()
    def order(self) -> None:
        with suppress(Conflict):
            self.opened(self.rental.rent())
        self.step()

    @rule(fee=st.sampled_from([2_000, 333, 0, 10_000]))
    def change_fee(self, fee: int) -> None:
        self.rental.change_listing(fee_bps=fee)

    @precondition(lambda self: self.checkouts)
    @rule(what=st.sampled_from(["end", "keep", "take_back"]))
    def act(self, what: str) -> None:
        with suppress(Conflict):
            getattr(self.rental, what)()
        self.step()

    @rule()
    def ask_for_payout(self) -> None:
        with suppress(Invalid, Conflict), self.rental.wiring.unit(self.rental.seller) as uow:
            self.payouts.append(start_payout(uow))

    @precondition(lambda self: self.payouts)
    @rule(is_paid=st.booleans(), twice=st.booleans())
    def end_payout(self, is_paid: bool, twice: bool) -> None:
        self.paid_out += end_payout(self.rental.wiring, self.rental.seller, self.payouts.pop(0), is_paid=is_paid, twice=twice)

    @invariant()
    def every_cent_of_the_gateway_is_somebodys(self) -> None:
        held, creator, platform, tax = (now - before for now, before in zip(self.rental.shares, self.before, strict=True))
        assert held == creator + platform + tax + sum(wish.amount_cents for wish in self.payouts)

    def teardown(self) -> None:
        """Once all news is in, everybody holds their part of what was not given back, each month at the fee of its time."""
        known = self.hear_all()
        invoices, right = {one.invoice_id: one for one in self.rental.invoices}, self.rental.has_right()
        kept, now = kept_of(known), self.clock.now()
        self.end_all(known)
        held, creator, platform, _ = (after - before for after, before in zip(self.rental.shares, self.before, strict=True))
        ours = sum(cents * invoices[key].fee_bps // 10_000 for key, (_, cents) in kept.items())
        total = sum(cents for _, cents in kept.values())
        assert (held, platform) == (total - self.paid_out, ours)
        assert creator == total - ours - self.paid_out - sum(wish.amount_cents for wish in self.payouts)
        assert sum(facts.state in ("active", "past_due") for facts in known) <= 1
        if any((cents or is_disputed(one)) and one.period_end > now for one, cents in kept.values()):
            assert right
        if not any(cents or is_disputed(one) for one, cents in kept.values()):
            assert not right


def test_the_books_are_right_in_every_interleaving(wiring: Wiring, clock: FrozenClock) -> None:
    machine = type("RentingOfThisTest", (Renting,), {"wiring": wiring, "clock": clock})
    run_state_machine_as_test(machine, settings=SETTINGS)
