"""Entry of the chats function."""

from functions.chats.folder_routes import router as folders
from functions.chats.routes import router as chats
from functions.chats.share_routes import router as shares
from functions.chats.tag_routes import router as tags
from shared.web import create_app, lambda_handler

app = create_app("chats", folders, tags, shares, chats)
handler = lambda_handler(app)
