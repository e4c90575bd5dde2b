"""What an answer over the socket is to be drawn from: found, and put into its prompt."""

import asyncio

from functions.generate.prompt import Prompt
from shared.answers import AnswerRequest
from shared.grounding.asking import Asking
from shared.grounding.grounding import Grounded, Tell, ground
from shared.identity.access import Reader


async def ground_answer(prompt: Prompt, request: AnswerRequest, tell: Tell) -> Grounded | None:
    """The messages with their sources; None where there is nothing to look for."""
    person = request.reader or Reader(request.user_id)
    asking = Asking(
        person=person,
        messages=prompt.messages,
        connection=request.connection,
        model=request.upstream_model,
        items=prompt.attached,
        granted=request.knowledge,
        owner=request.owner,
        before=prompt.sources,
        variables=request.variables,
        context_length=request.context_length,
        params=prompt.params,
    )
    asking = await asyncio.to_thread(asking.wishing, request.body.get("features"))
    return await ground(asking, tell) if asking.wanted else None
