"""Keys that seal: a rotation seals everything anew beside the running product, and old keys go only when nothing needs them."""

from collections import Counter
from pathlib import Path

import pytest

from app.cli.vault import reseal
from app.core.config import Settings, read_settings
from app.core.secret_keys import add_secret_key, drop_old_secret_keys
from app.core.uow import Actor
from app.services.audit import verify_chain
from app.services.credentials import reveal_for_request
from app.services.rekeying import PLACES, count_keys
from app.wiring import Wiring, build_wiring
from models.workspace import Role
from tests.support.credentials import SECRET, make_credential
from tests.support.endpoints import make_endpoint
from tests.support.hooks import incoming, make_webhook, receive, token_of
from tests.support.people import make_member
from tests.support.source import product_files
from tests.support.workflows import make_workflow


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """An installation whose key is kept in its data folder."""
    return read_settings({"AF_ENV": "test", "AF_DATA_DIR": str(tmp_path), "DATABASE_URL": database_url, "REDIS_URL": redis_url})


@pytest.fixture
def owner(wiring: Wiring) -> Actor:
    """The owner of a workspace with one of everything that is sealed."""
    with wiring.unit() as uow:
        uow.actor = actor = make_member(uow, Role.OWNER)
        make_credential(uow)
        make_endpoint(uow)
        hook = make_webhook(uow, make_workflow(uow), auth="secret", auth_header="X-Secret")
        receive(uow, token_of(hook), incoming({"name": "Mia"}, x_secret=hook.secret))
        uow.actor = actor
    return actor


def counted(wiring: Wiring) -> Counter[str]:
    with wiring.unit(write=False) as uow:
        return count_keys(uow.session.connection(), uow.ports.box)


def test_everything_is_sealed_anew_and_opens_as_before(wiring: Wiring, settings: Settings, owner: Actor) -> None:
    before = counted(wiring)
    assert list(before) == [wiring.ports.box.key_id]
    add_secret_key(settings)
    fresh = build_wiring(settings)
    result = reseal(fresh)
    assert not result.broken
    assert result.renewed.total() == before.total()
    assert counted(fresh) == Counter({fresh.ports.box.key_id: before.total()})
    drop_old_secret_keys(settings)
    alone = build_wiring(settings)
    with alone.unit(write=False) as uow:
        assert reveal_for_request(uow, workspace_id=owner.workspace_id, name="CRM").fields["token"] == SECRET
        assert verify_chain(uow, workspace_id=owner.workspace_id).problems == ()
    for one in (fresh, alone):
        one.database.dispose()


def test_a_process_that_was_running_reads_what_was_sealed_anew(wiring: Wiring, settings: Settings, owner: Actor) -> None:
    assert wiring.ports.box.key_id
    add_secret_key(settings)
    fresh = build_wiring(settings)
    reseal(fresh)
    with wiring.unit(write=False) as uow:
        assert reveal_for_request(uow, workspace_id=owner.workspace_id, name="CRM").fields["token"] == SECRET
    fresh.database.dispose()


def test_what_no_key_opens_is_counted_and_left_as_it_is(wiring: Wiring, settings: Settings, owner: Actor) -> None:
    total = counted(wiring).total()
    add_secret_key(settings)
    drop_old_secret_keys(settings)
    fresh = build_wiring(settings)
    assert reseal(fresh).broken.total() == total
    assert fresh.ports.box.key_id not in counted(fresh)
    fresh.database.dispose()


def test_every_file_that_seals_has_its_places_listed() -> None:
    sealing = {file.name for file in product_files() if ".seal(" in file.text and file.name.startswith(("app/services/", "app/core/"))}
    known = {
        "app/core/audit_chain.py",
        "app/core/ports.py",
        "app/services/accounts/external.py",
        "app/services/accounts/second_factor.py",
        "app/services/credentials/rows.py",
        "app/services/mail.py",
        "app/services/rekeying.py",
        "app/services/sign_ins/settings.py",
        "app/services/signing.py",
        "app/services/webhooks/editing.py",
        "app/services/webhooks/receiving.py",
    }
    assert sealing <= known, "add the column to PLACES in app/services/rekeying.py, then the file here"
    assert len({(place.table, place.column) for place in PLACES}) == len(PLACES)
