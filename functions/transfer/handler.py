"""Entry of the transfer function."""

from shared.web import create_app, lambda_handler

app = create_app(
    "transfer",
    later={
        "^/api/v1/chats/imports": ("functions.transfer.import_routes",),
        "^/api/v1/exports": ("functions.transfer.export_routes",),
        "^/api/v1/utils/": ("functions.transfer.utils_routes",),
    },
)
handler = lambda_handler(app)
