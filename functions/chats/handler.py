"""Entry of the chats function."""

from functions.chats.routes import router as chats
from functions.chats.search_routes import router as search
from shared.web import create_app, lambda_handler

app = create_app(
    "chats",
    search,
    chats,
    later={
        "^/api/v1/chats/(list/user|folder|archived|(un)?archive/all)(/.+)?$": ("functions.chats.collection_routes",),
        "^/api/v1/folders/": ("functions.chats.folder_routes",),
        "^/api/v1/chats/(.+/)?tags(/all)?$": ("functions.chats.tag_routes",),
        "^/api/v1/chats/(share/|.+/(share|clone)(/shared)?$)": ("functions.chats.share_routes",),
        "^/api/v1/chats/(import|all)(/.+)?$": ("functions.chats.transfer_routes",),
    },
)
handler = lambda_handler(app)
