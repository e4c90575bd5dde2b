"""From a file to chunks that can be found: what each step leaves, whatever comes between."""

import json
from types import SimpleNamespace

import pytest

from functions.ingestion import deleting, dispatching, embedding, extracting, indexing, preparing, slots
from functions.ingestion.dispatching import batch_of, dispatch
from functions.ingestion.embedding import TryAgain
from functions.ingestion.handler import handler
from shared import files, sections
from shared.ingestion import jobs, readings, requests
from shared.ingestion.jobs import JobItem
from shared.ingestion.keys import Generation
from shared.knowledge import items, membership
from shared.llm.errors import ProviderError, Trouble
from shared.retrieval import spaces
from shared.retrieval.settings import RetrievalSettings
from shared.retrieval.spaces import Target
from shared.search.protocol import Space
from shared.storage import objects
from tests.contract.ingestion.machine import (
    Machine,
    embed_step,
    found,
    fresh,
    job_state,
    prepare_step,
    step,
    stored,
)
from tests.support import documents


def test_a_file_is_found_once_all_of_it_is_there(machine: Machine) -> None:
    file = stored("Travel expenses are paid within thirty days.\n\n" * 100)
    collection = f"file-{file.file_id}"
    assert (file.status, file.progress) == ("queued", 0)
    dispatch()
    state = embed_step(prepare_step(machine.take()))
    file = fresh(file)
    assert (file.status, file.generation) == ("embedding", None)
    assert found(collection, "travel") == []
    for _ in range(2):  # whatever is repeated changes nothing
        state = step("index", state)
    step("finish", state)
    file = fresh(file)
    assert (file.status, file.progress, file.reason, file.building) == ("indexed", 100, None, None)
    assert set(found(collection, "travel")) == {file.file_id}
    assert job_state(file) == "done"
    assert slots.taken() == []


def test_what_was_taken_to_be_kept_only_is_not_read_past_an_admins_types(machine: Machine) -> None:
    page = files.store("u1", "Tides.md", "text/markdown", b"The moon pulls.", source="https://example.com/tides")
    kept = stored("a list", "a.log")
    requests.ingest(page.file_id)
    sections.update(RetrievalSettings, lambda _: RetrievalSettings(allowed_file_extensions=["pdf"]))
    try:
        machine.run()
    finally:
        sections.update(RetrievalSettings, lambda _: RetrievalSettings())
    assert fresh(page).status == "indexed", "a page is no file that somebody has chosen"
    assert (fresh(kept).status, fresh(kept).reason) == (
        "failed",
        "Files of this type are not taken here. Use one of these: pdf.",
    )


@pytest.mark.parametrize(("most", "pieces"), [(extracting.MOST_PIECES, 103), (30, 32)])
def test_a_long_scan_is_read_in_pieces_that_the_state_has_room_for(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, most: int, pieces: int
) -> None:
    monkeypatch.setattr(extracting, "MOST_PIECES", most)
    scanned = documents.plain_pdf([[]] * 800, dict.fromkeys(range(800), bytes(64)), 8)
    file = stored(scanned, "é" * 120 + ".pdf")
    machine.run()
    file = fresh(file)
    assert (file.status, file.reason) == ("indexed", None)
    assert found(f"file-{file.file_id}", "scan799") == [file.file_id]
    keys = Generation("u1", file.file_id, str(file.generation))
    read = [part for part in readings.parts(keys) if "-ocr" in part]
    assert len(read) == pieces
    words = objects.get(keys.text).decode().split()
    assert words == [f"scan{page}" for page in range(800)]


def test_a_text_that_is_written_anew_replaces_what_was_found(machine: Machine) -> None:
    file = stored("apples and pears")
    machine.run()
    before = fresh(file).generation
    assert before
    objects.put(f"files/u1/{file.file_id}/edited", b"oranges only")
    file.update([files.FileItem.edited.set(True)])
    requests.ingest(file.file_id)
    assert found(f"file-{file.file_id}", "apples") == [file.file_id], "until the new one is there"
    machine.run()
    assert found(f"file-{file.file_id}", "apples") == []
    assert found(f"file-{file.file_id}", "oranges") == [file.file_id]
    assert list(objects.keys(Generation("u1", file.file_id, before).prefix)) == []


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"\x7fELF" + bytes(200), "setup.pdf", "program"),
        (b"%PDF-1.7 and nothing else", "a.pdf", "."),
        (b"   \n\n ", "blank.txt", "text"),
    ],
)
def test_what_cannot_be_read_fails_in_words_and_can_be_tried_again(
    machine: Machine, content: bytes, name: str, reason: str
) -> None:
    file, good = stored(content, name), stored("good")
    machine.run()
    file = fresh(file)
    assert (file.status, file.building, job_state(file)) == ("failed", None, "failed")
    assert reason in str(file.reason)
    assert str(file.reason).endswith(".")
    assert fresh(good).status == "indexed", "nothing else is harmed"
    objects.put(file.path, b"now it is a text")
    requests.ingest(file.file_id)
    assert fresh(file).status == "queued"
    machine.run()
    assert (fresh(file).status, fresh(file).reason) == ("indexed", None)


