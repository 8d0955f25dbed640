"""What a request becomes: inputs, one run, one line in the log; and what it is refused for."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from app.core.errors import Invalid
from app.core.uow import UnitOfWork
from app.services import runs, webhooks
from app.services.webhooks import Refused
from app.views.runs import RunDetail
from app.views.webhooks import MadeWebhook
from engine.json import JsonObject
from models.run import Run
from models.workflow import Workflow
from tests.support.hooks import incoming, make_webhook, receive, signed, token_of
from tests.support.people import make_member
from tests.support.workflows import make_workflow, node, spec_of


@pytest.fixture
def member(uow: UnitOfWork) -> UnitOfWork:
    uow.actor = make_member(uow)
    return uow


def anything(uow: UnitOfWork) -> Workflow:
    """A workflow whose start asks for nothing in particular."""
    return make_workflow(uow, spec_of(node("start", "start"), node("end", "end", output="{{ inputs }}"), edges="start>end"))


def asking_for(uow: UnitOfWork, *fields: JsonObject) -> Workflow:
    return make_workflow(uow, spec_of(node("start", "start", fields=list(fields)), node("end", "end"), edges="start>end"))


def run_of(uow: UnitOfWork, made: MadeWebhook, request: webhooks.Incoming) -> RunDetail:
    actor = uow.actor
    reception = receive(uow, token_of(made), request)
    uow.actor = actor
    return runs.get_run(uow, run_id=reception.run_id)


def test_fields_of_the_body_become_inputs_and_the_rest_is_left_out(member: UnitOfWork) -> None:
    run = run_of(member, make_webhook(member), incoming({"name": "Mia", "times": 3, "unknown": [1]}))
    assert run.inputs == {"name": "Mia", "times": 3}
    row = member.load(Run, run.row.id)
    assert (row.trigger, row.trigger_id) == ("webhook", webhooks.list_webhooks(member).rows[0].id)
    assert row.created_by == member.actor.user_id if member.actor else False


def test_query_and_form_texts_become_the_types_of_their_fields(member: UnitOfWork) -> None:
    made = make_webhook(
        member,
        asking_for(
            member,
            {"name": "count", "type": "integer"},
            {"name": "price", "type": "number"},
            {"name": "is_new", "type": "boolean"},
            {"name": "tags", "type": "list"},
            {"name": "extra", "type": "json"},
        ),
        methods=["GET", "POST"],
    )
    query = 'count=3&price=1.5&is_new=yes&tags=a&tags=b&extra={"a":1}'
    expected = {"count": 3, "price": 1.5, "is_new": True, "tags": ["a", "b"], "extra": {"a": 1}}
    assert run_of(member, made, incoming(b"", method="GET", query=query)).inputs == expected
    form = incoming(query.encode(), content_type="application/x-www-form-urlencoded")
    assert run_of(member, made, form).inputs == expected


def test_values_that_do_not_fit_name_each_field(member: UnitOfWork) -> None:
    with pytest.raises(Invalid) as refused:
        receive(member, token_of(make_webhook(member)), incoming({"times": "many"}))
    assert set(refused.value.fields) == {"name", "times"}


def test_a_list_is_no_answer_to_a_form_and_says_what_is(member: UnitOfWork) -> None:
    with pytest.raises(Invalid, match="an object with the fields of the workflow: name, times"):
        receive(member, token_of(make_webhook(member)), incoming([1, 2]))


def test_without_a_form_the_body_is_taken_as_it_is(member: UnitOfWork) -> None:
    made = make_webhook(member, anything(member))
    assert run_of(member, made, incoming({"a": [1, {"b": None}]})).inputs == {"a": [1, {"b": None}]}
    assert run_of(member, made, incoming([1])).inputs == {"body": [1]}
    assert run_of(member, made, incoming(b"hello", content_type="text/plain; charset=utf-8", query="")).inputs == {"body": "hello"}


def test_the_whole_request_comes_without_credentials(member: UnitOfWork) -> None:
    made = make_webhook(member, anything(member), input_mode="request", auth="secret", auth_header="X-My-Key")
    request = incoming(
        {"a": 1},
        query="q=1",
        x_my_key=made.secret,
        authorization="Bearer abc",
        cookie="af_session=abc",
        x_hub_signature_256="sha256=abc",
        x_api_key="abc",
        x_forwarded_for="10.0.0.1",
        x_event="push",
    )
    assert run_of(member, made, request).inputs == {
        "method": "POST",
        "headers": {"content-type": "application/json", "x-event": "push"},
        "query": {"q": "1"},
        "body": {"a": 1},
        "raw_body": '{"a": 1}',
    }


def test_a_mapping_picks_from_body_headers_and_query(member: UnitOfWork) -> None:
    mapping = {"name": "{{ body.customer.name | upcase }}", "times": "{{ body.items | size }}"}
    made = make_webhook(member, input_mode="mapping", mapping=mapping)
    run = run_of(member, made, incoming({"customer": {"name": "Mia"}, "items": [1, 2]}))
    assert run.inputs == {"name": "MIA", "times": 2}


def test_a_mapping_that_fails_names_the_input_and_the_place(member: UnitOfWork) -> None:
    made = make_webhook(member, input_mode="mapping", mapping={"name": "{{ body.customer.name }}", "times": "{{ body.n | plus: 'x' }}"})
    with pytest.raises(Invalid) as refused:
        receive(member, token_of(made), incoming({"n": 1}))
    assert "times" in refused.value.fields


@pytest.mark.parametrize(
    ("body", "content_type", "status", "words"),
    [
        (b"{", "application/json", 400, "Line 1"),
        (b'{"a": NaN}', "application/json", 400, "NaN"),
        (b"[" * 3000, "application/json", 400, "nested"),
        (b'{"a": "\\ud800"}', "application/json", 400, "surrogate"),
        (b'{"a": "\\u0000"}', "application/json", 400, "NUL"),
        (b"\xff\xfe{}", "application/json", 400, "JSON"),
        (b'{"a": 1}', "application/x-www-form-urlencoded", 400, "Content-Type: application/json"),
        (b"x", "multipart/form-data; boundary=x", 415, "Files are not taken"),
        (b"\x89PNG", "image/png", 415, "image/png is not taken"),
        (b"\xff\x00\xfe", "text/plain", 415, "Binary content"),
        (b"x", "text/plain; charset=klingon", 415, "UTF-8"),
        (b"x", "", 415, "no Content-Type"),
    ],
)
def test_a_body_that_cannot_be_used_is_refused_with_its_remedy(
    member: UnitOfWork, body: bytes, content_type: str, status: int, words: str
) -> None:
    with pytest.raises(Refused) as refused:
        receive(member, token_of(make_webhook(member)), incoming(body, content_type=content_type))
    assert refused.value.status == status
    assert words in refused.value.message


def test_a_method_that_is_not_taken_is_refused(member: UnitOfWork) -> None:
    with pytest.raises(Refused) as refused:
        receive(member, token_of(make_webhook(member)), incoming(b"", method="GET"))
    assert refused.value.status == 405


# -- proof


@pytest.fixture
def sealed_hook(member: UnitOfWork) -> MadeWebhook:
    return make_webhook(member, auth="signature")


BODY = b'{"name": "Mia",  "times": 1}'


def test_a_signed_message_is_taken(member: UnitOfWork, sealed_hook: MadeWebhook) -> None:
    assert run_of(member, sealed_hook, incoming(BODY, **signed(sealed_hook.secret, BODY))).inputs["name"] == "Mia"


def test_every_way_of_tampering_is_refused(member: UnitOfWork, sealed_hook: MadeWebhook) -> None:
    good = signed(sealed_hook.secret, BODY)
    now = datetime.now(UTC)
    bad: dict[str, tuple[bytes, dict[str, str]]] = {
        "none": (BODY, {}),
        "altered body": (BODY.replace(b"Mia", b"Eve"), good),
        "re-serialised body": (json.dumps(json.loads(BODY)).encode(), good),
        "other id": (BODY, good | {"webhook_id": "msg_2"}),
        "other time": (BODY, good | {"webhook_timestamp": str(int(good["webhook_timestamp"]) + 1)}),
        "too old": (BODY, signed(sealed_hook.secret, BODY, at=now - timedelta(seconds=301))),
        "too new": (BODY, signed(sealed_hook.secret, BODY, at=now + timedelta(seconds=305))),
        "other key": (BODY, signed(make_webhook(member, auth="signature").secret, BODY)),
        "other version": (BODY, good | {"webhook_signature": good["webhook_signature"].replace("v1,", "v2,")}),
        "nonsense": (BODY, good | {"webhook_signature": "v1,!!!"}),
        "no comma": (BODY, good | {"webhook_signature": "v1"}),
        "no time": (BODY, good | {"webhook_timestamp": "yesterday"}),
        "endless time": (BODY, good | {"webhook_timestamp": "1e400"}),
        "empty": (BODY, good | {"webhook_signature": ""}),
        "not UTF-8": (b"\xff\xfe", good),
    }
    for name, (body, headers) in bad.items():
        with pytest.raises(Refused) as refused:
            receive(member, token_of(sealed_hook), incoming(body, **headers))
        assert refused.value.status == 401, name
        assert sealed_hook.secret not in refused.value.message
    assert runs.list_runs(member).rows == ()


def test_a_key_of_another_workspace_signs_nothing_here(member: UnitOfWork, sealed_hook: MadeWebhook) -> None:
    member.actor = make_member(member)
    theirs = make_webhook(member, auth="signature")
    with pytest.raises(Refused, match="does not fit"):
        receive(member, token_of(sealed_hook), incoming(BODY, **signed(theirs.secret, BODY)))


def test_a_replayed_message_starts_nothing(member: UnitOfWork, sealed_hook: MadeWebhook) -> None:
    message = incoming(BODY, **signed(sealed_hook.secret, BODY))
    run_of(member, sealed_hook, message)
    with pytest.raises(Refused) as refused:
        receive(member, token_of(sealed_hook), message)
    assert (refused.value.status, refused.value.error_code) == (409, "replayed")
    assert len(runs.list_runs(member).rows) == 1


def test_a_sender_s_second_try_is_told_the_first_run(member: UnitOfWork, sealed_hook: MadeWebhook) -> None:
    now = datetime.now(UTC)
    first = receive(member, token_of(sealed_hook), incoming(BODY, **signed(sealed_hook.secret, BODY, at=now - timedelta(seconds=20))))
    again = receive(member, token_of(sealed_hook), incoming(BODY, **signed(sealed_hook.secret, BODY, at=now)))
    assert again.run_id == first.run_id
    assert not again.is_first
    assert len(runs.list_runs(member).rows) == 1


def test_one_id_cannot_name_two_messages(member: UnitOfWork, sealed_hook: MadeWebhook) -> None:
    now = datetime.now(UTC)
    receive(member, token_of(sealed_hook), incoming(BODY, **signed(sealed_hook.secret, BODY, at=now - timedelta(seconds=5))))
    other = b'{"name": "Eve"}'
    with pytest.raises(Refused) as refused:
        receive(member, token_of(sealed_hook), incoming(other, **signed(sealed_hook.secret, other, at=now)))
    assert refused.value.error_code == "key_reused"


def test_a_secret_may_come_plain_or_as_a_bearer(member: UnitOfWork) -> None:
    made = make_webhook(member, auth="secret", auth_header="Authorization")
    receive(member, token_of(made), incoming({"name": "Mia"}, authorization=made.secret))
    receive(member, token_of(made), incoming({"name": "Mia"}, authorization=f"Bearer {made.secret}"))
    for wrong in ("", made.secret[:-1], made.secret + "x", "Bearer ", "ü"):
        with pytest.raises(Refused):
            receive(member, token_of(made), incoming({"name": "Mia"}, authorization=wrong))


def test_a_signature_of_the_body_alone_is_taken_in_hex_and_base64(member: UnitOfWork) -> None:

    made = make_webhook(member, auth="hmac")
    digest = hmac.new(made.secret.encode(), BODY, hashlib.sha256)
    for value in (f"sha256={digest.hexdigest()}", digest.hexdigest(), base64.b64encode(digest.digest()).decode()):
        receive(member, token_of(made), incoming(BODY, x_hub_signature_256=value))
    for wrong in ("sha256=" + "0" * 64, digest.hexdigest()[:-2], "!", "sha1=" + digest.hexdigest()):
        with pytest.raises(Refused):
            receive(member, token_of(made), incoming(BODY, x_hub_signature_256=wrong))


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature", "content-type"])
def test_a_header_that_comes_twice_is_refused(member: UnitOfWork, sealed_hook: MadeWebhook, name: str) -> None:
    good = incoming(BODY, **signed(sealed_hook.secret, BODY))
    twice = webhooks.Incoming(good.method, good.query, [*good.headers, (name, good.header(name))], good.body)
    with pytest.raises(Refused) as refused:
        receive(member, token_of(sealed_hook), twice)
    assert refused.value.error_code == "duplicate_header"


# -- one run per message


def test_the_same_idempotency_key_gives_the_same_run(member: UnitOfWork) -> None:
    token = token_of(make_webhook(member))
    first = receive(member, token, incoming({"name": "Mia"}, idempotency_key="order-1"))
    again = receive(member, token, incoming({"name": "Mia"}, idempotency_key="order-1"))
    assert again.run_id == first.run_id
    with pytest.raises(Refused) as refused:
        receive(member, token, incoming({"name": "Eve"}, idempotency_key="order-1"))
    assert refused.value.status == 409
    assert len(runs.list_runs(member).rows) == 1


def test_keys_of_different_webhooks_have_nothing_to_do_with_each_other(member: UnitOfWork) -> None:
    actor = member.actor
    one, two = make_webhook(member), make_webhook(member)
    first = receive(member, token_of(one), incoming({"name": "Mia"}, idempotency_key="k"))
    member.actor = actor
    assert receive(member, token_of(two), incoming({"name": "Mia"}, idempotency_key="k")).run_id != first.run_id


def test_a_sender_names_its_own_key_header(member: UnitOfWork) -> None:
    token = token_of(make_webhook(member, key_header="X-GitHub-Delivery"))
    first = receive(member, token, incoming({"name": "Mia"}, x_github_delivery="d-1"))
    assert receive(member, token, incoming({"name": "Mia"}, x_github_delivery="d-1")).run_id == first.run_id


def test_a_refused_request_may_come_again_under_its_key(member: UnitOfWork) -> None:
    made = make_webhook(member)
    request = incoming({"times": 1}, idempotency_key="k")
    target = webhooks.find_target(member, token=token_of(made))
    examined = webhooks.examine(target, request, box=member.ports.box, now=member.ports.clock.now())
    error = Invalid("Check the inputs.", fields={"name": "Name is required."})
    webhooks.note_refusal(member, target=target, incoming=request, examined=examined, error=error)
    assert receive(member, token_of(made), incoming({"name": "Mia"}, idempotency_key="k")).run_id
