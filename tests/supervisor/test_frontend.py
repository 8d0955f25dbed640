"""The interface build: repeated exactly when something that goes into it changed."""

from pathlib import Path

import pytest

from app.first_paint import OUTLINE, FirstPaintPlugin
from app.origin import SameOriginPlugin
from app.supervisor import frontend


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("pages/home.py", "components/box.py", "assets/logo.svg", "reflex.lock/package.json", "rxconfig.py", "uv.lock"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["pages/home.py", "assets/logo.svg", "reflex.lock/package.json", "rxconfig.py", "uv.lock"])
def test_a_changed_source_asks_for_a_new_build(root: Path, name: str) -> None:
    before = frontend.fingerprint(root)
    (root / name).write_text("changed", encoding="utf-8")
    assert frontend.fingerprint(root) != before


def test_touching_a_file_or_adding_notes_does_not(root: Path) -> None:
    before = frontend.fingerprint(root)
    (root / "pages/home.py").touch()
    (root / "pages/notes.txt").write_text("x", encoding="utf-8")
    (root / "tests").mkdir()
    (root / "tests/test_x.py").write_text("x", encoding="utf-8")
    assert frontend.fingerprint(root) == before


def test_a_renamed_file_asks_for_a_new_build(root: Path) -> None:
    before = frontend.fingerprint(root)
    (root / "pages/home.py").rename(root / "pages/start.py")
    assert frontend.fingerprint(root) != before


def test_it_counts_as_built_only_with_both_the_stamp_and_the_result(root: Path) -> None:
    wanted = frontend.fingerprint(root)
    with frontend.only_builder(root):
        (root / frontend.STAMP).write_text(wanted, encoding="utf-8")
    assert not frontend.is_built(root, wanted)
    (root / frontend.RESULT).parent.mkdir(parents=True)
    (root / frontend.RESULT).write_text("<html>", encoding="utf-8")
    assert frontend.is_built(root, wanted)
    frontend.forget(root)
    assert not frontend.is_built(root, wanted)


def test_the_baked_address_becomes_the_origin_of_the_page(tmp_path: Path) -> None:
    script = tmp_path / "env.js"
    script.write_text('var e={EVENT:`ws://agent-factory.invalid/_event`,PING:"http://agent-factory.invalid/ping",T:`x`}', encoding="utf-8")
    SameOriginPlugin().post_build(static_dir=tmp_path)
    assert script.read_text(encoding="utf-8") == (
        'var e={EVENT:(globalThis.location.origin+"/_event"),PING:(globalThis.location.origin+"/ping"),T:`x`}'
    )


def test_a_bundle_without_the_address_fails_loudly(tmp_path: Path) -> None:
    (tmp_path / "env.js").write_text("var e={}", encoding="utf-8")
    with pytest.raises(RuntimeError, match="no backend address"):
        SameOriginPlugin().post_build(static_dir=tmp_path)


def test_the_empty_page_gets_the_outline_behind_what_react_draws(tmp_path: Path) -> None:
    page = tmp_path / "__spa-fallback.html"
    page.write_text("<html><body><div></div></body></html>", encoding="utf-8")
    FirstPaintPlugin().post_build(static_dir=tmp_path)
    assert page.read_text(encoding="utf-8") == f"<html><body><div></div>{OUTLINE}</body></html>"


def test_an_empty_page_without_a_body_fails_loudly(tmp_path: Path) -> None:
    (tmp_path / "__spa-fallback.html").write_text("<html>", encoding="utf-8")
    with pytest.raises(RuntimeError, match="no body"):
        FirstPaintPlugin().post_build(static_dir=tmp_path)
