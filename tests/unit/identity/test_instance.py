"""How people are spread over the listing's shards, and how long sessions last."""

from collections import Counter

import pytest

from shared.errors import Invalid
from shared.identity.config import lifetime_seconds
from shared.identity.instance import shard_of
from shared.identity.models import USER_SHARDS
from shared.identity.permissions import PermissionsSection, UserPermissions


def test_people_are_spread_evenly() -> None:
    counts = Counter(shard_of(f"user-{number}") for number in range(8000))
    assert set(counts) == set(range(USER_SHARDS))
    assert max(counts.values()) < 1.2 * min(counts.values())


@pytest.mark.parametrize(
    ("duration", "seconds"), [("4w", 2_419_200), ("1h30m", 5400), ("-1", None), ("0", None), ("1.5h", 5400)]
)
def test_lifetimes(duration: str, seconds: int | None) -> None:
    assert lifetime_seconds(duration) == seconds


@pytest.mark.parametrize("duration", ["", "soon", "4 w", "-3h", "1h x", "500ms"])
def test_lifetimes_that_make_no_sense(duration: str) -> None:
    with pytest.raises(Invalid):
        lifetime_seconds(duration)


def test_default_permissions_are_complete() -> None:
    stored = PermissionsSection().model_dump()
    assert UserPermissions.model_validate(stored).model_dump() == stored
    assert stored["chat"]["file_upload"]
    assert not stored["workspace"]["tools"]
