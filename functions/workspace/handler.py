"""Entry of the workspace function."""

from functions.workspace.evaluation_routes import router as evaluations
from functions.workspace.preset_routes import router as presets
from functions.workspace.prompt_routes import router as prompts
from shared.web import create_app, lambda_handler

app = create_app("workspace", presets, prompts, evaluations)
handler = lambda_handler(app)
