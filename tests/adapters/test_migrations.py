"""Migrations: they build exactly the models' schema, upgrade and downgrade on the suite's database, and lose no rows."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel, col, select

import models
from app.adapters.migrations import alembic_config, downgrade, upgrade
from app.adapters.revisions import current_revision, known_revisions, newest_revision
from app.wiring import Wiring
from tests.support.api import key_of
from tests.support.people import make_member


def test_the_migrations_build_exactly_the_schema_of_the_models(wiring: Wiring) -> None:
    assert models.Run.metadata is SQLModel.metadata
    with wiring.database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_a_fresh_database_has_the_newest_revision(wiring: Wiring) -> None:
    assert current_revision(wiring.database) == newest_revision()


def test_the_files_tell_the_revisions_in_their_order() -> None:
    scripts = ScriptDirectory.from_config(alembic_config("sqlite://"))
    assert [script.revision for script in scripts.walk_revisions()][::-1] == list(known_revisions())
    assert scripts.get_current_head() == newest_revision()


def test_upgrading_twice_changes_nothing(database_url: str, wiring: Wiring) -> None:
    upgrade(database_url)
    assert current_revision(wiring.database) == newest_revision()


def test_the_schema_can_be_taken_back_to_nothing_and_built_again(database_url: str, wiring: Wiring) -> None:
    downgrade(database_url, revision="base")
    assert set(sa.inspect(wiring.database).get_table_names()) <= {"alembic_version"}
    upgrade(database_url)
    assert current_revision(wiring.database) == newest_revision()


def test_keys_that_former_members_left_behind_are_revoked_by_the_upgrade(wiring: Wiring, database_url: str) -> None:
    with wiring.unit() as uow:
        stays, goes = make_member(uow), make_member(uow)
    for actor in (stays, goes):
        key_of(wiring, actor)
    with wiring.database.begin() as connection:
        connection.execute(sa.delete(models.Membership).where(col(models.Membership.user_id) == goes.user_id))
    downgrade(database_url, revision="0047")
    upgrade(database_url)
    with wiring.unit(write=False) as uow:
        keys = {key.user_id: key.revoked_at for key in uow.session.exec(select(models.ApiKey))}
    assert keys[stays.user_id] is None
    assert keys[goes.user_id] is not None


def test_an_empty_file_has_no_revision(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    assert current_revision(engine) == ""
    engine.dispose()


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[2] / "alembic" / "versions").glob("*.py")), ids=lambda path: path.stem)
def test_a_revision_imports_nothing_of_this_project(path: Path) -> None:
    imports = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith(("import ", "from "))]
    assert not [line for line in imports if line.split()[1].split(".")[0] in {"app", "models", "engine", "pages", "components", "sqlmodel"}]
