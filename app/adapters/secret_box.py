"""Seals small secrets with AES-256-GCM under keys derived from the installation's secrets (app.core.ports.SecretBox).

A sealed text is `v1.<key id>.<nonce and ciphertext>`; what it belongs to is authenticated with it, so that a sealed
text copied to another row does not open there.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.core.ports import SealBroken

_FORMAT = "v1"
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class _Key:
    """What one secret of the installation gives."""

    id: str
    cipher: AESGCM
    marking: bytes


class AesSecretBox:
    """Holds the ring of keys, derived on first use. `read_secrets` gives the installation's secrets: the present one, then earlier ones.

    A text sealed with a key that is not on the ring makes it read once more: another process may have made a new key.
    """

    def __init__(self, read_secrets: Callable[[], Sequence[str]]) -> None:
        self._read_secrets = read_secrets
        self._keys: tuple[_Key, ...] = ()

    @property
    def key_id(self) -> str:
        """The key that seals now."""
        return self._ring()[0].id

    def key_of(self, sealed: str) -> str:
        """The key that a text was sealed with, as its own words say."""
        return sealed.split(".", 2)[1] if sealed.count(".") == 2 else ""

    def seal(self, plain: bytes, *, context: str) -> str:
        """Encrypt with a fresh nonce."""
        key = self._ring()[0]
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + key.cipher.encrypt(nonce, plain, context.encode())
        return f"{_FORMAT}.{key.id}.{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, *, context: str) -> bytes:
        """Decrypt, or raise SealBroken."""
        version, _, rest = sealed.partition(".")
        sealed_by, _, text = rest.partition(".")
        key = self._find(sealed_by) if version == _FORMAT else None
        if key is None:
            raise SealBroken("it was sealed with another secret key than this installation has now")
        try:
            raw = base64.urlsafe_b64decode(text)
            return key.cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken("it was changed, or belongs to something else") from error

    def mark(self, text: str) -> str:
        """A keyed digest of 128 bits, URL-safe."""
        key = self._ring()[0].marking
        return base64.urlsafe_b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()[:16]).decode().rstrip("=")

    def forget(self) -> None:
        """Read the ring anew at the next use."""
        self._keys = ()

    def _find(self, key_id: str) -> _Key | None:
        for attempt in range(2):
            found = next((key for key in self._ring() if hmac.compare_digest(key.id.encode(), key_id.encode())), None)
            if found is not None or attempt:
                return found
            self.forget()
        return None

    def _ring(self) -> tuple[_Key, ...]:
        if not self._keys:
            self._keys = tuple(_derive(secret.encode()) for secret in dict.fromkeys(self._read_secrets()))
        return self._keys


def _derive(secret: bytes) -> _Key:
    key = _expand(secret, b"agent-factory seal v1")
    return _Key(hashlib.sha256(key).hexdigest()[:8], AESGCM(key), _expand(secret, b"agent-factory mark v1"))


def _expand(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)
