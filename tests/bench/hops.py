"""What the way to the first token would take on AWS: an estimate by hops, nothing that was measured here."""

from tests.bench.calls import Counted
from tests.bench.report import Figure

# Medians, warm and within one region, in milliseconds; assumptions, to be replaced by measurements of a deployed stage.
TO_THE_REGION = 20  # browser → CloudFront → API Gateway, on a connection that is open
GATEWAY = 10  # API Gateway and Lambda's own share of one warm synchronous invocation
ADAPTER = 3  # the Lambda Web Adapter and uvicorn
ROUND_TRIP = 6  # one DynamoDB request, with the client's share
ASYNCHRONOUS = 40  # from the Invoke call's answer to the worker's first line
OWN_CODE = 10  # reading, checking and composing, in both functions
POST = 12  # @connections, as one request
TO_THE_BROWSER = 20  # API Gateway → CloudFront → browser, on the open socket

AIM = 200


def estimate(counted: Counted) -> list[Figure]:
    """The hops of an answer over the socket, with the round trips as they were counted in this run."""
    round_trips = len(counted.in_a_row)
    hops = [
        ("browser to API Gateway", TO_THE_REGION),
        ("API Gateway to inference, with its adapter", GATEWAY + ADAPTER),
        (f"{round_trips} round trips to DynamoDB in a row", round_trips * ROUND_TRIP),
        ("asynchronous invocation of generate", ASYNCHRONOUS),
        ("own code", OWN_CODE),
        ("first delta to @connections", POST),
        ("API Gateway to browser", TO_THE_BROWSER),
    ]
    total = sum(milliseconds for _, milliseconds in hops)
    return [
        *(Figure(name, f"{milliseconds} ms") for name, milliseconds in hops),
        Figure("sum, without the model's own time", f"{total} ms", "", None, f"≤ {AIM} ms", total <= AIM),
    ]
