"""Entry of the function `ocr`."""

from typing import TYPE_CHECKING, Any

from functions.extraction import recognising
from functions.extraction.carrying import carry_out
from functions.extraction.isolation import Answer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

MEMORY = 2500
"""MB of addresses; onnxruntime and OpenBLAS reserve more than twice of what they use."""


def handler(event: dict[str, Any], context: "LambdaContext") -> Answer:
    """Reads the images of the pages that the event names; answers as `extract` does."""
    recognising.prepare()
    return carry_out(recognising.recognise, event, context, MEMORY)
