"""Rate limits of model calls: one count for all processes, fair between workspaces, and of this process alone while Redis is away."""

from pathlib import Path

from app.adapters.call_rates import CallRates, Rates, Ticket, Wait

NOBODY = Rates()


class Time:
    """A clock to turn by hand."""

    def __init__(self) -> None:
        self.now = 6_000.0

    def __call__(self) -> float:
        return self.now


async def enter(rates: CallRates, own: Rates = NOBODY, *, workspace: str = "a", call: str = "1", tokens: int = 10) -> Ticket | Wait:
    """One call."""
    return await rates.enter(workspace, "openai", own, call=call, tokens=tokens, lasts_s=60)


async def test_two_processes_share_one_count_of_requests(redis_url: str) -> None:
    clock, own = Time(), Rates(requests=3)
    first, second = CallRates(redis_url, everybody={}, clock=clock), CallRates(redis_url, everybody={}, clock=clock)
    answers = [await enter(process, own, call=str(number)) for number, process in enumerate((first, second, first, second))]
    assert [type(answer) for answer in answers] == [Ticket, Ticket, Ticket, Wait]
    wait = answers[-1]
    assert isinstance(wait, Wait)
    assert wait.kind == "requests"
    assert clock.now < wait.until <= clock.now + 60
    clock.now = wait.until
    assert isinstance(await enter(first, own, call="5"), Ticket)
    await first.aclose()
    await second.aclose()


async def test_those_who_wait_are_told_moments_one_after_the_other(redis_url: str) -> None:
    clock, own = Time(), Rates(requests=2)
    rates = CallRates(redis_url, everybody={}, clock=clock)
    answers = [await enter(rates, own, call=str(number)) for number in range(6)]
    moments = [answer.until for answer in answers if isinstance(answer, Wait)]
    assert moments == sorted(moments)
    assert moments[-1] - moments[0] == 90.0
    await rates.aclose()


async def test_tokens_count_as_they_were_really_used(redis_url: str) -> None:
    clock, own = Time(), Rates(tokens=1000)
    rates = CallRates(redis_url, everybody={}, clock=clock)
    ticket = await enter(rates, own, tokens=900)
    assert isinstance(ticket, Ticket)
    assert isinstance(await enter(rates, own, call="2", tokens=200), Wait)
    await rates.leave(ticket, tokens=50)
    assert isinstance(await enter(rates, own, call="3", tokens=200), Ticket)
    await rates.aclose()


async def test_calls_at_once_are_free_again_when_one_is_over_or_its_process_died(redis_url: str) -> None:
    clock, own = Time(), Rates(calls=1)
    rates = CallRates(redis_url, everybody={}, clock=clock)
    ticket = await enter(rates, own)
    assert isinstance(ticket, Ticket)
    refused = await enter(rates, own, call="2")
    assert isinstance(refused, Wait)
    assert refused.kind == "calls"
    await rates.leave(ticket)
    assert isinstance(await enter(rates, own, call="3"), Ticket)
    clock.now += 61
    assert isinstance(await enter(rates, own, call="4"), Ticket)
    await rates.aclose()


async def test_what_a_provider_allows_everybody_is_shared_evenly_by_those_who_ask(redis_url: str) -> None:
    clock = Time()
    rates = CallRates(redis_url, everybody={"openai": Rates(requests=100)}, clock=clock)
    taken = 0
    while isinstance(await enter(rates, workspace="busy", call=f"busy{taken}"), Ticket):
        taken += 1
        if taken == 40:  # another workspace comes, and finds a part of the minute unused
            assert isinstance(await enter(rates, workspace="calm", call="calm"), Ticket)
    assert taken == 90, "a tenth is left for others"
    number = 0
    while isinstance(await enter(rates, workspace="calm", call=f"calm{number}"), Ticket):
        number += 1
    assert number == 9
    clock.now += 59
    assert [type(await enter(rates, workspace=workspace, call=f"late {workspace}")) for workspace in ("busy", "calm")] == [Wait, Wait]
    clock.now += 2  # the minute begins to be free again, and both want it
    served = {"busy": 0, "calm": 0}
    for again in range(200):
        workspace = "calm" if again % 10 == 0 else "busy"
        served[workspace] += isinstance(await enter(rates, workspace=workspace, call=f"again{again}"), Ticket)
    assert served == {"busy": 50, "calm": 20}
    await rates.aclose()


async def test_without_redis_a_process_counts_by_itself(tmp_path: Path) -> None:
    clock, own = Time(), Rates(requests=2, calls=2)
    rates = CallRates(f"unix://{tmp_path}/nothing.sock", everybody={}, clock=clock)
    tickets = [await enter(rates, own, call=str(number)) for number in range(2)]
    wait = await enter(rates, own, call="3")
    assert isinstance(wait, Wait)
    for ticket in tickets:
        assert isinstance(ticket, Ticket)
        await rates.leave(ticket)
    clock.now += 61
    assert isinstance(await enter(rates, own, call="4"), Ticket)
    await rates.aclose()


async def test_providers_without_limits_are_not_counted(redis_url: str) -> None:
    rates = CallRates(redis_url, everybody={"openai": Rates(requests=1)})
    assert rates.concerns("openai", NOBODY)
    assert not rates.concerns("anthropic", NOBODY)
    assert rates.concerns("anthropic", Rates(calls=1))
    await rates.aclose()
