"""Access tokens as JSON Web Tokens (app.core.ports.AccessTokens): one algorithm, one key of our own, every claim insisted on."""

import uuid
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry

from app.core.ports import AccessClaims, TokenRefused
from models.ids import parse_id

ALGORITHM = "HS256"
TYPE = "at+jwt"
AUDIENCE = "agent-factory-api"
MAX_CHARS = 2000


class JwtAccessTokens:
    """Signs and reads with a key derived from the installation's present secret; what a token's header says about keys is not looked at.

    After a rotation earlier tokens count no more: they are short-lived, and refreshing goes on.
    """

    def __init__(self, read_secret: Callable[[], str], *, issuer: str) -> None:
        self._read_secret = read_secret
        self._issuer = issuer
        self._registry = JWSRegistry(algorithms=[ALGORITHM])

    def issue(self, claims: AccessClaims, *, now: datetime, lifetime_s: int) -> str:
        """Sign."""
        issued = int(now.timestamp())
        body = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": str(claims.user_id),
            "sid": str(claims.session_id),
            "jti": uuid.uuid4().hex,
            "iat": issued,
            "exp": issued + lifetime_s,
        }
        return jwt.encode({"alg": ALGORITHM, "typ": TYPE}, body, self._derived(), registry=self._registry)

    def read(self, token: str, *, now: datetime) -> AccessClaims:
        """Check signature, type and every claim."""
        if len(token) > MAX_CHARS or not token.isascii():
            raise TokenRefused("too long or not ASCII")
        try:
            read = jwt.decode(token, self._derived(), registry=self._registry)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise TokenRefused(f"{type(error).__name__}") from error
        if read.header.get("typ") != TYPE:
            raise TokenRefused("not an access token")
        rules = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=0,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            sid={"essential": True},
            iat={"essential": True},
            exp={"essential": True},
        )
        try:
            rules.validate(read.claims)
        except (JoseError, ValueError, TypeError) as error:
            raise TokenRefused(f"{type(error).__name__}: {error}") from error
        user_id, session_id = parse_id(read.claims["sub"]), parse_id(read.claims["sid"])
        if user_id is None or session_id is None:
            raise TokenRefused("names nobody")
        return AccessClaims(user_id, session_id)

    def _derived(self) -> OctKey:
        return _derive(self._read_secret())


@lru_cache(maxsize=4)
def _derive(secret: str) -> OctKey:
    raw = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"agent-factory access token v1").derive(secret.encode())
    return OctKey.import_key(raw)
