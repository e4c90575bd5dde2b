"""Entry of the chats function."""

from functions.chats.routes import router
from shared.web import create_app, lambda_handler

app = create_app("chats", router)
handler = lambda_handler(app)
