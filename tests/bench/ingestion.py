"""From an upload to what can be found, with the model server's vectors; and the drop folder."""

import json
import random
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import batched
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from infra.cost import TRANSITION
from shared import files
from shared.knowledge import items
from shared.storage import objects
from tests.bench.report import Figure
from tests.bench.search import language
from tests.bench.site import Person, Site
from tests.support.documents import plain_pdf
from tests.support.waiting import until

ROUNDS = 3
SHORT, LONG, LARGE_BYTES = 200, 1_000, 12_000_000
SHORT_SECONDS, LARGE_SECONDS, MEMORY = 1.5, 60.0, 1024
DROPPED = 1_000
PAGE_WORDS = 400
PICTURE_SIDE, PAGE_BYTES = 1000, 3300
"""Pixels; each is a byte that cannot be compressed."""
LIMIT = 600.0


def ingestion(site: Site) -> list[Figure]:
    """A PDF of 200 pages, one of 1,000 and 12 MB beside half of it, a thousand small files; memory and price."""
    admin = site.person("admin")
    with httpx.Client(base_url=site.url, headers=admin.headers, timeout=120) as client, _vectors(site, client):
        short = [_ingested(client, book(SHORT, number))[0] for number in range(ROUNDS + 1)][1:]
        half, _ = _ingested(client, book(LONG // 2, 90, size=LARGE_BYTES // 2))
        large, file_id = _ingested(client, book(LONG, 91, size=LARGE_BYTES))
        transitions = _transitions(site, file_id)
        dropped = _dropped(site, admin)
    took, price = median(short), transitions * TRANSITION
    return [
        Figure(
            f"PDF of {SHORT} pages, from the upload's begin, median of {ROUNDS}",
            _seconds(took),
            target=f"≤ {SHORT_SECONDS} s",
            met=took <= SHORT_SECONDS,
        ),
        Figure(
            f"PDF of {LONG:,} pages and 12 MB (direct: of half as many)",
            _seconds(large),
            _seconds(half),
            large / half,
            f"< {LARGE_SECONDS:.0f} s",
            large < LARGE_SECONDS,
        ),
        Figure(f"{DROPPED:,} small files through the drop folder", f"{DROPPED / dropped:.1f} files/s"),
        *_memory(),
        Figure(f"Step Functions, {LONG:,} pages", f"{transitions} transitions, ${price:.4f}"),
    ]


def book(pages: int, seed: int, *, size: int = 0) -> bytes:
    """A PDF of so many pages of text, no two alike; with pictures on some pages that fill it up to `size` bytes."""
    chance = random.Random(seed)
    words, weights = language(chance)
    pictures = max(0, size - pages * PAGE_BYTES) // PICTURE_SIDE**2
    told = []
    for number in range(pages):
        text = chance.choices(words, cum_weights=weights, k=PAGE_WORDS)
        lines = [" ".join(line) for line in batched(text, 12)]
        told.append((f"Page {number} of volume {seed} {uuid.uuid4().hex}.", *lines))
    noise = {number * pages // pictures: chance.randbytes(PICTURE_SIDE**2) for number in range(pictures)}
    return plain_pdf(told, noise, PICTURE_SIDE)


def _ingested(client: httpx.Client, content: bytes) -> tuple[float, str]:
    """Seconds from the begin of an upload in parts until the file can be found, and its id."""
    started = time.perf_counter()
    begun = client.post("/api/v1/files/uploads", json={"filename": "book.pdf", "size": len(content)}).json()
    path, part = f"/api/v1/files/uploads/{begun['id']}", begun["part_size"]
    asked = {"first": 1, "count": begun["parts"]}
    urls = client.post(f"{path}/parts", json=asked).raise_for_status().json()["urls"]
    etags = [
        httpx.put(url, content=content[at * part : (at + 1) * part], timeout=60).headers["etag"]
        for at, url in enumerate(urls)
    ]
    file = client.post(f"{path}/complete", json={"etags": etags}).raise_for_status().json()
    until(lambda: files.find(file["id"]).status in ("indexed", "failed"), LIMIT, "the file is indexed")
    took = time.perf_counter() - started
    item = files.find(file["id"])
    assert item.status == "indexed", item.reason
    form = {"collection_name": f"file-{item.file_id}", "query": "volume", "k": 1}
    assert client.post("/api/v1/retrieval/query/doc", json=form).raise_for_status().json()["documents"][0]
    return took, item.file_id


def _dropped(site: Site, owner: Person) -> float:
    """Seconds until a thousand objects, put there at once, can be found."""
    base = items.create(owner.id, "Dropped").knowledge_id
    before = len(files.of_user(owner.id))
    started = time.perf_counter()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: objects.put(f"drop/{base}/{n}.txt", f"Small file {n}.".encode()), range(DROPPED)))

    def done() -> bool:
        found = files.of_user(owner.id)
        return len(found) == before + DROPPED and all(file.status == "indexed" for file in found)

    # Seldom: reading a thousand files takes the emulator as long as ingesting ten.
    until(done, LIMIT, "all that was dropped is indexed", every=2)
    return time.perf_counter() - started


@contextmanager
def _vectors(site: Site, client: httpx.Client) -> Iterator[None]:
    """Has the model server embed, once what is there is indexed for it."""
    before = client.get("/api/v1/retrieval/embedding").raise_for_status().json()
    model = f"bench-{uuid.uuid4().hex[:8]}"
    server = {"url": site.server.url, "key": "k"}
    form = {"embedding_engine": "openai", "embedding_model": model, "openai_config": server}
    form["embedding_batch_size"] = 128
    client.post("/api/v1/retrieval/embedding/update", json=form).raise_for_status()
    _ingested(client, book(2, 99))
    yield
    names = ("embedding_engine", "embedding_model")
    client.post("/api/v1/retrieval/embedding/update", json={name: before[name] for name in names})


def _transitions(site: Site, file_id: str) -> int:
    """The transitions of the execution that a file was ingested by: states, and those within its maps."""
    client = site.stack.client("stepfunctions")
    (machine,) = (each for each in client.list_state_machines()["stateMachines"] if each["name"].endswith("-ingestion"))
    for execution in client.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]:
        described = client.describe_execution(executionArn=execution["executionArn"])
        if any(file["id"] == file_id for file in json.loads(described["input"])["files"]):
            history = client.get_execution_history(executionArn=execution["executionArn"], maxResults=1000)
            return sum(_weight(event) for event in history["events"])
    raise AssertionError("the file's execution is not known")


def _weight(event: dict[str, Any]) -> int:
    if not event["type"].endswith("StateEntered"):
        return 0
    entered = event["stateEnteredEventDetails"]
    state = json.loads(entered["input"])
    # Each piece that is read passes a choice first.
    within = {"Read": 2 * len(state.get("work", ())), "Embeddings": len(state.get("embed", ()))}
    return 1 + within.get(entered["name"], 0)


def _memory() -> list[Figure]:
    """The most memory that a process of each function has had."""
    most: dict[str, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
            status = (folder / "status").read_text()
        except OSError:
            continue
        name = next((e.split(b"=")[1].decode() for e in environment if e.startswith(b"AWS_LAMBDA_FUNCTION_NAME=")), "")
        peak = next((int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)
        most[name] = max(most.get(name, 0), peak)
    steps = {name: most.get(f"cirrus-local-{name}", 0) for name in ("ingestion", "extract")}
    return [
        Figure(f"memory of {name}, at most", f"{peak} MB", target=f"≤ {MEMORY} MB", met=0 < peak <= MEMORY)
        for name, peak in steps.items()
    ]


def _seconds(value: float) -> str:
    return f"{value:.2f} s"
