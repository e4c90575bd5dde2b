"""Answers on real tables, with a model server."""

import uuid

import pytest

from functions.generate import service
from shared import answers, runs, sections
from shared.llm.connections import EnvironmentConnection, replace_environment_connections
from shared.llm.registry import registry
from tests.contract.answers.world import Channel, World, new_chat, person
from tests.support.model_server import ModelServer


@pytest.fixture
def connected(emulator: object, server: ModelServer) -> ModelServer:
    """The model server is the one connection."""
    sections.forget()
    registry.forget()
    replace_environment_connections([EnvironmentConnection(server.url, "sk-tests")])
    return server


@pytest.fixture
def world(connected: ModelServer, monkeypatch: pytest.MonkeyPatch) -> World:
    user_id, client = person()
    question, message_id = str(uuid.uuid4()), str(uuid.uuid4())
    chat_id = new_chat(user_id, question, message_id)
    world = World(client, connected, Channel(), user_id, chat_id, message_id)
    monkeypatch.setattr(answers, "dispatch", world.requests.append)
    monkeypatch.setattr(runs, "watch", lambda task_id, seconds=25: world.watched.append(task_id))
    monkeypatch.setattr(service, "UserChannel", world.channel)
    return world
