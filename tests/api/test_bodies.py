"""Bodies that are none: one plain sentence says what to send."""

from app.wiring import Wiring
from models.workspace import Role
from tests.support.api import caller, person


def test_a_body_that_is_not_sent_as_json_is_refused_in_one_sentence(wiring: Wiring) -> None:
    client = caller(wiring, person(wiring, Role.OWNER))
    wanted = "Send JSON in UTF-8, with Content-Type: application/json."
    for path in ("/api/v1/agents", "/api/v1/workflows"):
        answer = client.post(path, content=b'{"name": "x"}', headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert (answer.status_code, answer.json()["detail"], answer.json()["field_errors"]) == (422, wanted, {"body": wanted})
