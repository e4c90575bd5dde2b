"""Lists of chats: what a page costs, and that pages join."""

import uuid
from typing import Any

import pytest

from functions.chats.handler import app
from shared.chats import lists
from shared.chats.models import ChatHead, partition
from shared.settings import settings
from tests.contract.chats.people import Person, counted, sign_in

MANY = 3_000


def fill(user_id: str, count: int) -> None:
    with ChatHead.batch_write() as batch:
        for number in range(count):
            chat_id = str(uuid.uuid4())
            head = ChatHead(partition(chat_id), "HEAD", chat_id=chat_id, user_id=user_id, title=f"Chat {number}")
            head.created_at = head.updated_at = 1_700_000_000 + number
            head.fields, head.version = {"params": {"system": "x" * 500}}, 1
            head.place()
            batch.save(head)


@pytest.fixture(scope="module")
def many(emulator: object) -> Person:
    """Somebody with 3,000 chats."""
    person = sign_in(app)
    fill(person.id, MANY)
    return person


@pytest.fixture
def few(person: Person) -> Person:
    """Somebody with ten chats and one page more."""
    fill(person.id, 70)
    return person


def cost(person: Person, query: str) -> tuple[list[str], int, list[Any]]:
    with counted(settings().chats_table) as calls:
        answer = person.get(f"/api/v1/chats/?{query}")
    assert answer.status_code == 200
    return calls.names, calls.items, answer.json()


def test_a_page_costs_the_same_with_3_000_chats(few: Person, many: Person) -> None:
    for query in ("page=1", "cursor="):
        small, large = cost(few, query), cost(many, query)
        assert small[:2] == large[:2] == (["Query"], lists.PAGE)
        assert len(large[2]) == lists.PAGE
    cost(few, "page=2")
    assert cost(many, "page=2")[:2] == (["Query"], lists.PAGE)


def test_pages_join_newest_first(many: Person) -> None:
    first = many.get("/api/v1/chats/?cursor=")
    second = many.get("/api/v1/chats/", params={"cursor": first.headers["x-next-cursor"]})
    titles = [chat["title"] for chat in first.json() + second.json()]
    assert titles == [f"Chat {MANY - 1 - number}" for number in range(120)]
    assert [chat["title"] for chat in many.get("/api/v1/chats/?page=2").json()] == titles[60:]


def test_a_page_far_down_is_found_without_having_read_those_before(many: Person) -> None:
    names, items, chats = cost(many, "page=40")
    assert chats[0]["title"] == f"Chat {MANY - 1 - 39 * 60}"
    assert items == lists.PAGE
    assert len(names) < 12
    assert cost(many, "page=400")[2] == []


def test_the_last_page_says_so(few: Person) -> None:
    first = few.get("/api/v1/chats/?page=1")
    last = few.get("/api/v1/chats/", params={"cursor": first.headers["x-next-cursor"]})
    assert len(last.json()) == 10
    assert "x-next-cursor" not in last.headers


def test_without_a_page_all_chats_are_listed(few: Person) -> None:
    assert len(few.get("/api/v1/chats/").json()) == 70


def test_an_admin_lists_all_chats_of_a_person(admin: Person, many: Person, person: Person) -> None:
    path = f"/api/v1/chats/list/user/{many.id}"
    with counted(settings().chats_table) as calls:
        first = admin.get(path)
    assert [chat["title"] for chat in first.json()] == [f"Chat {MANY - 1 - number}" for number in range(60)]
    # The person's folders, then their main, pinned and archived chats.
    assert calls.names == ["Query"] * 4
    assert calls.items == lists.PAGE
    second = admin.get(path, params={"cursor": first.headers["x-next-cursor"]}).json()
    assert admin.get(f"{path}?page=2").json() == second
    assert many.get(path).status_code == 403
    assert admin.get(f"/api/v1/chats/list/user/{person.id}").json() == []


def test_an_admin_finds_and_orders_the_chats_of_a_person(admin: Person, person: Person) -> None:
    made = {}
    for title in ("beta", "Alpha", "gamma ray"):
        made[title] = person.post("/api/v1/chats/new", {"chat": {"title": title}}).json()["id"]
    person.post(f"/api/v1/chats/{made['beta']}/archive")
    person.post(f"/api/v1/chats/{made['gamma ray']}/pin")
    path = f"/api/v1/chats/list/user/{person.id}"

    def titles(query: str) -> list[str]:
        return [chat["title"] for chat in admin.get(f"{path}?{query}").json()]

    assert titles("order_by=title&direction=asc") == ["Alpha", "beta", "gamma ray"]
    assert titles("order_by=title&direction=desc&page=1") == ["gamma ray", "beta", "Alpha"]
    assert titles("query=RAY") == ["gamma ray"]
    assert titles("query=ray&page=2") == []
    assert admin.get(f"{path}?order_by=id&direction=asc").status_code == 400
    assert admin.get(f"{path}?order_by=title&direction=up").status_code == 400
    assert admin.get(f"{path}?page=0").status_code == 422
