"""OpenAI's chat completions: answered by the request itself, as JSON or events."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.responses import Response

from functions.inference import streaming
from functions.inference.attached import check_count, most_files
from functions.inference.models import CompletionForm
from shared import people
from shared.answers import wishes
from shared.errors import Invalid
from shared.identity.sessions import Identity
from shared.llm import body
from shared.llm.catalog import Choice, catalog, choose
from shared.llm.provider import Chunk, Json, Provider
from shared.llm.providers import provider_for
from shared.llm.registry import KEPT_SECONDS
from shared.prompting import Settings, combined, variables_of, with_system

if TYPE_CHECKING:
    from shared.grounding.asking import Asking


@dataclass(frozen=True)
class _Question:
    """What a provider is asked, and what it is to be drawn from before."""

    provider: Provider
    body: Json
    selected: str | None
    asking: "Asking | None"

    async def drawn(self) -> tuple[Json, Json]:
        """The body with what was found in its messages, and what the answer says beside the provider's words."""
        beside: Json = {"selected_model_id": self.selected} if self.selected else {}
        if self.asking is None:
            return self.body, beside
        from shared.grounding.grounding import ground

        grounded = await ground(self.asking, lambda status: None)
        beside |= {"sources": grounded.sources} if grounded.sources else {}
        return {**self.body, "messages": grounded.messages}, beside


async def answer_directly(request: Request, form: CompletionForm, user: Identity) -> Response:
    """OpenAI's chat completion; the body passes through unchanged, but for fields that are ours."""
    given = form.body()
    item = given.get("model_item")
    if isinstance(item, dict) and item.get("direct"):
        raise Invalid("Connections of your own that only your browser knows are not supported. Ask an admin to add it.")
    if not form.messages:
        raise Invalid("messages: give at least one message.")
    if given.get("files"):
        await check_count(form, await asyncio.to_thread(most_files))
    known = await catalog(seconds=KEPT_SECONDS)
    chosen = await choose(form.model, user, known)
    settings = combined([known.generation.level(), chosen.params], [form.params or {}])
    variables = variables_of(user.user, form.variables)
    given = {**given, "messages": with_system(form.messages, settings, variables)}
    upstream = body.upstream(given, chosen.model.upstream_id, settings.params, open_model=chosen.open_model)
    asking = await _asking(given, user, chosen, settings, variables, known.generation.context_length)
    question = _Question(provider_for(chosen.connection), upstream, chosen.selected, asking)
    if form.stream:
        return await streaming.events(request, _chunks(question))
    return await streaming.document(request, _completion(question))


async def _asking(
    given: Json, user: Identity, chosen: Choice, settings: Settings, variables: dict[str, str], length: int
) -> "Asking | None":
    """What the answer is to be drawn from, if there is anything: of the request and of the preset."""
    if not (given.get("files") or wishes(given.get("features")) or chosen.knowledge):
        return None
    from shared.grounding.asking import Asking

    files = given.get("files")
    asking = Asking(
        person=user,
        messages=given["messages"],
        connection=chosen.connection,
        model=chosen.model.upstream_id,
        items=files if isinstance(files, list) else (),
        granted=chosen.knowledge,
        owner=await asyncio.to_thread(people.reader, chosen.owner_id) if chosen.knowledge else None,
        variables=variables,
        context_length=chosen.context_length(length),
        params=settings.params,
    )
    asking = await asyncio.to_thread(asking.wishing, given.get("features"))
    return asking if asking.wanted else None


async def _chunks(question: _Question) -> AsyncGenerator[Chunk]:
    """The chunks; the first one says what there is beside the words."""
    body, beside = await question.drawn()
    async with aclosing(question.provider.stream(body)) as chunks:
        async for chunk in chunks:
            yield Chunk({**chunk.raw, **beside}) if beside else chunk
            beside = {}


async def _completion(question: _Question) -> Json:
    """The completion, with what there is beside the words."""
    body, beside = await question.drawn()
    return {**await question.provider.complete(body), **beside}
