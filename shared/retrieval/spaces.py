"""Which embedding model's index answers, and which one is being built because an admin chose another model.

An index is kept for one space. What an admin wants is in `RetrievalSettings.embedding`; what answers is told here:

- Nothing yet: the space `lexical`, searched by words alone. It stays so while no embedding model can be reached.
- `settle` looks whether the wanted model answers. If it is another than the one that answers queries, it becomes the
  one that is `building`, and is returned: the caller has everything indexed in it (`shared.ingestion`). Files that come
  meanwhile are written to both (`targets`).
- `switch` ends this: the new space answers. The old one is `leaving`, to be dropped once nobody asks it any more.
"""

from dataclasses import dataclass
from typing import ClassVar

from shared import sections
from shared.clock import now
from shared.deferred import Deferred
from shared.llm.errors import ProviderError
from shared.retrieval import local_models
from shared.retrieval.embedders import Embedder, Model, space_id
from shared.retrieval.settings import Embedding, RetrievalSettings, retrieval_settings
from shared.search.protocol import Space
from shared.sections import Section

LEXICAL = Space("lexical")
LEAVING_SECONDS = 60
"""Functions know for a few seconds what answered before, and then they search it."""
RETRY_SECONDS = 300
"""How often a model that does not answer is asked whether it does by now; one that is being fetched: at each look."""


class Known(Deferred):
    """An embedding model as it was when its space was begun, with how many numbers its vectors have."""

    embedding: Embedding
    dimension: int
    begun: int = 0
    """Epoch seconds: a model that is chosen again gets another index than it had, which is on its way out."""

    @property
    def space(self) -> Space:
        """Where its vectors are."""
        name = space_id(self.embedding, self.dimension)
        return Space(f"{name}-{self.begun:x}" if self.begun else name, self.dimension)


class Leaving(Deferred):
    """A space that answered, or was being built, until `since`, epoch seconds."""

    id: str
    dimension: int | None
    since: int

    @property
    def space(self) -> Space:
        """The space."""
        return Space(self.id, self.dimension)


class EmbeddingState(Section):
    """Section `embedding`. `trouble` says why the model `asked` did not answer at `asked_at`."""

    section: ClassVar[str] = "embedding"

    answering: Known | None = None
    building: Known | None = None
    leaving: tuple[Leaving, ...] = ()
    trouble: str = ""
    asked: Embedding | None = None
    asked_at: int = 0


@dataclass(frozen=True)
class Target:
    """An index and the model whose vectors it has; without one it is searched by words."""

    space: Space
    embedder: Embedder | None


def state(*, fresh: bool = False) -> EmbeddingState:
    """What is known of the embedding models."""
    return sections.load(EmbeddingState, fresh=fresh)


def answering(*, fresh: bool = False) -> Target:
    """The index that answers queries."""
    return _target(state(fresh=fresh).answering)


def targets() -> list[Target]:
    """The indexes that files are written to: the one that answers, then the one that is being built, if any."""
    known = state(fresh=True)
    return [_target(known.answering), *([_target(known.building)] if known.building else [])]


def embedder(section: RetrievalSettings) -> Embedder | None:
    """The wanted embedding model, once it is known to answer; None: there are words only."""
    known = state()
    for each in (known.building, known.answering):
        if each and _same(each.embedding, section.embedding):
            return Model(section.embedding, each.dimension)
    return None


def settle(*, at_once: bool = False) -> Space | None:
    """Looks whether the wanted model answers; the space that has to be built for it, when it was not known before.

    A model that did not answer is asked again after a while only, unless `at_once`.
    """
    wanted, known = retrieval_settings(fresh=True).embedding, state(fresh=True)
    for each in (known.building, known.answering):
        if each and _same(each.embedding, wanted):
            _take_over(wanted, known)
            return None
    _give_up(known.building)  # nobody wants it any more, and its model may be gone: files would wait for that
    refused = known.asked == wanted and now() - known.asked_at < RETRY_SECONDS
    if refused and not at_once and not _arrived(wanted):
        return None
    try:
        dimension = Model(wanted).dimension()
    except ProviderError as error:
        _store(trouble=error.detail, asked=wanted, asked_at=now())
        return None
    building = Known(embedding=wanted, dimension=dimension, begun=now())
    _store(building=building, trouble="", asked=None)
    return building.space


def switch(space: Space) -> bool:
    """Has a space answer that was being built, now that everything is in it; False when it is not any more."""

    def change(known: EmbeddingState) -> EmbeddingState:
        if known.building is None or known.building.space != space:
            return known
        before = known.answering.space if known.answering else LEXICAL
        update = {"answering": known.building, "building": None, "leaving": _with(known, before)}
        return known.model_copy(update=update)

    answering = sections.update(EmbeddingState, change).answering
    return answering is not None and answering.space == space


def _give_up(building: Known | None) -> None:
    """Builds an index no further; what there is of it is dropped as one that answered would be."""

    def change(known: EmbeddingState) -> EmbeddingState:
        if building is None or known.building != building:
            return known
        return known.model_copy(update={"building": None, "leaving": _with(known, building.space)})

    if building is not None:
        sections.update(EmbeddingState, change)


def _with(known: EmbeddingState, space: Space) -> tuple[Leaving, ...]:
    """The spaces that leave, with one more."""
    return (*known.leaving, Leaving(id=space.id, dimension=space.dimension, since=now()))


def left() -> list[Space]:
    """The spaces that nobody asks any more."""
    return [each.space for each in state(fresh=True).leaving if now() - each.since > LEAVING_SECONDS]


def forget(space: Space) -> None:
    """Notes that a space which was `left` has been dropped."""

    def change(known: EmbeddingState) -> EmbeddingState:
        return known.model_copy(update={"leaving": tuple(each for each in known.leaving if each.id != space.id)})

    sections.update(EmbeddingState, change)


def report(trouble: str) -> None:
    """Notes why the embedding model does not answer, for the admins' page; an empty text: that it does."""
    if state().trouble != trouble:
        _store(trouble=trouble)


def _take_over(wanted: Embedding, known: EmbeddingState) -> None:
    """Keeps what was changed of a model that is known: where it is served, with which key, in batches of which size.

    One that is being built is given up when the wanted one is that which answers.
    """
    if known.answering and _same(known.answering.embedding, wanted):
        _give_up(known.building)
    change: dict[str, object] = {}
    for name in ("answering", "building"):
        each: Known | None = getattr(known, name)
        if each and _same(each.embedding, wanted) and each.embedding != wanted:
            change[name] = each.model_copy(update={"embedding": wanted})
    if change:
        _store(**change)


def _same(one: Embedding, other: Embedding) -> bool:
    """Whether two give the same vectors."""
    return space_id(one, one.dimensions) == space_id(other, other.dimensions)


def _arrived(wanted: Embedding) -> bool:
    """Whether a local model that was on its way is here by now."""
    found = local_models.state(wanted.model) if wanted.engine == "" else None
    return found is not None and found.status == "ready"


def _target(known: Known | None) -> Target:
    if known is None:
        return Target(LEXICAL, None)
    return Target(known.space, Model(known.embedding, known.dimension))


def _store(**change: object) -> None:
    sections.update(EmbeddingState, lambda known: known.model_copy(update=change))
