"""Settings: sensible without any variable, strict with wrong ones, and all problems at once."""

from pathlib import Path

import pytest

from app.core.config import SettingsError, allowed_origins, embedded_redis_socket, read_settings
from app.core.secret_keys import read_secret_keys


def test_nothing_needs_to_be_set() -> None:
    settings = read_settings({})
    assert (settings.port, settings.host, settings.environment) == (8400, "127.0.0.1", "development")
    assert settings.is_sqlite
    assert settings.has_embedded_redis


def test_every_wrong_variable_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        read_settings({"AF_PORT": "0", "AF_ENV": "prod", "AF_WORKERS": "many", "REDIS_URL": "http://x", "DATABASE_URL": "mysql://x"})
    for name in ("AF_PORT", "AF_ENV", "AF_WORKERS", "REDIS_URL", "DATABASE_URL"):
        assert name in str(error.value)


def test_production_insists_on_a_secret_key() -> None:
    with pytest.raises(SettingsError, match="AF_SECRET_KEY"):
        read_settings({"AF_ENV": "production"})
    read_settings({"AF_ENV": "production", "AF_SECRET_KEY": "x" * 32, "AF_PUBLIC_URL": "https://af.example"})


@pytest.mark.parametrize("url", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"])
def test_each_spelling_of_postgres_means_psycopg(url: str) -> None:
    assert read_settings({"DATABASE_URL": url}).database_url == "postgresql+psycopg://u:p@h/d"


def test_a_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = read_settings({"AF_DATA_DIR": str(tmp_path / "data")})
    (key,) = read_secret_keys(settings)
    assert len(key) >= 32
    assert read_secret_keys(settings) == (key,)
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "data").glob("secret*")] == [0o600]


def test_a_long_data_path_still_gives_a_socket_the_kernel_accepts(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    assert len(str(embedded_redis_socket(deep))) <= 100
    assert embedded_redis_socket(deep) != embedded_redis_socket(tmp_path / ("y" * 120))


def test_origins_are_exact_and_never_a_wildcard() -> None:
    local = allowed_origins(read_settings({"AF_PORT": "8500"}))
    assert set(local) == {"http://127.0.0.1:8500", "http://localhost:8500"}
    production = {"AF_ENV": "production", "AF_SECRET_KEY": "x" * 32, "AF_PUBLIC_URL": "https://af.example/"}
    assert allowed_origins(read_settings(production)) == ("https://af.example",)


CLIENT = {"AF_OIDC_CLIENT_ID": "id", "AF_OIDC_CLIENT_SECRET": "secret"}


def test_ways_to_sign_in_elsewhere_exist_only_where_they_are_set_up() -> None:
    assert read_settings({}).identity_providers == ()
    github = {"AF_GITHUB_CLIENT_ID": "id", "AF_GITHUB_CLIENT_SECRET": "secret"}
    found = read_settings(CLIENT | github | {"AF_OIDC_ISSUER": "https://id.example/realm/", "AF_OIDC_NAME": "Acme"}).identity_providers
    assert [(one.key, one.label, one.issuer, one.is_github) for one in found] == [
        ("github", "GitHub", "https://github.com", True),
        ("oidc", "Acme", "https://id.example/realm/", False),
    ]
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"AF_GOOGLE_CLIENT_ID": "id"}, "AF_GOOGLE_CLIENT_SECRET"),
        (CLIENT, "AF_OIDC_ISSUER"),
        (CLIENT | {"AF_OIDC_ISSUER": "id.example"}, "AF_OIDC_ISSUER"),
        ({"AF_MICROSOFT_CLIENT_ID": "id", "AF_MICROSOFT_CLIENT_SECRET": "x", "AF_MICROSOFT_TENANT": "common"}, "AF_MICROSOFT_TENANT"),
    ],
)
def test_a_half_way_to_sign_in_elsewhere_is_refused_at_the_start(wrong: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        read_settings(wrong)


def test_in_production_the_other_site_speaks_tls() -> None:
    production = {"AF_ENV": "production", "AF_SECRET_KEY": "x" * 32, "AF_PUBLIC_URL": "https://af.example"} | CLIENT
    with pytest.raises(SettingsError, match="AF_OIDC_ISSUER"):
        read_settings(production | {"AF_OIDC_ISSUER": "http://id.example"})
    read_settings(production | {"AF_OIDC_ISSUER": "https://id.example"})
