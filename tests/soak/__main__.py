"""`python -m tests.soak --minutes N --seed S --workers W`: starts runs, hurts everything, and asserts the invariants at the end."""

import argparse
import random
import shutil
import sys
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.adapters.migrations import upgrade
from app.core.config import read_settings
from app.core.errors import AppError
from app.core.uow import Actor
from app.services.runs import cancel_run, decide_approval, fork_run, list_approvals, resolve_unknown_effect, send_signal, start_run
from app.services.runs.tables import run_table, step_table
from app.supervisor.valkey import EmbeddedValkey
from app.wiring import Wiring, build_wiring
from engine.json import JsonObject
from tests.soak.stories import SIGNAL, MoodyService, make_stories
from tests.soak.troubles import Troubles
from tests.support.invariants import check_invariants, statuses
from tests.support.people import make_member
from tests.support.slow_http import serve
from tests.support.twice import open_queue
from tests.support.waiting import until
from tests.support.workers import OVER

MOST_OPEN = 120
EVERY_S = 0.25
TROUBLE_S = (1.0, 6.0)
REST_S = 300.0
CHECK_S = 120.0


class Soak:
    """One installation under fire."""

    def __init__(self, wiring: Wiring, valkey: EmbeddedValkey, *, workers: int, seed: int, url: str) -> None:
        self.wiring = wiring
        self.chance = random.Random(seed)
        self.actors: list[tuple[Actor, dict[str, object]]] = []
        for _ in range(2):
            with wiring.unit() as uow:
                uow.actor = make_member(uow)
                self.actors.append((uow.actor, make_stories(uow, url)))
        self.troubles = Troubles(wiring, valkey, workers=workers, chance=random.Random(seed + 1))
        self.repeated: Counter[str] = Counter()
        self.deeds: Counter[str] = Counter()
        self.checked: set[uuid.UUID] = set()

    def go(self, seconds: float) -> None:
        """Act until the time is over."""
        began = time.monotonic()
        last, next_trouble, next_check = began + seconds, began + TROUBLE_S[1], began + CHECK_S
        while time.monotonic() < last:
            self.act()
            if time.monotonic() > next_check:
                self.check_over()
                next_check = time.monotonic() + CHECK_S
            if time.monotonic() > next_trouble:
                self.troubles.happen()
                next_trouble = time.monotonic() + self.chance.uniform(*TROUBLE_S)
            self.troubles.mend()
            time.sleep(EVERY_S)

    def check_over(self) -> None:
        """The invariants of every family that is over by now and was not looked at before."""
        child = run_table.alias()
        lives = sa.exists(sa.select(child.c.id).where(child.c.parent_run_id == run_table.c.id, child.c.status.not_in(OVER)))
        query = sa.select(run_table.c.id).where(run_table.c.parent_run_id.is_(None), run_table.c.status.in_(OVER), ~lives)
        with self.wiring.database.connect().execution_options(af_write=False) as connection:
            over = set(connection.execute(query).scalars()) - self.checked
        check_invariants(self.wiring, over)
        self.checked |= over
        _write(f"{len(self.checked)} runs are over and as they should be; troubles so far: {sum(self.troubles.counts.values())}")

    def act(self) -> None:
        """What people do: start, decide, signal, cancel, fork, ring twice."""
        for actor, stories in self.actors:
            try:
                self._start(actor, stories)
                self._people(actor)
            except AppError as error:
                self.deeds[f"refused: {error.error_code}"] += 1

    def _start(self, actor: Actor, stories: dict[str, object]) -> None:
        free = MOST_OPEN - sum(status not in OVER for status in statuses(self.wiring).values())
        for _ in range(min(free, self.chance.randrange(6))):
            name = self.chance.choice(list(stories))
            key = str(uuid.UUID(int=self.chance.getrandbits(128)))
            inputs = {"name": "Ada"} if name == "greeting" else {}
            row = self.wiring.call(start_run, actor, workflow_id=stories[name], inputs=inputs, idempotency_key=key)
            if self.chance.random() < 0.2:  # some click twice
                again = self.wiring.call(start_run, actor, workflow_id=stories[name], inputs=inputs, idempotency_key=key)
                assert again.id == row.id, "I7: one run for each key"
            self.deeds["started"] += 1
            if self.chance.random() < 0.1:
                self._cancel(actor, row.id)
            if self.chance.random() < 0.2:
                for _ in range(5):
                    self.wiring.ports.queue.ring_run(row.id)

    def _people(self, actor: Actor) -> None:
        for card in self.wiring.call(list_approvals, actor)[:10]:
            self.wiring.call(decide_approval, actor, approval_id=card.id, button=self.chance.choice(["approve", "reject"]))
            self.deeds["decided"] += 1
        waiting = self._steps(actor, "waiting", "signal")
        for row in waiting[:5]:
            with self.wiring.unit(actor) as uow:
                send_signal(uow, key=SIGNAL, run_id=row.run_id)
            self.deeds["signalled"] += 1
        for row in self._steps(actor, "unknown", None)[:10]:
            self._settle(actor, row)
        if self.chance.random() < 0.1:
            live = [run_id for run_id, status in self._mine(actor) if status not in OVER]
            if live:
                self._cancel(actor, self.chance.choice(live))
        over = [run_id for run_id, status in self._mine(actor) if status in OVER]
        if over and self.chance.random() < 0.1:
            self.wiring.call(fork_run, actor, run_id=self.chance.choice(over), how="moment")
            self.deeds["forked"] += 1

    def _settle(self, actor: Actor, row: Any) -> None:
        action = self.chance.choice(["done", "repeat", "fail"])
        value: JsonObject = {"ok": True}
        with self.wiring.unit(actor) as uow:
            resolve_unknown_effect(uow, run_id=row.run_id, node=row.node, iteration=row.iteration, action=action, value=value)
        self.deeds["settled"] += 1
        if action == "repeat":
            self.repeated[f"{row.run_id}:{row.node}:{row.iteration}"] += 1

    def _cancel(self, actor: Actor, run_id: uuid.UUID) -> None:
        self.wiring.call(cancel_run, actor, run_id=run_id)
        self.deeds["cancelled"] += 1

    def _steps(self, actor: Actor, status: str, reason: str | None) -> list[Any]:
        columns = step_table.c
        query = (
            sa.select(columns.run_id, columns.node, columns.iteration)
            .join(run_table, run_table.c.id == columns.run_id)
            .where(run_table.c.workspace_id == actor.workspace_id, run_table.c.status == "waiting", columns.status == status)
        )
        with self.wiring.database.connect().execution_options(af_write=False) as connection:
            return list(connection.execute(query if reason is None else query.where(columns.reason == reason)))

    def _mine(self, actor: Actor) -> list[tuple[uuid.UUID, str]]:
        columns = run_table.c
        query = sa.select(columns.id, columns.status).where(columns.workspace_id == actor.workspace_id, columns.parent_run_id.is_(None))
        with self.wiring.database.connect().execution_options(af_write=False) as connection:
            return [(row.id, row.status) for row in connection.execute(query.order_by(columns.id.desc()).limit(100))]

    def rest(self) -> None:
        """No more troubles and no more starts: people answer what is asked, and everything comes to its end."""
        self.troubles.heal()

        def is_over() -> bool:
            for actor, _ in self.actors:
                try:
                    self._answer_all(actor)
                except AppError as error:
                    self.deeds[f"refused: {error.error_code}"] += 1
            return set(statuses(self.wiring).values()) <= set(OVER)

        until(is_over, timeout_s=REST_S, what="the end of every run")

    def _answer_all(self, actor: Actor) -> None:
        for card in self.wiring.call(list_approvals, actor):
            self.wiring.call(decide_approval, actor, approval_id=card.id, button="approve")
        for row in self._steps(actor, "waiting", "signal"):
            with self.wiring.unit(actor) as uow:
                send_signal(uow, key=SIGNAL, run_id=row.run_id)
        for row in self._steps(actor, "unknown", None):
            self._settle(actor, row)

    def tell(self, service: MoodyService) -> None:
        """Check, and print what was seen."""
        check_invariants(self.wiring)
        twice = {key: times for key, times in service.keys.items() if times > 1 + self.repeated[key]}
        assert not twice, f"effects that happened more often than anybody asked: {twice}"
        columns = run_table.c
        with self.wiring.database.connect().execution_options(af_write=False) as connection:
            errors = Counter((row.error or {}).get("code") for row in connection.execute(sa.select(columns.error)) if row.error)
        assert not errors["internal_error"], "runs failed in the program"
        ended = Counter(statuses(self.wiring).values())
        _write(f"runs: {sum(ended.values())} {dict(ended)}; errors {dict(errors)}")
        _write(f"people: {dict(self.deeds)}")
        _write(f"troubles: {dict(self.troubles.counts)}")
        _write(f"calls: {service.calls}, with effects {len(service.keys)}, of these repeated on demand {sum(self.repeated.values())}")
        _write("every invariant holds")


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    _write(f"seed {chosen.seed}, {chosen.minutes:g} minutes, {chosen.workers} workers")
    folder = Path(tempfile.mkdtemp(prefix="af-soak-"))
    valkey = EmbeddedValkey(socket_path=folder / "v.sock", directory=folder / "v", log_path=folder / "v.log")
    valkey.start()
    address = f"unix://{valkey.socket_path}"
    url = f"sqlite:///{folder / 'soak.db'}"
    upgrade(url)
    named = {"AF_ENV": "test", "AF_DATA_DIR": str(folder), "DATABASE_URL": url, "REDIS_URL": address, "AF_SECRET_KEY": "soak " * 8}
    built = build_wiring(read_settings(named))
    wiring = replace(built, ports=replace(built.ports, queue=open_queue(address)))
    service = MoodyService(random.Random(chosen.seed + 2))
    with serve({"/{name}": service.answer}) as server:
        soak = Soak(wiring, valkey, workers=chosen.workers, seed=chosen.seed, url=server.url)
        try:
            soak.go(chosen.minutes * 60)
            soak.rest()
            soak.tell(service)
            shutil.rmtree(folder, ignore_errors=True)
        except BaseException:
            _write(f"failed; everything is kept in {folder}")
            raise
        finally:
            soak.troubles.close()
            valkey.stop()
            wiring.database.dispose()


def _write(line: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
