"""Passwords: argon2id with OWASP's parameters (19 MiB, two passes, one lane).

https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
"""

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Of random bits that nobody kept, with the parameters above: what passwords of unknown addresses are checked against.
_NOBODYS_HASH = "$argon2id$v=19$m=19456,t=2,p=1$7x+LgVnH1KhXBpAhUxSw3Q$+6Uby6LECnqrcQTyYHCxkD8l86vuy2K9g9SQFkGN3GA"


def hash_password(password: str) -> str:
    """The argon2id hash, with its salt and parameters."""
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the hashed one; without a hash (nobody has the address) it takes as long and is not."""
    try:
        _hasher.verify(password_hash or _NOBODYS_HASH, password)
    except VerifyMismatchError:
        return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)
