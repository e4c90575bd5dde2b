"""Passwords: argon2id with OWASP's parameters (19 MiB, two passes, one lane).

https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The argon2id hash, with its salt and parameters."""
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the hashed one; without a hash (nobody has the address) it takes as long and is not."""
    try:
        _hasher.verify(password_hash or _nobodys_hash(), password)
    except VerifyMismatchError:
        return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this account")


def warm_up() -> None:
    """Makes the hash that unknown addresses are checked against, so that the first of them is no slower."""
    _nobodys_hash()
