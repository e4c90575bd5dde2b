"""The entry of ingestion: a step of the state machine, something that is asked for, or an event."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from functions.ingestion import dispatching, embedding, ending, extracting, identifying, indexing, preparing

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

Event = dict[str, Any]

# What a step returns becomes the state. What it raises is tried again: what cannot be helped it returns.
STEPS: dict[str, Callable[[Any], Any]] = {
    "identify": identifying.identify,
    "prepare": preparing.prepare,
    "finish": ending.finish,
    "give_up": ending.give_up,
}
MARGIN_SECONDS = 60
# For what is under way when the time has come, and for telling of files that are done.
INDEX_MARGIN_SECONDS = 240


def handler(event: Event, context: "LambdaContext") -> Any:
    """Carries out what the event says."""

    def left(margin: int) -> bool:
        return context.get_remaining_time_in_millis() > margin * 1000

    match event.get("step"):
        case "hand_out":
            return extracting.hand_out(event["state"], event["item"])
        case "embed":
            return embedding.embed(event["state"], event["item"])
        case "index":
            return indexing.write(event["state"], lambda: left(INDEX_MARGIN_SECONDS))
        case str(step):
            return STEPS[step](event["state"])

    if event.get("source") == "aws.s3":
        from functions.ingestion import drops

        return drops.handle(event)
    if event.get("task") == "dispatch":
        return {"started": dispatching.dispatch(queued=True)}
    return _rarer(event, lambda: left(MARGIN_SECONDS))


def _rarer(event: Event, going_on: Callable[[], bool]) -> Any:
    """What few events are for; a function that starts has others to wait for."""
    from functions.ingestion import deleting, describing, engines, sweeping

    match event.get("task"):
        case "engine":
            return engines.carry_out(event)
        case "describe":
            return describing.carry_out(event)
        case "delete":
            return deleting.delete(event["files"])
        case "clear":
            return deleting.clear(going_on)
    return sweeping.sweep(going_on, at_once=bool(event.get("at_once")))
