"""Between reading and embedding: has the rest read that is asked for, then cuts the text of each file into chunks."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from functions.ingestion.batch import BatchState, Member, advance, fail, members
from functions.ingestion.extracting import gather
from shared.ingestion import readings
from shared.ingestion.keys import Generation
from shared.retrieval import spaces
from shared.retrieval.cutting import split_settings
from shared.retrieval.settings import retrieval_settings
from shared.segments import Segment
from shared.splitting import Chunk, chunks, joint
from shared.storage import objects
from shared.storage.uploads import Upload

# Chunks that are embedded, and written to an index, at a time; more of them in a batch where a file has very many.
CHUNKS, MOST_BATCHES = 128, 1000
NO_TEXT = "No text was found in this file."


def prepare(batch: BatchState) -> BatchState:
    """The batch with more to read, or else with its texts cut and the batches of chunks to embed."""
    mine, more = gather(batch, members(batch))
    if more:
        return {**batch, "work": more, "results": []}
    mine = [member for member in advance(mine, "embedding", 35) if not member.state["fresh"] or _cut(member)]
    targets = spaces.targets()
    embed = [
        (member.at, number, target.space.id)
        for target in targets
        if target.embedder is not None
        for member in mine
        for number in range(len(plan(member.keys)["batches"]))
    ]
    return {**batch, "work": [], "results": [], "embed": embed, "spaces": [target.space.id for target in targets]}


def plan(keys: Generation) -> dict[str, Any]:
    """How many chunks an ingestion has made, and for each batch of them: first byte, last byte, count."""
    found: dict[str, Any] = json.loads(objects.get(keys.plan))
    return found


def chunks_of(keys: Generation, first: int, last: int) -> list[Chunk]:
    """The chunks of a batch, by where its bytes are."""
    lines = objects.part_of(keys.chunks, first, last).splitlines()
    return [Chunk(**json.loads(line)) for line in lines]


def _cut(member: Member) -> bool:
    """Writes the text, the chunks and the plan of a file; False when there is nothing to find in it."""
    split = split_settings(retrieval_settings())
    batches: list[list[int]] = []
    count = 0
    with (
        Upload(member.keys.text, "text/plain; charset=utf-8") as text,
        Upload(member.keys.chunks, "application/jsonl") as written,
    ):
        for chunk in chunks(_copied(readings.segments(member.keys, member.state["parts"]), text), split):
            start = written.tell()
            written.write(json.dumps(asdict(chunk), ensure_ascii=False).encode() + b"\n")
            if count % CHUNKS == 0:
                batches.append([start, start, 0])
            batches[-1][1] = written.tell() - 1
            batches[-1][2] += 1
            count += 1
    if not count:
        fail(member, NO_TEXT)
        return False
    objects.delete(*(member.keys.pictures(part) for part in member.state["parts"] if "-pictures" in part))
    told = {"count": count, "batches": _joined(batches)}
    objects.put(member.keys.plan, json.dumps(told).encode(), "application/json")
    return True


def _copied(segments: Iterable[Segment], text: Upload) -> Iterator[Segment]:
    """The segments, written as one text on the way, joined as chunks count their offsets in it."""
    before: Segment | None = None
    for segment in segments:
        if before is not None:
            text.write(joint(before, segment).encode())
        text.write(segment.text.encode())
        before = segment
        yield segment


def _joined(batches: list[list[int]]) -> list[list[int]]:
    size = -(-len(batches) // MOST_BATCHES)
    groups = [batches[at : at + size] for at in range(0, len(batches), size)]
    return [[group[0][0], group[-1][1], sum(count for *_, count in group)] for group in groups]
