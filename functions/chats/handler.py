"""Entry of the chats function."""

from functions.chats.routes import router as chats
from functions.chats.search_routes import router as search
from functions.chats.share_routes import router as shares
from functions.chats.tag_routes import router as tags
from functions.chats.transfer_routes import router as transfers
from shared.web import create_app, lambda_handler

app = create_app(
    "chats",
    search,
    tags,
    shares,
    transfers,
    chats,
    later={"/api/v1/folders": ("functions.chats.folder_routes",)},
)
handler = lambda_handler(app)
