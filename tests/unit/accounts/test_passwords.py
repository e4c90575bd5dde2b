"""Password hashes."""

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from functions.accounts import passwords


def test_the_hash_is_argon2id_as_owasp_wants_it() -> None:
    parameters = extract_parameters(passwords.hash_password("secret"))
    assert parameters.type is Type.ID
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19 * 1024, 2, 1)


def test_only_the_password_itself_matches() -> None:
    password_hash = passwords.hash_password("x" * 100)
    assert passwords.matches(password_hash, "x" * 100)
    assert not passwords.matches(password_hash, "x" * 99)


def test_without_a_hash_as_much_work_is_done_and_nothing_matches(monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            verified.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Counting(time_cost=2, memory_cost=19 * 1024, parallelism=1))
    assert not passwords.matches(None, "secret")
    assert len(verified) == 1
    assert extract_parameters(verified[0]) == extract_parameters(passwords.hash_password("x"))


def test_a_hash_of_other_parameters_is_outdated() -> None:
    assert passwords.outdated(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x"))
    assert not passwords.outdated(passwords.hash_password("x"))
