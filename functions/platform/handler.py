"""Entry of the platform function."""

from functions.platform.config_routes import router as configs
from functions.platform.empty_routes import router as empty
from functions.platform.routes import router as platform
from shared.web import create_app, lambda_handler

app = create_app("platform", platform, configs, empty)
handler = lambda_handler(app)
