"""Sign-in through other providers (app.core.ports.IdentityProviders): OpenID Connect by discovery, and GitHub's OAuth.

Every call goes through the guarded client, discovery and keys included. The algorithms that may sign are a fixed list of
asymmetric ones, keys come from the provider's own key set, and what a token's header says about keys is ignored.
"""

import asyncio
import base64
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote, quote_plus, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.core.errors import Unavailable
from app.core.ports import Attempted, Claimed, IdentityRefused, ProviderCard, ProviderSettings
from engine.errors import NodeFailed
from engine.ports import HttpClient, HttpRequest

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
LEEWAY_S = 60
TIMEOUT_S = 10.0
MOST_BYTES = 512_000
KEEP_S = 3600.0  # how long a discovery document is believed
GITHUB_ISSUER = "https://github.com"

Document = dict[str, Any]


class ClosingClient(HttpClient, Protocol):
    """The guarded client, which gives its connections back."""

    async def aclose(self) -> None:
        """Close them."""
        ...


class OidcProviders:
    """The providers of one installation. Each call opens a client of its own: sign-ins are rare, and belong to no event loop."""

    def __init__(self, providers: Sequence[ProviderSettings], *, open_http: Callable[[], ClosingClient]) -> None:
        self._providers = {provider.key: provider for provider in providers}
        self._open_http = open_http
        self._documents: dict[str, tuple[float, Document]] = {}

    def cards(self) -> tuple[ProviderCard, ...]:
        """What the sign-in page offers."""
        return tuple(ProviderCard(provider.key, provider.label) for provider in self._providers.values())

    async def address(self, attempted: Attempted) -> str:
        """Where the browser goes to sign in."""
        provider = self._provider(attempted.provider)
        asked = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": attempted.redirect_uri,
            "scope": "read:user user:email" if provider.is_github else "openid email profile",
            "state": attempted.state,
            "code_challenge": create_s256_code_challenge(attempted.verifier),
            "code_challenge_method": "S256",
        }
        if provider.is_github:
            return f"{provider.issuer}/login/oauth/authorize?{urlencode(asked)}"
        endpoint = _endpoint(await self._document(provider), "authorization_endpoint")
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked | {'nonce': attempted.nonce})}"

    async def check(self, key: str) -> None:
        """Read what signing in needs, keys included."""
        provider = self._provider(key)
        if provider.is_github:
            return
        document = await self._document(provider)
        for name in ("authorization_endpoint", "token_endpoint"):
            _endpoint(document, name)
        if not _asymmetric(await self._get(_endpoint(document, "jwks_uri")))["keys"]:
            raise IdentityRefused("keys")

    async def claim(self, attempted: Attempted, *, code: str, issuer: str) -> Claimed:
        """Trade the code for who the person is; raises IdentityRefused for anything that does not fit together."""
        provider = self._provider(attempted.provider)
        if issuer and issuer != provider.issuer:  # RFC 9207: the answer of another provider
            raise IdentityRefused("issuer")
        if not issuer and not provider.is_github and (await self._document(provider)).get("authorization_response_iss_parameter_supported"):
            raise IdentityRefused("issuer")
        return await (self._claim_github if provider.is_github else self._claim_oidc)(provider, attempted, code)

    async def _claim_oidc(self, provider: ProviderSettings, attempted: Attempted, code: str) -> Claimed:
        document = await self._document(provider)
        methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]  # the default of the specification
        by_form = isinstance(methods, list) and "client_secret_post" in methods
        answer = await self._trade(provider, attempted, code, _endpoint(document, "token_endpoint"), by_form=by_form)
        raw = answer.get("id_token")
        if not isinstance(raw, str):
            raise IdentityRefused("id_token")
        keys = await self._get(_endpoint(document, "jwks_uri"))
        claims = _verify(raw, keys, provider=provider, nonce=attempted.nonce)
        if not claims.get("email"):
            claims = claims | await self._profile(document, answer.get("access_token"), subject=claims["sub"])
        return Claimed(
            issuer=provider.issuer,
            subject=claims["sub"],
            email=_text(claims.get("email")),
            is_email_verified=claims.get("email_verified") is True and provider.trusts_email,
            name=_text(claims.get("name")),
        )

    async def _profile(self, document: Document, token: object, *, subject: str) -> Document:
        """Name and address from the userinfo endpoint, for providers that keep them out of the token."""
        if not document.get("userinfo_endpoint") or not isinstance(token, str):
            return {}
        found = await self._get(_endpoint(document, "userinfo_endpoint"), {"authorization": f"Bearer {token}"})
        if found.get("sub") != subject:  # OpenID Connect Core 1.0, section 5.3.2: a token that was swapped for another person's
            raise IdentityRefused("userinfo")
        return {name: found[name] for name in ("email", "email_verified", "name") if name in found}

    async def _claim_github(self, provider: ProviderSettings, attempted: Attempted, code: str) -> Claimed:
        answer = await self._trade(provider, attempted, code, f"{provider.issuer}/login/oauth/access_token", by_form=True)
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise IdentityRefused("access_token")
        api = "https://api.github.com" if provider.issuer == GITHUB_ISSUER else f"{provider.issuer}/api/v3"
        bearer = {"authorization": f"Bearer {token}"}
        person, addresses = await asyncio.gather(self._get(f"{api}/user", bearer), self._get_list(f"{api}/user/emails", bearer))
        subject = person.get("id")
        if not isinstance(subject, int) or isinstance(subject, bool):
            raise IdentityRefused("subject")
        primary = next((one for one in addresses if isinstance(one, dict) and one.get("primary") is True), {})
        return Claimed(
            provider.issuer,
            str(subject),
            _text(primary.get("email")),
            primary.get("verified") is True,
            _text(person.get("name") or person.get("login")),
        )

    async def _trade(self, provider: ProviderSettings, attempted: Attempted, code: str, endpoint: str, *, by_form: bool) -> Document:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": attempted.redirect_uri,
            "code_verifier": attempted.verifier,
        }
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        if by_form:
            form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
        else:
            headers["authorization"] = _basic(provider)
        found = await self._ask(
            HttpRequest("POST", endpoint, headers, urlencode(form).encode(), TIMEOUT_S, MOST_BYTES, follow_redirects=False)
        )
        if not isinstance(found, dict) or "error" in found:
            raise IdentityRefused("code")
        return found

    async def _document(self, provider: ProviderSettings) -> Document:
        kept = self._documents.get(provider.key)
        if kept is not None and time.monotonic() - kept[0] < KEEP_S:
            return kept[1]
        found = await self._get(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != provider.issuer:
            raise IdentityRefused("discovery")
        self._documents[provider.key] = (time.monotonic(), found)
        return found

    async def _get(self, url: str, headers: Mapping[str, str] | None = None) -> Document:
        found = await self._ask(
            HttpRequest("GET", url, {"accept": "application/json", **(headers or {})}, None, TIMEOUT_S, MOST_BYTES, False)
        )
        if not isinstance(found, dict):
            raise IdentityRefused("answer")
        return found

    async def _get_list(self, url: str, headers: Mapping[str, str]) -> list[Any]:
        found = await self._ask(HttpRequest("GET", url, {"accept": "application/json", **headers}, None, TIMEOUT_S, MOST_BYTES, False))
        return found if isinstance(found, list) else []

    async def _ask(self, request: HttpRequest) -> Any:
        http = self._open_http()
        try:
            answer = await http.send(request)
        except NodeFailed as error:
            raise Unavailable("The sign-in provider does not answer. Try again, or sign in with your password.") from error
        finally:
            await http.aclose()
        if answer.status >= 500:
            raise Unavailable("The sign-in provider has trouble. Try again, or sign in with your password.")
        if answer.status >= 300:
            raise IdentityRefused("answer")
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise IdentityRefused("answer") from error

    def _provider(self, key: str) -> ProviderSettings:
        if key not in self._providers:
            raise IdentityRefused("provider")
        return self._providers[key]


def _verify(raw: str, keys: Document, *, provider: ProviderSettings, nonce: str) -> Document:
    """Check signature, issuer, audience, times and nonce (OpenID Connect Core 1.0, section 3.1.3.7)."""
    try:
        token = jwt.decode(raw, KeySet.import_key_set(_asymmetric(keys)), algorithms=list(ALGORITHMS))
        registry = jwt.JWTClaimsRegistry(
            now=int(time.time()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": provider.client_id},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        registry.validate(token.claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise IdentityRefused("id_token") from error
    claims = token.claims
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if (len(audience) > 1 or "azp" in claims) and claims.get("azp") != provider.client_id:
        raise IdentityRefused("azp")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise IdentityRefused("subject")
    return claims


def _asymmetric(keys: Document) -> Any:
    """The provider's signing keys without any shared secret, which a forger could sign with, too."""
    found = [
        key
        for key in keys.get("keys", [])
        if isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP") and key.get("use", "sig") == "sig"
    ]
    return {"keys": found}


def _basic(provider: ProviderSettings) -> str:
    """Both parts are form-encoded before they are joined (RFC 6749, section 2.3.1)."""
    pair = f"{quote_plus(provider.client_id)}:{quote_plus(provider.client_secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _endpoint(document: Document, name: str) -> str:
    url = document.get(name)
    if not isinstance(url, str) or urlsplit(url).scheme not in ("https", "http"):
        raise IdentityRefused("discovery")
    return url


def _text(value: object) -> str:
    return value[:320] if isinstance(value, str) else ""


def redirect_path(provider: str) -> str:
    """Each provider has an address of its own to come back to, so that answers cannot be mixed up."""
    return f"/api/v1/auth/external/{quote(provider)}/callback"
