"""The model picker's groups: what keeps a provider's models from use, and where that is mended."""

from dataclasses import replace

from app.views.agents import NO_MODEL, group_models


def test_models_that_wait_for_a_key_lead_to_where_it_is_saved() -> None:
    ready = replace(NO_MODEL, id="demo/one", provider_label="Demo", is_available=True)
    keyless = replace(
        NO_MODEL, id="openai/one", provider_label="OpenAI", unavailable_reason="Save a key of OpenAI under Settings, Credentials, or set X."
    )
    foreign = replace(NO_MODEL, id="own/one", provider_label="Own", unavailable_reason="Set OPENAI_BASE_URL to use a server of your own.")
    assert [group.missing_href for group in group_models([ready, keyless, foreign])] == ["", "/settings/credentials", ""]
