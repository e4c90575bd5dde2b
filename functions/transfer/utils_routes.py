"""Routes of /api/v1/utils: documents out of what a client sends, and small helpers of the stock client."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from functions.transfer import documents
from functions.transfer.models import CodeForm, Html, MarkdownForm, PdfForm
from shared.delivery import within_limit
from shared.errors import Invalid, NotFound
from shared.identity.dependencies import AdminUser, VerifiedUser

router = APIRouter(prefix="/api/v1/utils", tags=["utils"], dependencies=[Depends(within_limit)])


@router.get("/gravatar")
def get_gravatar(_: VerifiedUser, email: Annotated[str, Query(max_length=320)]) -> str:
    """The address of a person's picture at Gravatar; the plain figure there for whoever has none."""
    digest = hashlib.sha256(email.strip().lower().encode()).hexdigest()
    return f"https://www.gravatar.com/avatar/{digest}?d=mp"


@router.post("/code/format")
def format_code(form: CodeForm, _: AdminUser) -> CodeForm:
    """Python code as Black formats it."""
    return CodeForm(code=documents.formatted(form.code))


@router.post("/markdown")
def get_html_from_markdown(form: MarkdownForm, _: VerifiedUser) -> Html:
    """Markdown as HTML. HTML within it is shown as text, so that nothing in it runs."""
    return Html(html=documents.html(form.md))


@router.post("/pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def download_chat_as_pdf(request: Request, form: PdfForm, _: VerifiedUser) -> Response:
    """A conversation as a PDF, its Markdown set."""
    return documents.printed(request, form.title, form.messages)


@router.get("/db/download", response_class=Response, responses={400: {"description": "There is no such file."}})
def download_db(_: AdminUser) -> Response:
    """Always refused: what this server keeps is not in one file."""
    raise Invalid(
        "This server has no SQLite database to download: its data is in DynamoDB and S3. "
        "Export all chats, or the settings, as JSON."
    )


@router.get("/litellm/config", response_class=Response, responses={404: {"description": "There is no such file."}})
def download_litellm_config_yaml(_: AdminUser) -> Response:
    """Always refused: this server does not work through LiteLLM."""
    raise NotFound("This server has no LiteLLM configuration: it speaks to model providers itself.")
