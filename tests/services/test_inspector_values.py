"""Texts of the inspector's fields; tests/components/test_browser_forms.py reads them back."""

from app.services.inspector.form_values import span_text


def test_spans_read_like_speech() -> None:
    assert [span_text(value) for value in (0, 45, 3600, 90_061)] == ["0 s", "45 s", "1 h", "1 d 1 h 1 min 1 s"]
