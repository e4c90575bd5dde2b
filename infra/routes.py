"""Which function answers which path: one table for the REST API, CloudFront, the local edge and the tests."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """A base path of one function. With `below`, everything under it too (`{proxy+}`); without `itself`, only that.

    A part in braces stands for any. API Gateway takes no `{proxy+}` beside such a part, only below it.
    """

    path: str
    function: str
    below: bool = True
    itself: bool = True


ROUTES: tuple[Route, ...] = (
    Route("/api/v1/auths", "accounts"),
    Route("/api/v1/users", "accounts"),
    Route("/api/v1/chats", "chats"),
    Route("/api/v1/folders", "chats"),
    Route("/api/v1/chats/imports", "transfer"),
    Route("/api/v1/exports", "transfer"),
    Route("/api/v1/utils", "transfer"),
    Route("/api/v1/files", "knowledge", below=False),
    Route("/api/v1/files/{id}", "knowledge"),
    # As events, which come as they happen where answers stream.
    Route("/api/v1/files/{id}/process/status", "inference", below=False),
    Route("/api/v1/knowledge", "knowledge"),
    Route("/api/v1/memories", "knowledge"),
    Route("/api/v1/retrieval", "knowledge"),
    Route("/api/chat", "inference"),
    Route("/api/v1/chat", "inference"),
    Route("/api/models", "inference"),
    # `/api/v1/models` lists models; `/api/v1/models/` and what is below it are presets.
    Route("/api/v1/models", "inference", below=False),
    Route("/api/v1/models", "workspace", itself=False),
    Route("/api/v1/prompts", "workspace"),
    Route("/api/v1/evaluations", "workspace"),
    Route("/api/embeddings", "inference"),
    Route("/api/v1/embeddings", "inference"),
    Route("/api/tasks", "inference"),
    Route("/api/v1/tasks", "inference"),
    Route("/openai", "inference"),
    Route("/ollama", "inference"),
    Route("/api/config", "platform"),
    Route("/api/version", "platform"),
    Route("/api/changelog", "platform"),
    Route("/api/usage", "platform"),
    Route("/api/webhook", "platform"),
    Route("/api/v1/configs", "platform"),
    # Domains that do not exist yet: their lists are empty (functions/platform/empty_routes.py).
    Route("/api/v1/channels", "platform"),
    Route("/api/v1/functions", "platform"),
    Route("/api/v1/tools", "platform"),
    Route("/health", "platform"),
    Route("/manifest.json", "platform", below=False),
)

SOCKET_PATH = "/ws/socket.io"
SOCKET_STAGE = "ws"
API_STAGE = "live"

API_ROOTS: tuple[str, ...] = ("/api", "/openai", "/ollama", "/oauth", "/cache", "/health", "/manifest.json")
"""Path roots that are the API's as a whole: the web app never answers below them, also where there is no route."""


def function_for(path: str) -> str | None:
    """The function that answers `path` (with `_root` in place of a trailing slash), or None: the API then says 404."""
    parts = path.split("/")
    best: Route | None = None
    for route in ROUTES:
        length = len(route.path.split("/"))
        reaches = route.itself if len(parts) == length else route.below
        if reaches and _begins(parts, route) and (best is None or length > len(best.path.split("/"))):
            best = route
    return best.function if best else None


def _begins(parts: list[str], route: Route) -> bool:
    """Whether a path is that of a route, or lies below it."""
    wanted = route.path.split("/")
    return len(parts) >= len(wanted) and all(
        part == want or (want.startswith("{") and part != "") for part, want in zip(parts, wanted, strict=False)
    )


def is_api_path(path: str) -> bool:
    """Whether `path` is the API's to answer (also with a 404), never the web app's."""
    return any(path == root or path.startswith(f"{root}/") for root in API_ROOTS)
