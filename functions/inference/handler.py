"""The app of the inference function. It streams, so uvicorn serves it: `run.sh` on Lambda, the launcher locally."""

from fastapi import Request
from fastapi.responses import JSONResponse

from functions.inference import chat_routes, model_routes, task_routes
from functions.inference.streaming import error_body
from shared.llm.errors import ProviderError
from shared.web import create_app

app = create_app(
    "inference",
    model_routes.router,
    chat_routes.router,
    task_routes.router,
    later={
        "^/api/v1/files/": ("functions.inference.file_routes",),
        "^/api/v1/tasks/": ("functions.inference.generation_routes",),
        "^/openai/": ("functions.inference.openai_routes",),
        "^/ollama/": (
            "functions.inference.ollama_routes",
            "functions.inference.ollama_admin_routes",
            "functions.inference.ollama_pull_routes",
            "functions.inference.ollama_upload_routes",
            "functions.inference.ollama_v1_routes",
        ),
    },
)


async def _provider_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProviderError)
    headers = {"retry-after": str(round(error.retry_after))} if error.retry_after else None
    body = error_body(error)
    if request.url.path.startswith("/ollama/api/"):
        body["error"] = error.detail  # Ollama's clients read a text here
    return JSONResponse(body, status_code=error.status, headers=headers)


app.add_exception_handler(ProviderError, _provider_error)
