"""Lists of people.

The index lists everybody in `USER_SHARDS` partitions by time of joining, read side by side, about 300 bytes a person.
The default order reads only the heads it shows: page p costs at most 8 queries of 30·p entries. A search or another
order reads the listing whole, then filters and sorts here: for 50,000 people 15 MB, two round trips of eight queries,
about 1,900 read units ($0.0003). It is an admin's act, or one look for a colleague.
"""

import heapq
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from operator import attrgetter

from shared.identity.instance import user_count
from shared.identity.models import USER_SHARDS, UserItem

PAGE = 30
ORDERS = ("name", "email", "role", "created_at", "last_active_at", "updated_at")


@dataclass(frozen=True)
class Page:
    """Some of the people, and how many there are in all."""

    users: list[UserItem]
    total: int


def page(query: str | None, order_by: str | None, direction: str | None, number: int) -> Page:
    """Page `number` (from 1) of whoever has `query` in their name or address; newest first unless ordered."""
    order = order_by if order_by in ORDERS else "created_at"
    ascending = direction == "asc" and order_by in ORDERS
    words = (query or "").strip().lower()
    if order == "created_at" and not words:
        heads = _listed(limit=number * PAGE, ascending=ascending)
        return Page(heads[(number - 1) * PAGE : number * PAGE], user_count())
    users = [user for user in _listed() if words in user.name.lower() or words in user.email.lower()]
    users.sort(key=lambda user: (_sortable(getattr(user, order)), user.user_id), reverse=not ascending)
    return Page(users[(number - 1) * PAGE : number * PAGE], len(users))


def everybody() -> list[UserItem]:
    """Everybody, newest first."""
    return _listed()


def _listed(limit: int | None = None, *, ascending: bool = False) -> list[UserItem]:
    def shard(number: int) -> list[UserItem]:
        return list(UserItem.by_list.query(f"USERS#{number}", limit=limit, scan_index_forward=ascending))

    with ThreadPoolExecutor(USER_SHARDS) as pool:
        shards = list(pool.map(shard, range(USER_SHARDS)))
    merged = heapq.merge(*shards, key=attrgetter("gsi1sk"), reverse=not ascending)
    return [user for user, _ in zip(merged, range(limit), strict=False)] if limit else list(merged)


def _sortable(value: str | int) -> str | int:
    return value.lower() if isinstance(value, str) else value
