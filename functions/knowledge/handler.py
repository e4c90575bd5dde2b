"""Entry of the knowledge function."""

from functions.knowledge import files_routes
from shared.web import create_app, lambda_handler

app = create_app(
    "knowledge",
    files_routes.router,
    later={
        "^/api/v1/knowledge": ("functions.knowledge.knowledge_routes",),
        "^/api/v1/retrieval": (
            "functions.knowledge.retrieval_config_routes",
            "functions.knowledge.retrieval_routes",
            "functions.knowledge.ingestion_routes",
        ),
        "^/api/v1/memories": ("functions.knowledge.memories_routes",),
    },
)
handler = lambda_handler(app)