def test_files_go_in_batches_and_large_ones_alone(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatching, "FILES", 4)
    for number in range(5):
        stored(f"file {number}", f"{number}.txt")
    assert machine.run() == 2
    assert sorted(len(state["files"]) for state in machine.started.values()) == [1, 4]
    assert len(jobs.of_state("done")) == 5
    jobs_of = [JobItem.new(str(size), "u", "g", size, fresh=True) for size in (10, 3_000_000, 10)]
    assert [len(batch_of(jobs_of)), len(batch_of(jobs_of[1:]))] == [1, 1]


def test_what_is_asked_anew_while_it_is_worked_on_is_done_once_more_and_shown_once(machine: Machine) -> None:
    file = stored("first words")
    dispatch()
    state = prepare_step(machine.take())
    objects.put(file.path, b"second words")
    requests.ingest(file.file_id)
    step("finish", step("index", embed_step(state)))
    assert fresh(file).generation is None, "the older one is dropped"
    machine.run()
    assert fresh(file).status == "indexed"
    assert found(f"file-{file.file_id}", "words") == [file.file_id]
    assert found(f"file-{file.file_id}", "first") == []


def test_a_file_that_is_deleted_while_it_is_worked_on_leaves_nothing(machine: Machine) -> None:
    file = stored("some words")
    dispatch()
    state = embed_step(prepare_step(machine.take()))
    mine = indexing.members(state)  # type: ignore[arg-type]  # looked at before the deletion, written after
    for member in mine:
        member.state["knowledge"] = []
    requests.remove(fresh(file))
    deleting.delete([file.file_id])
    for member in mine:
        target = spaces.answering()
        for _, entries in indexing._entries([member], target) if _chunks_there(member.keys) else []:
            indexing.index(target.space).write(f"file-{file.file_id}", entries)
        assert indexing._publish(member, [target], [target.space.id]) is None
    deleting.go_on(lambda: True)
    assert found(f"file-{file.file_id}", "words") == []
    assert list(objects.keys(f"files/u1/{file.file_id}/")) == []
    assert job_state(file) is None


def _chunks_there(keys: Generation) -> bool:
    return objects.size(keys.plan) is not None


def test_a_file_in_a_knowledge_base_is_found_there_also_when_it_came_late(machine: Machine) -> None:
    base, late = items.create("u1", "Handbook").knowledge_id, items.create("u1", "Late").knowledge_id
    file = stored("some words")
    membership.add(base, file.file_id)
    dispatch()
    state = embed_step(prepare_step(machine.take()))
    mine = step("index", state)
    membership.add(late, file.file_id)
    requests.spread(file.file_id)
    step("finish", mine)
    assert membership.generations(base, [file.file_id]) == {file.file_id: fresh(file).generation}
    machine.run()
    assert found(base, "words") == found(late, "words") == [file.file_id]
    assert membership.generations(late, [file.file_id]) == {file.file_id: fresh(file).generation}
    assert len(machine.started) == 2
    membership.leave(base, [file.file_id])
    requests.forget(base, [file.file_id])
    deleting.go_on(lambda: True)
    assert (found(base, "words"), found(late, "words")) == ([], [file.file_id])
    assert list(requests.leftovers()) == []
    requests.forget(late, [file.file_id])
    deleting.go_on(lambda: True)
    assert found(late, "words") == [file.file_id], "it had come back before its entries were deleted"


