"""Preparing at each start: what is missing is added, and where nothing is missing nothing is even loaded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.adapters.migrations import downgrade
from app.adapters.prepared import is_prepared
from app.core.config import Settings
from app.core.first_rows import DEMO_EMAIL, OFFERS
from app.services.market import find_listings, seed_market
from app.services.seed import seed_demo
from app.wiring import Wiring
from tests.support.people import make_member
from tests.support.source import ROOT

PREPARE = "from app.cli.prepare import prepare; prepare()"
REINDEX = "import sys; from app.cli.main import main; sys.argv = ['agent-factory', 'market', 'reindex']; main()"
LOADED = "import sys; from app.cli.prepare import prepare; prepare(); print(sum(name.startswith('app.services') for name in sys.modules))"


@pytest.fixture
def seeded(wiring: Wiring) -> Wiring:
    """An installation after its first start."""
    assert wiring.call(seed_demo, None)
    assert wiring.call(seed_market, None) == len(OFFERS)
    return wiring


def test_a_seeded_database_needs_nothing(seeded: Wiring, database_url: str) -> None:
    assert is_prepared(database_url, has_demo=True)
    assert is_prepared(database_url, has_demo=False)


@pytest.mark.parametrize(
    "lost",
    [f"UPDATE \"user\" SET email_key = 'x' WHERE email_key = '{DEMO_EMAIL}'", "UPDATE listing SET slug = 'x' WHERE slug = 'lead-scoring'"],
)
def test_a_row_that_is_missing_is_noticed(seeded: Wiring, database_url: str, lost: str) -> None:
    with seeded.database.begin() as connection:
        assert connection.execute(sa.text(lost)).rowcount == 1
    assert not is_prepared(database_url, has_demo=True)
    assert is_prepared(database_url, has_demo=False) == ("user" in lost)


def test_a_database_that_is_behind_empty_or_away_is_not_prepared(seeded: Wiring, database_url: str, tmp_path: Path) -> None:
    seeded.database.dispose()
    downgrade(database_url, revision="-1")
    assert not is_prepared(database_url, has_demo=True)
    assert not is_prepared(f"sqlite:///{tmp_path / 'new.db'}", has_demo=False)
    assert not is_prepared("sqlite:////nowhere/at/all.db", has_demo=False)


def run(code: str, settings: Settings, database_url: str) -> str:
    """What a process of its own prints that runs `code` against the test's installation."""
    environment = os.environ | {"AF_ENV": "development", "AF_DATA_DIR": str(settings.data_dir), "DATABASE_URL": database_url}
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def found(wiring: Wiring) -> int:
    """How many listings a search finds."""
    with wiring.unit() as uow:
        uow.actor = make_member(uow)
        return find_listings(uow, search="lead").total


def test_a_start_files_listings_that_an_earlier_release_put_on_the_shelf(settings: Settings, database_url: str, seeded: Wiring) -> None:
    before = found(seeded)
    assert before > 0
    with seeded.database.begin() as connection:
        connection.execute(sa.text("UPDATE listing SET place = NULL, filed = ''"))
        connection.execute(sa.text("DELETE FROM search_block"))
    assert found(seeded) == 0
    assert not is_prepared(database_url, has_demo=True)
    assert f"Filed {len(OFFERS)} listings for the search again" in run(PREPARE, settings, database_url)
    assert found(seeded) == before
    assert is_prepared(database_url, has_demo=True)
    assert run(PREPARE, settings, database_url) == ""


def test_operators_build_the_index_anew_whatever_is_wrong_with_it(settings: Settings, database_url: str, seeded: Wiring) -> None:
    before = found(seeded)
    with seeded.database.begin() as connection:
        connection.execute(sa.text("DELETE FROM search_block WHERE word NOT LIKE ':%'"))
    assert found(seeded) == 0
    assert is_prepared(database_url, has_demo=True)
    assert run(REINDEX, settings, database_url) == f"Filed {len(OFFERS)} listings for the search\n"
    assert found(seeded) == before


def test_a_start_with_everything_in_place_loads_no_service(settings: Settings, database_url: str, wiring: Wiring) -> None:
    first, second = (run(LOADED, settings, database_url) for _ in range(2))
    assert "Created the demo account" in first
    assert second == "0\n"
