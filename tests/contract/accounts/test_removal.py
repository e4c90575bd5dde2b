"""Removing somebody: gone at once, and nothing of theirs is left, whatever interrupts."""

import json
import uuid
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from functions.accounts import removal
from functions.accounts.handler import handler
from functions.accounts.store import RemovalItem
from shared import files, transfers
from shared.chats import chores, sharing, tags
from shared.chats.models import ChatHead, FolderItem, MessageItem, partition
from shared.chats.search import shelf
from shared.chats.search.shelf import Shelf
from shared.feedback import FeedbackItem, OwnFeedbackItem, VoteItem, new_id, snapshot_key
from shared.identity.access import AccessControl
from shared.identity.models import UserItem
from shared.knowledge import items, membership, memories
from shared.presets import Preset, PresetItem, icons_of
from shared.prompts import PromptItem
from shared.realtime import connections, gateway
from shared.realtime.connections import RoomItem
from shared.settings import settings
from shared.storage import objects
from shared.storage.aws import dynamodb, s3
from tests.contract.accounts.members import PASSWORD, Member, set_role


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the sockets that were closed."""
    ids: list[str] = []
    monkeypatch.setattr(gateway, "close", lambda connection_id, **_: ids.append(connection_id))
    return ids


def own_things(user_id: str) -> None:
    """Two chats, one of them archived, with a long message in S3, tagged and shared; a folder, a chore, a file; a
    model, a prompt and a vote; a knowledge base with a file, a memory; a socket; what a search reads; an import and an
    export."""
    for archived in (False, True):
        chat_id = str(uuid.uuid4())
        head = ChatHead(partition(chat_id), "HEAD", chat_id=chat_id, user_id=user_id, title="T", created_at=1)
        head.updated_at, head.archived, head.version = 1, archived, 1
        head.place()
        head.save()
        key = f"chats/{chat_id}/m1/body"
        objects.put(key, b"{}")
        message = MessageItem(*MessageItem.key(chat_id, "m1"), message_id="m1", hash="h", version=1, writer="w")
        message.creator, message.position, message.size, message.body_key = "w", 0, 2, key
        message.save()
        tags.add(chat_id, "mine")
        sharing.share(chat_id, {"history": {"messages": {}}})
    FolderItem(*FolderItem.key(user_id, "f"), folder_id="f", name="F", created_at=1, updated_at=1).save()
    chores.new(user_id, "archive").save()
    files.store(user_id, "a.txt", "text/plain", b"text")
    preset = Preset(id=f"of-{user_id}", user_id=user_id, base_model_id="base", name="P", created_at=1, updated_at=1)
    PresetItem.of(preset).save()
    objects.put(f"{icons_of(preset.id)}{user_id}", b"icon")
    base = items.create(user_id, "Handbook", access=AccessControl())
    membership.add(base.knowledge_id, files.store(user_id, "a.txt", "text/plain", b"text").file_id, by=user_id)
    memories.add(user_id, "I like tea.")
    prompt = PromptItem(*PromptItem.key(f"/{user_id}"), user_id=user_id, title="T", content="C", timestamp=1)
    prompt.save()
    feedback_id = new_id()
    vote = FeedbackItem(*FeedbackItem.key(feedback_id), user_id=user_id, type="rating", created_at=1, updated_at=1)
    vote.save()
    OwnFeedbackItem(*OwnFeedbackItem.key(user_id, feedback_id)).save()
    VoteItem.of(feedback_id, f'[1,"{user_id}",[],[]]').save()
    objects.put(snapshot_key(user_id, feedback_id), b"{}")
    room = RoomItem(*RoomItem.key(user_id, "socket"), session_id="any")
    room.gsi1pk, room.gsi1sk = connections.ACTIVE, f"{user_id}#socket"
    room.save()
    job = transfers.TransferItem(transfers.partition(user_id), "import#1")
    job.save()
    for prefix in (transfers.imports_prefix(user_id), transfers.exports_prefix(user_id)):
        objects.put(f"{prefix}file", b"what they have")
    shelf.save(Shelf.of(user_id).with_newest(shelf.put(user_id, b"what they wrote", sealed=False)))


def traces(user_id: str) -> list[str]:
    """Every item and object that names the user or belongs to one of their chats."""
    names = ("accounts", "chats", "knowledge", "realtime", "workspace")
    found = []
    for table in (settings().require(f"{name}_table") for name in names):
        for page in dynamodb().get_paginator("scan").paginate(TableName=table):
            found += [item["pk"]["S"] + " " + item["sk"]["S"] for item in page["Items"] if user_id in str(item)]
    listed = s3().list_objects_v2(Bucket=settings().files_bucket).get("Contents", [])
    return found + [entry["Key"] for entry in listed if user_id in entry["Key"]]


def test_nothing_is_left_of_somebody_removed(admin: Member, member: Member, closed: list[str]) -> None:
    member.call("POST", "/api/v1/auths/api_key")
    own_things(member.id)
    assert len(traces(member.id)) > 14
    assert admin.call("DELETE", f"/api/v1/users/{member.id}").json() is True
    assert member.call("GET", "/api/v1/auths/").status_code == 401
    assert traces(member.id) == []
    assert closed == ["socket"]


def test_a_removed_persons_api_key_is_refused(admin: Member, member: Member, closed: list[str]) -> None:
    member.token = member.call("POST", "/api/v1/auths/api_key").json()["api_key"]
    admin.call("DELETE", f"/api/v1/users/{member.id}")
    assert member.call("GET", "/api/v1/auths/").status_code == 401


def test_the_address_is_free_again(client: TestClient, admin: Member, member: Member) -> None:
    admin.call("DELETE", f"/api/v1/users/{member.id}")
    form = {"email": member.email, "name": "Next", "password": PASSWORD}
    assert client.post("/api/v1/auths/signup", json=form).status_code == 200


def test_an_interrupted_removal_shows_nothing_and_goes_on_when_repeated(
    admin: Member, member: Member, closed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own_things(member.id)
    with monkeypatch.context() as broken:
        broken.setattr(removal.files, "of_user", lambda user_id: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            admin.call("DELETE", f"/api/v1/users/{member.id}")
    assert member.call("GET", "/api/v1/auths/").status_code == 401
    assert [user["id"] for user in admin.call("GET", "/api/v1/users/").json()["users"]] == [admin.id]
    assert admin.call("DELETE", f"/api/v1/users/{member.id}").json() is True
    assert traces(member.id) == []


def test_the_next_removal_finishes_one_that_broke_off(
    admin: Member, member: Member, closed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own_things(member.id)
    removal._end_account(UserItem.get(*UserItem.key(member.id)))
    moment = int(RemovalItem.get(*RemovalItem.key(member.id)).started_at)
    monkeypatch.setattr(removal, "now", lambda: moment + removal.ABANDONED_SECONDS + 1)
    form = {"name": "New", "email": "new@example.com", "password": PASSWORD, "role": "user"}
    other = admin.call("POST", "/api/v1/auths/add", json=form).json()["id"]
    admin.call("DELETE", f"/api/v1/users/{other}")
    assert traces(member.id) == []


def test_the_hourly_housekeeping_finishes_what_broke_off(
    admin: Member, member: Member, closed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own_things(member.id)
    removal._end_account(UserItem.get(*UserItem.key(member.id)))
    moment = int(RemovalItem.get(*RemovalItem.key(member.id)).started_at)
    monkeypatch.setattr(removal, "now", lambda: moment + removal.ABANDONED_SECONDS + 1)
    schedule = json.loads(Path("events/accounts/housekeeping.json").read_text())
    assert handler(schedule, None) == {}
    assert traces(member.id) == []


@pytest.mark.parametrize("change", [{"role": "pending"}, {"role": "user", "password": "another one"}])
def test_sockets_close_with_the_sessions(
    admin: Member, member: Member, closed: list[str], change: dict[str, str]
) -> None:
    own_things(member.id)
    set_role(admin, member, **change)
    assert closed == ["socket"]


def test_letting_somebody_in_keeps_their_socket(admin: Member, member: Member, closed: list[str]) -> None:
    set_role(admin, member, "pending")
    own_things(member.id)
    set_role(admin, member, "user")
    assert closed == []


def test_a_removal_without_time_left_is_taken_up_later(
    admin: Member, member: Member, closed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own_things(member.id)
    with monkeypatch.context() as slow:
        slow.setattr(removal, "BUDGET_SECONDS", -1.0)
        assert admin.call("DELETE", f"/api/v1/users/{member.id}").json() is True
    assert RemovalItem.get(*RemovalItem.key(member.id)).user_id == member.id
    assert admin.call("DELETE", f"/api/v1/users/{member.id}").json() is True
    assert [trace for trace in traces(member.id) if not trace.startswith("CHAT#")] == []
