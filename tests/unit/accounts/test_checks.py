"""What people enter: what is stored of it, and what is refused."""

import base64

import pytest

from functions.accounts import checks
from shared.errors import Invalid

PNG = f"data:image/png;base64,{base64.b64encode(bytes.fromhex('89504e470d0a1a0a')).decode()}"


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        (" ada@example.com ", "ada@example.com"),
        ("admin@localhost", "admin@localhost"),
        ("a+b.c@sub.example.co.uk", "a+b.c@sub.example.co.uk"),
        ("jörg@müller.example", "jörg@müller.example"),
    ],
)
def test_addresses_are_stored_in_lower_case(given: str, stored: str) -> None:
    assert checks.email(given) == stored


@pytest.mark.parametrize(
    "given", ["", "ada", "@example.com", "ada@", "a@b", "a@b.", "a@.b", "a b@c.d", "a@b@c.d", "a\n@b.c"]
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(Invalid):
        checks.email(given)


@pytest.mark.parametrize("given", ["p" * 8, "p" * 1000, "парольный", "x" * 73])
def test_passwords_of_any_length_are_taken_whole(given: str) -> None:
    assert checks.password(given) == given


@pytest.mark.parametrize(
    "given",
    ["", "/user.png", PNG, "https://example.com/a.png", "/api/v1/users/0a-1b/profile/image?v=abc", None],
)
def test_images_that_can_be_shown_are_taken(given: str | None) -> None:
    assert checks.image(given) == (given or "/user.png")


@pytest.mark.parametrize(
    "given",
    [
        "javascript:alert(1)",
        "//evil.example.com/a.png",
        "/api/v1/auths/signout",
        "/api/v1/users/1/profile/image/../../../auths/signout",
        "ftp://example.com/a.png",
        "https://",
        "https://example.com/" + "a" * 2000,
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:text/html;base64,PHN2Zz4=",
        "data:image/png;base64,not base64!",
        "data:image/png;base64," + "A" * 200_000,
    ],
)
def test_other_images_are_refused(given: str) -> None:
    with pytest.raises(Invalid):
        checks.image(given)


def test_an_unknown_role_is_refused_by_name() -> None:
    assert checks.role("pending") == "pending"
    with pytest.raises(Invalid, match="owner"):
        checks.role("owner")
