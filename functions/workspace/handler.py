"""Entry of the workspace function."""

from shared.web import create_app, lambda_handler

app = create_app(
    "workspace",
    later={
        "^/api/v1/models/": ("functions.workspace.preset_routes",),
        "^/api/v1/prompts/": ("functions.workspace.prompt_routes",),
        "^/api/v1/evaluations/": ("functions.workspace.evaluation_routes",),
    },
)
handler = lambda_handler(app)
