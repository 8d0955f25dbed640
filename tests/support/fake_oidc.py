"""An OpenID Connect provider over real HTTP on this machine, which lies on request: tokens signed wrongly, for others, or not at all."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID = "agent-factory"
CLIENT_SECRET = "client secret of the fake"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class FakeOidc:
    """`change` may alter the claims of the next token, `sign` replaces how it is signed; `codes` maps a code to its challenge."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.subject, self.email, self.verified = "subject-1", "ada@example.com", True
        self.change: Callable[[dict[str, Any]], None] = lambda claims: None
        self.sign: Callable[[dict[str, Any]], str] = self.sign_well
        self.issuer_says = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.requests: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.port = self._server.server_address[1]
        self.issuer = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

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
        secret = OctKey.import_key(self.key.as_pem(private=False))
        return jwt.encode({"alg": "HS256", "kid": "one"}, claims, secret, algorithms=["HS256"])

    def sign_with_own_key(self, claims: dict[str, Any]) -> str:
        """A key that nobody published, brought along in the header."""
        other = RSAKey.generate_key(2048, {"kid": "one"})
        return jwt.encode({"alg": "RS256", "kid": "one", "jwk": other.as_dict(private=False)}, claims, other)

    def discovery(self) -> dict[str, Any]:
        """The document."""
        return {
            "issuer": self.issuer_says or self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        """Trade a code once, if secret, redirect address and PKCE verifier fit."""
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = _b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        fits = asked is not None and form.get("client_secret") == CLIENT_SECRET and form.get("redirect_uri") == asked["redirect_uri"]
        if asked is None or not fits or asked["code_challenge"] != challenge or asked["code_challenge_method"] != "S256":
            return {"error": "invalid_grant"}
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
            found = {"/.well-known/openid-configuration": fake.discovery(), "/keys": {"keys": [fake.key.as_dict(private=False)]}}
            self._answer(found.get(self.path))

        def do_POST(self) -> None:
            fake.requests.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(fake.token({name: values[0] for name, values in parse_qs(body).items()}))

        def _answer(self, found: dict[str, Any] | None) -> None:
            raw = json.dumps(found or {}).encode()
            self.send_response(200 if found is not None else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    return Handler
