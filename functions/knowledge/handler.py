"""Entry of the knowledge function."""

from functions.knowledge import files_routes
from shared.web import create_app, lambda_handler

app = create_app("knowledge", files_routes.router)
handler = lambda_handler(app)
