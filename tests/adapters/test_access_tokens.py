"""Forged and foreign access tokens: one algorithm, one key, every claim; what the header says about keys is not believed."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from joserfc.jws import JWSRegistry

from app.adapters.access_tokens import JwtAccessTokens
from app.core.ports import AccessClaims, TokenRefused
from models.ids import new_id

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
CLAIMS = AccessClaims(new_id(), new_id())
SECRET = "installation secret " * 3


@pytest.fixture
def tokens() -> JwtAccessTokens:
    return JwtAccessTokens(lambda: SECRET, issuer="https://af.example")


def issue(tokens: JwtAccessTokens) -> str:
    return tokens.issue(CLAIMS, now=NOW, lifetime_s=900)


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def signed(tokens: JwtAccessTokens, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token that is signed with the right key but says something else."""
    body = json.loads(base64.urlsafe_b64decode(issue(tokens).split(".")[1] + "=="))
    body = {name: value for name, value in (body | claims).items() if value is not ...}
    registry = JWSRegistry(algorithms=["HS256", "HS512"], strict_check_header=False)
    return jwt.encode({"alg": "HS256", "typ": "at+jwt"} | (header or {}), body, tokens._derived(), registry=registry)


def test_what_was_issued_is_read(tokens: JwtAccessTokens) -> None:
    assert tokens.read(issue(tokens), now=NOW) == CLAIMS
    assert tokens.read(signed(tokens), now=NOW + timedelta(seconds=899)) == CLAIMS


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-api"},
        {"exp": int(NOW.timestamp())},
        {"exp": "never"},
        {"exp": ...},
        {"iss": ...},
        {"aud": ...},
        {"sub": ...},
        {"sid": ...},
        {"sub": "root"},
        {"sid": ["x"]},
        {"sub": None},
        {"nbf": int(NOW.timestamp()) + 60},
    ],
    ids=str,
)
def test_wrong_claims_are_refused(tokens: JwtAccessTokens, claims: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        tokens.read(signed(tokens, **claims), now=NOW)


@pytest.mark.parametrize(
    "header", [{"typ": "JWT"}, {"typ": None}, {"alg": "HS512"}, {"crit": ["future"], "future": 1}, {"b64": False, "crit": ["b64"]}], ids=str
)
def test_wrong_headers_are_refused(tokens: JwtAccessTokens, header: dict[str, Any]) -> None:
    head = {"alg": "HS256", "typ": "at+jwt"} | header
    _, body, signature = signed(tokens).split(".")
    with pytest.raises(TokenRefused):
        tokens.read(f"{part(head)}.{body}.{signature}", now=NOW)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "HS256"])
def test_unsigned_tokens_are_refused(tokens: JwtAccessTokens, alg: str) -> None:
    body = issue(tokens).split(".")[1]
    for signature in ("", "AA", "null"):
        with pytest.raises(TokenRefused):
            tokens.read(f"{part({'alg': alg, 'typ': 'at+jwt'})}.{body}.{signature}", now=NOW)


def test_a_key_in_the_header_is_not_believed(tokens: JwtAccessTokens) -> None:
    body = json.loads(base64.urlsafe_b64decode(issue(tokens).split(".")[1] + "=="))
    mine = OctKey.import_key(b"attacker's own key of 32 bytes!!")
    rsa = RSAKey.generate_key(2048)
    heads: list[tuple[dict[str, Any], Any]] = [
        ({"jwk": mine.as_dict(is_private=True)}, mine),
        ({"jku": "https://evil.example/keys"}, mine),
        ({"kid": "../../../dev/null"}, mine),
        ({"kid": "x' UNION SELECT 'a"}, mine),
        ({"alg": "RS256", "jwk": rsa.as_dict()}, rsa),
    ]
    registry = JWSRegistry(algorithms=["HS256", "RS256"], strict_check_header=False)
    for head, key in heads:
        forged = jwt.encode({"alg": "HS256", "typ": "at+jwt"} | head, body, key, registry=registry)
        with pytest.raises(TokenRefused):
            tokens.read(forged, now=NOW)


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "a" * 3000, "\ud800", "é.é.é", "e30.e30.", "[]", "a.b.c.d.e"])
def test_what_is_no_token_is_refused(tokens: JwtAccessTokens, text: str) -> None:
    with pytest.raises(TokenRefused):
        tokens.read(text, now=NOW)


def test_another_installation_reads_nothing(tokens: JwtAccessTokens) -> None:
    other = JwtAccessTokens(lambda: SECRET + "x", issuer="https://af.example")
    with pytest.raises(TokenRefused):
        other.read(issue(tokens), now=NOW)
