"""Entry of the accounts function."""

from functions.accounts.auth_routes import router as auths
from functions.accounts.user_routes import router as users
from shared.web import create_app, lambda_handler

app = create_app("accounts", auths, users)
handler = lambda_handler(app)