def test_what_takes_longer_than_a_call_may_goes_on_in_the_next_one(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "AT_ONCE", 2)
    monkeypatch.setattr(preparing, "CHUNKS", 1)
    base, late = items.create("u1", "Handbook").knowledge_id, items.create("u1", "Late").knowledge_id
    paragraphs = [f"Paragraph {number} tells of lanterns. " + "More words. " * 70 for number in range(5)]
    written = [stored("\n\n".join(paragraphs), f"{number}.txt") for number in range(2)]
    for file in written:
        membership.add(base, file.file_id)
    dispatch()
    state = embed_step(prepare_step(machine.take()))
    short = SimpleNamespace(get_remaining_time_in_millis=lambda: 10_000)
    calls = 0
    while calls == 0 or "cursor" in state:
        before = state.get("cursor")
        state = json.loads(json.dumps(handler({"step": "index", "state": state}, short)))
        assert state.get("cursor") != before, "each call gets on"
        if calls == 1:
            assert fresh(written[0]).status == "embedding"
            assert membership.generations(base, [written[0].file_id]) == {}
            membership.add(late, written[0].file_id)  # too late for what is under way
            requests.spread(written[0].file_id)
        calls += 1
    step("finish", state)
    assert calls > 4
    for file in written:
        assert fresh(file).generation
        assert found(f"file-{file.file_id}", "lanterns") == [file.file_id] * 5, "none lost, none doubled"
    assert sorted(found(base, "lanterns")) == sorted(file.file_id for file in written for _ in range(5))
    machine.run()
    assert found(late, "lanterns") == [written[0].file_id] * 5
    assert {fresh(file).status for file in written} == {"indexed"}


class Embedder:
    """Vectors of three numbers; `trouble` is what it answers with."""

    space = Space("stub-space", 3)

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.trouble: list[Trouble] = []

    def embed(self, texts: list[str], kind: str) -> list[list[float]]:
        if self.trouble:
            raise ProviderError(self.trouble.pop(0), "The embedding model does not answer.")
        self.texts += texts
        return [[1.0, float(len(text)), 0.5] for text in texts]


@pytest.fixture
def embedder(monkeypatch: pytest.MonkeyPatch) -> Embedder:
    """A model of vectors beside the words."""
    made = Embedder()
    monkeypatch.setattr(spaces, "targets", lambda: [Target(made.space, made)])
    monkeypatch.setattr(spaces, "answering", lambda **_: Target(made.space, made))
    return made


def test_the_same_content_is_embedded_once(machine: Machine, embedder: Embedder) -> None:
    one, other = stored("the same words"), stored("the same words", "b.txt")
    machine.run()
    assert [fresh(file).status for file in (one, other)] == ["indexed", "indexed"]
    assert embedder.texts == ["the same words"]
    assert found(f"file-{other.file_id}", "words") == [other.file_id]


def test_a_busy_embedder_is_asked_again_and_one_that_refuses_ends_it(machine: Machine, embedder: Embedder) -> None:
    file = stored("words to embed")
    dispatch()
    state = prepare_step(machine.take())
    for trouble in (Trouble.RATE, Trouble.OTHER, Trouble.UNREACHABLE):
        embedder.trouble = [trouble]
        with pytest.raises(TryAgain):
            embed_step(state)
    step("finish", step("index", embed_step(state)))
    assert fresh(file).status == "indexed"

    refused = stored("other words to embed")
    embedder.trouble = [Trouble.KEY]
    dispatch()
    state = embed_step(prepare_step(machine.take()))
    assert state["results"] == [{"status": "failed"}], "there is no room for the words of a thousand of them"
    step("finish", step("index", state))
    assert fresh(refused).reason == "The embedding model does not answer."
    assert found(f"file-{refused.file_id}", "words") == []


def test_chunks_are_embedded_in_batches_and_put_together_again(
    machine: Machine, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "CHUNKS", 3)
    monkeypatch.setattr(indexing, "AT_ONCE", 4)
    monkeypatch.setattr(embedding, "_TOLD_EVERY", 1)
    file = stored("\n\n".join(f"Paragraph {number} says {'so ' * 300}" for number in range(8)))
    machine.run()
    file = fresh(file)
    keys = Generation("u1", file.file_id, str(file.generation))
    plan = preparing.plan(keys)
    assert len(plan["batches"]) == -(-plan["count"] // 3)
    assert len(embedder.texts) == plan["count"]
    assert objects.get(keys.text).decode().startswith("Paragraph 0 says so")
    assert indexing.index(embedder.space).count(f"file-{file.file_id}") == plan["count"]
