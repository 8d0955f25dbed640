"""What the canvas works out in the browser: free places, search of the palette, and the words of limits."""

import pytest

from app.services.inspector.form_values import span_text
from components.canvas.catalog import kind_catalog
from components.canvas.search_words import SEARCH_WORDS
from tests.support.javascript import call_in_node

KINDS = "components/canvas/kinds.js"
PLACES = "components/canvas/places.js"
SEARCH = "components/canvas/kind_search.js"

# what a person types -> the kinds that must be found, the best first
WANTED = {
    "if": ["condition", "switch"],
    "while": ["loop"],
    "loop": ["loop", "map", "batch"],
    "api": ["http"],
    "javascript": ["code"],
    "parse json": ["code"],
    "human": ["approval"],
    "human in the loop": ["approval"],
    "email": ["template"],
    "foreach": ["map", "batch"],
    "for each": ["map"],
    "text": ["template"],
    "wait": ["wait", "delay"],
    "stop": ["stop"],
    "http request": ["http"],
    "JavaScript": ["code"],
    "condition": ["condition"],
    "cond": ["condition"],
    "delay": ["delay"],
    "htp": ["http"],
    "conditon": ["condition"],
    "aproval": ["approval"],
    "wiat": ["wait"],
    "javascrpt": ["code"],
}


def test_spans_are_written_as_the_server_writes_them() -> None:
    spans = [0, 45, 1200, 3600, 90_061]
    assert [answer["value"] for answer in call_in_node(KINDS, "spanWords", [[span] for span in spans])] == [
        span_text(span) for span in spans
    ]


def found_kinds(*searches: str) -> list[list[str]]:
    kinds = list(kind_catalog().values())
    answers = call_in_node(SEARCH, "searchKinds", [[kinds, search] for search in searches])
    return [[kind["kind"] for kind in answer["value"]] for answer in answers]


def test_everyday_words_and_small_mistakes_find_the_kind_that_is_meant() -> None:
    found = dict(zip(WANTED, found_kinds(*WANTED), strict=True))
    assert {search: kinds[: len(WANTED[search])] for search, kinds in found.items()} == WANTED


def test_a_word_that_nothing_is_called_by_finds_nothing_and_no_word_finds_all() -> None:
    nothing, everything = found_kinds("xylophone", " ")
    assert nothing == []
    assert len(everything) == len(kind_catalog())


def test_every_title_finds_its_kind_first() -> None:
    kinds = kind_catalog()
    assert [found[0] for found in found_kinds(*(kind["title"] for kind in kinds.values()))] == list(kinds)


def test_every_kind_has_search_words() -> None:
    assert set(SEARCH_WORDS) == set(kind_catalog())
    assert all(SEARCH_WORDS.values())


def corner(x: float, y: float, width: float = 240, height: float = 60) -> dict[str, float]:
    return {"x": x, "y": y, "width": width, "height": height}


@pytest.mark.parametrize(
    ("others", "place"),
    [
        ([], (320, 0)),
        ([corner(0, 0)], (320, 0)),
        ([corner(320, 0)], (320, 80)),
        ([corner(320, 0), corner(300, 90), corner(900, 160)], (320, 180)),
        ([corner(200, -300, 600, 400)], (320, 120)),
    ],
)
def test_a_step_is_put_where_none_is(others: list[dict[str, float]], place: tuple[float, float]) -> None:
    answer = call_in_node(PLACES, "freePlace", [[corner(317, 4), others]])[0]["value"]
    assert (answer["x"], answer["y"]) == place


def test_a_copy_of_several_steps_goes_below_all_that_it_would_cover() -> None:
    originals = [corner(0, 0), corner(320, 0, height=200)]
    copies = [{**one, "x": one["x"] + 40, "y": one["y"] + 40} for one in originals]
    down = call_in_node(PLACES, "wayDown", [[copies, originals]])[0]["value"]
    assert copies[1]["y"] + down >= 200 + 20


def test_many_copies_are_moved_as_one_block() -> None:
    originals = [corner(column * 320, row * 100) for column in range(20) for row in range(20)]
    copies = [{**one, "x": one["x"] + 40, "y": one["y"] + 40} for one in originals]
    down = call_in_node(PLACES, "wayDown", [[copies, originals]])[0]["value"]
    assert down == 1960 + 20 - 40  # from 40 to a gap below the last row, which ends at 1960


READABLE = {
    ("{{ inputs.customer_name }}", False): "Customer name",
    ("Dear {{ inputs.name | upcase }}, about {{ research.sources.first }}:", False): "Dear Name, about Research sources first:",
    ("{% if inputs.vip %}{{ greeting }}{% endif %}", False): "Greeting",
    ("inputs.score >= 80 and triage.text contains 'inputs.score'", True): "Score >= 80 and Triage text contains 'inputs.score'",
    ("{{ inputs.score }} > 0.5", True): "Score > 0.5",
    ("plain words. Nothing else", False): "plain words. Nothing else",
}


def test_a_step_says_its_texts_and_conditions_by_the_names_people_read() -> None:
    answers = call_in_node(KINDS, "readable", [list(arguments) for arguments in READABLE])
    assert [answer["value"] for answer in answers] == list(READABLE.values())


def test_the_line_below_a_step_is_the_first_that_says_something() -> None:
    calls = [
        ["{% assign x = 1 %}\n\n{{ inputs.question }} in {{ vars.language }}", "template"],
        ["x = {{1}}", "code"],
        ["{% comment %}", "template"],
    ]
    assert [answer["value"] for answer in call_in_node(KINDS, "firstLine", calls)] == ["Question in Language", "x = {{1}}", ""]


def test_what_is_no_step_finds_none_by_a_far_likeness() -> None:
    assert found_kinds("cron", "rag", "mcp") == [[], [], []]
