"""Entry of the transfer function."""

from functions.transfer.export_routes import router as exports
from functions.transfer.import_routes import router as imports
from functions.transfer.utils_routes import router as utils
from shared.web import create_app, lambda_handler

app = create_app("transfer", imports, exports, utils)
handler = lambda_handler(app)
