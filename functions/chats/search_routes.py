"""The route of searching chats."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from functions.chats import search_service
from functions.chats.models import ChatTitleIdResponse
from shared import delivery
from shared.identity.dependencies import VerifiedUser

router = APIRouter(prefix="/api/v1/chats", tags=["chats"])


class ChatSearchResponse(ChatTitleIdResponse):
    """A chat that was found."""

    snippet: str = Field(default="", description="Ours: the text around what was found; empty when the title has it.")
    message_id: str | None = Field(default=None, description="Ours: the message that has that text.")


@router.get("/search", response_model=list[ChatSearchResponse])
def search_chats(
    request: Request,
    identity: VerifiedUser,
    text: Annotated[
        str,
        Query(
            max_length=2000,
            description='Words, "phrases", tag:name (or none), folder:name, pinned:, archived:, shared: true or false.',
        ),
    ],
    page: Annotated[int | None, Query(ge=1, le=10_000, description="60 chats each, from 1.")] = None,
) -> Response:
    """The person's chats whose title and messages have every word, also within words, last changed first.

    Archived ones only with `archived:true`. What was written in the last seconds may not be found yet.
    """
    found = search_service.search(identity.id, text, page or 1)
    return delivery.body(request, [row.model_dump() for row in map(_row, found)])


def _row(hit: search_service.Hit) -> ChatSearchResponse:
    head = hit.head
    return ChatSearchResponse(
        id=head.chat_id,
        title=head.title,
        updated_at=int(head.updated_at),
        created_at=int(head.created_at),
        snippet=hit.snippet,
        message_id=hit.message_id,
    )
