"""Argon2id behind app.core.ports.PasswordHasher."""

from argon2 import PasswordHasher as Argon2
from argon2.exceptions import InvalidHashError, VerificationError


class Argon2Hasher:
    """64 MiB per hash by default; call it in a thread."""

    def __init__(self, *, time_cost: int = 3, memory_kib: int = 65_536) -> None:
        self._argon2 = Argon2(time_cost=time_cost, memory_cost=memory_kib, parallelism=2)

    def hash(self, password: str) -> str:
        """Return a self-describing hash."""
        return self._argon2.hash(password)

    def verify(self, hashed: str, password: str) -> bool:
        """Tell whether the password fits."""
        try:
            return self._argon2.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def needs_rehash(self, hashed: str) -> bool:
        """Tell whether the parameters are older than today's."""
        return self._argon2.check_needs_rehash(hashed)
