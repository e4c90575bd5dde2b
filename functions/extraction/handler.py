"""Entry of the function `extract`."""

from typing import TYPE_CHECKING, Any

from functions.extraction import extracting
from functions.extraction.carrying import carry_out
from functions.extraction.isolation import Answer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

MEMORY = 1000
"""MB that reading one file may take."""


def handler(event: dict[str, Any], context: "LambdaContext") -> Answer:
    """Reads the file that the event names, see `functions.extraction.tasks`.

    Answers are `{"status": "ok", "segments", "characters"}`; `{"status": "ranges", "ranges", "total"}`, for each of
    which it is to be called again; `{"status": "ocr", …, "pages"}`, which have to be read from their images; and
    `{"status": "failed", "reason"}`. Trouble with S3 raises `TransferFailed`.
    """
    extracting.prepare(event["kind"])
    return carry_out(extracting.extract, event, context, MEMORY)
