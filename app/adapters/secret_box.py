"""Seals small secrets with AES-256-GCM under a key derived from the installation's secret (app.core.ports.SecretBox).

A sealed text is `v1.<key id>.<nonce and ciphertext>`; what it belongs to is authenticated with it, so that a sealed
text copied to another row does not open there.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.core.ports import SealBroken

_FORMAT = "v1"
_NONCE_BYTES = 12


class AesSecretBox:
    """Derives its keys on first use; `read_secret` gives the installation's secret."""

    def __init__(self, read_secret: Callable[[], str]) -> None:
        self._read_secret = read_secret
        self._keys: tuple[str, AESGCM, bytes] | None = None

    def seal(self, plain: bytes, *, context: str) -> str:
        """Encrypt with a fresh nonce."""
        key_id, cipher, _ = self._derive()
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + cipher.encrypt(nonce, plain, context.encode())
        return f"{_FORMAT}.{key_id}.{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, *, context: str) -> bytes:
        """Decrypt, or raise SealBroken."""
        key_id, cipher, _ = self._derive()
        version, _, rest = sealed.partition(".")
        sealed_by, _, text = rest.partition(".")
        if version != _FORMAT or sealed_by != key_id:
            raise SealBroken("it was sealed with another secret key than this installation has now")
        try:
            raw = base64.urlsafe_b64decode(text)
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken("it was changed, or belongs to something else") from error

    def mark(self, text: str) -> str:
        """A keyed digest of 128 bits, URL-safe."""
        _, _, key = self._derive()
        return base64.urlsafe_b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()[:16]).decode().rstrip("=")

    def _derive(self) -> tuple[str, AESGCM, bytes]:
        if self._keys is None:
            secret = self._read_secret().encode()
            key = _expand(secret, b"agent-factory seal v1")
            self._keys = (hashlib.sha256(key).hexdigest()[:8], AESGCM(key), _expand(secret, b"agent-factory mark v1"))
        return self._keys


def _expand(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)
