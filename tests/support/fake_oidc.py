"""An OpenID Connect provider over real HTTP on this machine, which lies on request: tokens signed wrongly, for others, or not at all."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID = "agent-factory"
CLIENT_SECRET = "client secret of the fake"


@lru_cache(maxsize=2)
def _key(whose: str = "provider") -> RSAKey:
    """Made once: it takes longer than everything else here."""
    return RSAKey.generate_key(2048, {"kid": "one", "use": "sig"} if whose == "provider" else {"kid": "one"})


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class FakeOidc:
    """`change` may alter the claims of the next token, `sign` replaces how it is signed; `codes` maps a code to its challenge."""

    def __init__(self) -> None:
        self.key = _key()
        self.document: dict[str, Any] = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
        self.profile: dict[str, Any] = {}
        self.addresses: list[dict[str, Any]] = []
        self.subject, self.email, self.verified = "subject-1", "ada@example.com", True
        self.change: Callable[[dict[str, Any]], object] = lambda claims: None
        self.sign: Callable[[dict[str, Any]], str] = self.sign_well
        self.issuer_says = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.requests: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.port = self._server.server_address[1]
        self.issuer = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def consent(self, address: str) -> dict[str, str]:
        """What the browser comes back with after the person agreed on the provider's page."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def sign_well(self, claims: dict[str, Any]) -> str:
        """RS256 with the key of the key set."""
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)

    def sign_none(self, claims: dict[str, Any]) -> str:
        """No signature at all."""
        return f"{_b64(json.dumps({'alg': 'none'}).encode())}.{_b64(json.dumps(claims).encode())}."

    def sign_with_public_key(self, claims: dict[str, Any]) -> str:
        """HS256 with the public key as the shared secret."""
        head = f"{_b64(json.dumps({'alg': 'HS256', 'kid': 'one'}).encode())}.{_b64(json.dumps(claims).encode())}"
        return f"{head}.{_b64(hmac.digest(self.key.as_pem(private=False), head.encode(), 'sha256'))}"

    def sign_with_own_key(self, claims: dict[str, Any]) -> str:
        """A key that nobody published, brought along in the header."""
        other = _key("forger")
        return jwt.encode({"alg": "RS256", "kid": "one", "jwk": other.as_dict(private=False)}, claims, other)

    def discovery(self) -> dict[str, Any]:
        """The document."""
        return {
            "issuer": self.issuer_says or self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            **self.document,
        }

    def token(self, form: dict[str, str], authorization: str = "") -> dict[str, Any]:
        """Trade a code once, if secret, redirect address and PKCE verifier fit."""
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = _b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        by_form = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        shows_secret = by_form or authorization == f"Basic {base64.b64encode(f'{CLIENT_ID}:{quote_plus(CLIENT_SECRET)}'.encode()).decode()}"
        fits = asked is not None and shows_secret and form.get("redirect_uri") == asked["redirect_uri"]
        if asked is None or not fits or asked["code_challenge"] != challenge or asked["code_challenge_method"] != "S256":
            return {"error": "invalid_grant"}
        if "nonce" not in asked:  # GitHub knows none, and gives no token about the person
            return {"access_token": "at", "token_type": "bearer"}
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "nonce": asked["nonce"],
            "email": self.email,
            "email_verified": self.verified,
            "name": "Ada Elsewhere",
        }
        self.change(claims)
        return {"access_token": "at", "token_type": "Bearer", "id_token": self.sign(claims)}


def _handler(fake: FakeOidc) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.requests.append(self.path)
            found: dict[str, Any] = {
                "/.well-known/openid-configuration": fake.discovery(),
                "/keys": {"keys": [fake.key.as_dict(private=False)]},
            }
            if self.headers["Authorization"] == "Bearer at":
                found |= {"/userinfo": fake.profile, "/api/v3/user": fake.profile, "/api/v3/user/emails": fake.addresses}
            self._answer(found.get(self.path))

        def do_POST(self) -> None:
            fake.requests.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(fake.token(form, self.headers["Authorization"] or ""))

        def _answer(self, found: Any) -> None:
            raw = json.dumps({} if found is None else found).encode()
            self.send_response(200 if found is not None else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    return Handler
