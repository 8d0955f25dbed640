"""Sealed secrets open only here, only for what they belong to, and only unchanged."""

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.adapters.secret_box import AesSecretBox
from app.core.config import read_settings
from app.core.ports import SealBroken
from app.core.secret_keys import add_secret_key, drop_old_secret_keys, read_secret_keys


@pytest.fixture
def box() -> AesSecretBox:
    return AesSecretBox(lambda: ["an installation's secret, long enough"])


def test_what_is_sealed_opens_again_and_looks_different_each_time(box: AesSecretBox) -> None:
    one, two = box.seal(b"whsec_x", context="a"), box.seal(b"whsec_x", context="a")
    assert one != two
    assert "whsec" not in one
    assert box.open(one, context="a") == box.open(two, context="a") == b"whsec_x"


def test_a_seal_does_not_open_for_something_else(box: AesSecretBox) -> None:
    with pytest.raises(SealBroken):
        box.open(box.seal(b"x", context="webhook:1"), context="webhook:2")


def test_another_installation_cannot_open_it_and_is_told_why(box: AesSecretBox) -> None:
    with pytest.raises(SealBroken, match="another secret key"):
        AesSecretBox(lambda: ["another installation's secret"]).open(box.seal(b"x", context="a"), context="a")


def test_a_changed_seal_does_not_open(box: AesSecretBox) -> None:
    version, key_id, text = box.seal(b"some secret", context="a").split(".")
    raw = bytearray(base64.urlsafe_b64decode(text))
    for position in (0, 15, len(raw) - 1):
        changed = bytearray(raw)
        changed[position] ^= 1
        with pytest.raises(SealBroken):
            box.open(f"{version}.{key_id}.{base64.urlsafe_b64encode(changed).decode()}", context="a")


@pytest.mark.parametrize("sealed", ["", "x", "v1..", "v2.00000000.AAAA", "v1.{}.", "v1.{}.!!!!"])
def test_what_is_no_seal_at_all_is_refused(box: AesSecretBox, sealed: str) -> None:
    key_id = box.seal(b"x", context="a").split(".")[1]
    with pytest.raises(SealBroken):
        box.open(sealed.format(key_id), context="a")


def test_a_mark_is_stable_here_and_unknown_elsewhere(box: AesSecretBox) -> None:
    assert box.mark("delivery:1") == box.mark("delivery:1") != box.mark("delivery:2")
    assert len(base64.urlsafe_b64decode(box.mark("x") + "==")) == 16
    assert AesSecretBox(lambda: ["other"]).mark("x") != box.mark("x")


def test_processes_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    settings = read_settings({"AF_DATA_DIR": str(tmp_path / "fresh")})
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: read_secret_keys(settings), range(64)))
    assert len(keys) == 1
    assert [path.name for path in settings.data_dir.glob("secret*")] == ["secret.key"]


def test_an_earlier_key_on_the_ring_opens_what_it_sealed_and_the_present_one_seals() -> None:
    old = AesSecretBox(lambda: ["first"])
    sealed = old.seal(b"x", context="a")
    ring = AesSecretBox(lambda: ["second", "first"])
    assert ring.open(sealed, context="a") == b"x"
    assert ring.key_of(sealed) == old.key_id != ring.key_id == ring.key_of(ring.seal(b"x", context="a"))


def test_a_key_that_another_process_made_is_found_without_a_restart() -> None:
    secrets = ["first"]
    box = AesSecretBox(lambda: list(secrets))
    assert box.key_id
    secrets.insert(0, "second")
    assert box.open(AesSecretBox(lambda: ["second"]).seal(b"x", context="a"), context="a") == b"x"


def test_a_process_that_still_has_the_ring_of_before_seals_what_the_others_can_open() -> None:
    secrets = ["first"]
    slow = AesSecretBox(lambda: ["first"])
    sealed = slow.seal(b"x", context="a")
    secrets.insert(0, "second")
    assert AesSecretBox(lambda: list(secrets)).open(sealed, context="a") == b"x"


def test_the_ring_in_the_data_folder_grows_at_the_front_and_shrinks_to_one(tmp_path: Path) -> None:
    settings = read_settings({"AF_DATA_DIR": str(tmp_path / "fresh"), "AF_OLD_SECRET_KEYS": "much-older"})
    (first, much_older) = read_secret_keys(settings)
    add_secret_key(settings)
    ring = read_secret_keys(settings)
    assert ring[1:3] == (first, much_older)
    drop_old_secret_keys(settings)
    assert read_secret_keys(settings) == (ring[0], much_older)
    assert [path.stat().st_mode & 0o777 for path in settings.data_dir.glob("secret*")] == [0o600]
