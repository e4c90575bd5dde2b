"""Writes the chunks of a batch's files to the indexes, then has searches find them in place of what was there.

What takes longer than one call may goes on in the next one, from where the state says.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from functions.ingestion.batch import BatchState, Member, advance, fail, members, put_back
from functions.ingestion.embedding import read_vectors
from functions.ingestion.preparing import chunks_of, plan
from shared import files
from shared.ingestion import jobs, requests, state
from shared.ingestion.keys import Generation
from shared.ingestion.telling import tell
from shared.knowledge import membership
from shared.knowledge.access import FILE
from shared.parallel import in_parallel
from shared.retrieval import spaces
from shared.retrieval.spaces import Target
from shared.search.opening import index
from shared.search.protocol import Entry
from shared.storage import objects

AT_ONCE = 2000
WRITING = 92
"""Percent."""
CRASHED = "The text of this file could not be embedded: it took too long. Try again in a while."


def write(batch: BatchState, going_on: Callable[[], bool]) -> BatchState:
    """Indexes the files of the batch, each whole or not at all.

    Once `going_on` says that it is time to end, the state has a `cursor` and is to be handed in again.
    """
    wanted = batch.get("spaces", [])
    targets = [target for target in spaces.targets() if target.space.id in wanted]
    mine, missing, refused = _embedded(batch, members(batch), wanted)
    for member in mine:
        member.state.setdefault("knowledge", sorted(member.file.knowledge or ()))
    cursor = dict(batch.get("cursor", {}))
    for target in targets:
        able = [member for member in mine if (member.at, target.space.id) not in missing | refused]
        if not all(in_parallel(partial(_write, target, cursor, going_on), _collections(able).items())):
            advance(mine, "embedding", WRITING)
            return {**batch, "cursor": cursor}
    done = [(member, [each for each in targets if (member.at, each.space.id) not in missing]) for member in mine]
    published = [each for each in in_parallel(lambda pair: _publish(*pair, wanted), done) if each is not None]
    tell(member.file for member in published)
    batch.pop("cursor", None)
    return batch


Cursor = dict[str, tuple[int, int]]


def _write(target: Target, cursor: Cursor, going_on: Callable[[], bool], into: tuple[str, list[Member]]) -> bool:
    """Writes the chunks of files to one collection, from where the cursor is; False when time has run out."""
    collection, mine = into
    place = f"{target.space.id} {collection}"
    for position, entries in _entries(mine, target, cursor.get(place)):
        index(target.space).write(collection, entries)
        cursor[place] = position
        if not going_on():
            return False
    return True


Places = set[tuple[int, str]]


def _embedded(batch: BatchState, mine: list[Member], wanted: list[str]) -> tuple[list[Member], Places, Places]:
    """The files that can be searched in the first space; where others of them are missing, and will stay so.

    A file that the model of the first space did not take has failed. That of another one is only to come: what it
    does not take now it is asked again, unless it is for the text itself.
    """
    places: dict[str, Places] = {"busy": set(), "crashed": set(), "failed": set(), "refused": set()}
    statuses: dict[int, str] = {}
    for (at, _, space), result in zip(batch.get("embed", []), batch.get("results", []), strict=False):
        if result["status"] == "ok":
            continue
        if space == wanted[0]:
            statuses[at] = result["status"]
        else:
            places[result["status"]].add((at, space))
    for member in mine:
        if status := statuses.get(member.at):
            _end(member, status, wanted[0])
    left = [member for member in mine if member.at not in statuses]
    return left, places["busy"] | places["crashed"] | places["failed"], places["refused"]


def _end(member: Member, status: str, space_id: str) -> None:
    """Ends what was to be done for a file whose text could not be embedded."""
    if status == "busy":
        put_back(member, alone=False)
    else:
        fail(member, CRASHED if status == "crashed" else objects.get(member.keys.trouble(space_id)).decode())


def _collections(mine: list[Member]) -> dict[str, list[Member]]:
    """The collections to write to, with the files that go into each."""
    result: dict[str, list[Member]] = defaultdict(list)
    for member in mine:
        result[f"{FILE}{member.file.file_id}"].append(member)
        for knowledge_id in member.state["knowledge"]:
            result[knowledge_id].append(member)
    return result


def _entries(
    mine: list[Member], target: Target, after: Sequence[int] | None = None
) -> Iterator[tuple[tuple[int, int], list[Entry]]]:
    """The entries of files `after` a position, so many at a time, with the position of the last of them."""
    entries: list[Entry] = []
    position = (-1, -1)
    for member in mine:
        number = 0
        for batch, (first, last, count) in enumerate(plan(member.keys)["batches"]):
            if after is not None and (member.at, batch) <= tuple(after):
                number += count
                continue
            position = (member.at, batch)
            vectors = read_vectors(member.keys, target, batch) if target.embedder is not None else None
            for at, chunk in enumerate(chunks_of(member.keys, first, last)):
                vector = vectors[at] if vectors is not None else None
                entries.append(_entry(member, number, chunk.text, chunk.metadata, vector))
                number += 1
            if len(entries) >= AT_ONCE:
                yield position, entries
                entries = []
    if entries:
        yield position, entries


def _entry(member: Member, number: int, text: str, metadata: dict[str, Any], vector: Sequence[float] | None) -> Entry:
    generation, file = member.state["generation"], member.file
    address = file.source if file.source and "://" in file.source else file.filename
    known = {"name": file.filename, "source": address, **metadata}
    return Entry(f"{generation}-{number:06d}", file.file_id, generation, number, text, known, vector)


def _publish(member: Member, targets: list[Target], wanted: list[str]) -> Member | None:
    """Has searches find what was written; None when it is not this batch's turn any more."""
    file, generation, before = member.file, member.state["generation"], member.file.generation
    covered = member.state["knowledge"]
    collections = [f"{FILE}{file.file_id}", *covered]
    if not state.publish(file, generation):
        if not files.find_all([file.file_id]):
            for collection in collections:
                requests.forget(collection, [file.file_id])
        return None
    for knowledge_id in covered:
        if not membership.made_searchable(knowledge_id, file.file_id, generation):
            requests.forget(knowledge_id, [file.file_id])
    if before and before != generation:
        for target in targets:
            for collection in collections:
                index(target.space).delete(collection, [file.file_id], keep=generation)
        objects.delete(*objects.keys(Generation(file.user_id, file.file_id, before).prefix))
    if jobs.done(member.job, [target.space.id for target in targets]):
        # From here on whoever puts it into a knowledge base queues it again; until here nobody did.
        now_in = files.find_all([file.file_id]).get(file.file_id)
        moved = now_in is not None and set(now_in.knowledge or ()) - set(covered)
        if moved or {target.space.id for target in spaces.targets()} - set(wanted):
            requests.spread(file.file_id)
    return member
