"""Nothing renders HTML: what people and models write reaches the browser as text, or as Markdown turned into elements."""

from tests.support.source import ROOT, product_files

RAW = ("rx.html(", "rx.markdown(", "dangerouslySetInnerHTML", ".innerHTML", ".outerHTML", "insertAdjacentHTML", "document.write")


def test_nothing_renders_html_of_people_or_models() -> None:
    scripts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in (ROOT / "components").rglob("*.js")}
    files = {file.name: file.text for file in product_files() if not file.name.startswith("engine/")} | scripts
    assert len(scripts) > 3
    assert [(name, word) for name, text in files.items() for word in RAW if word in text] == []
