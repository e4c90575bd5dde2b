"""Entry of the platform function."""

from functions.platform.config_routes import router as configs
from functions.platform.empty_routes import router as empty
from functions.platform.generation_routes import router as generation
from functions.platform.routes import router as platform
from shared.web import create_app, lambda_handler

app = create_app("platform", platform, configs, generation, empty)
handler = lambda_handler(app)
