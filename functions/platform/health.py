"""Whether the tables answer."""

from http import HTTPStatus

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import DomainError
from shared.settings import settings
from shared.storage.aws import dynamodb


class Unavailable(DomainError):
    """The database cannot be reached (503)."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


def check_tables() -> None:
    """Reads one key of each table that sign-in needs; raises `Unavailable`."""
    key = {"pk": {"S": "SETTINGS"}, "sk": {"S": "auth"}}
    for table in (settings().require("platform_table"), settings().require("accounts_table")):
        try:
            dynamodb().get_item(TableName=table, Key=key)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("The database cannot be reached. Try again in a minute.") from error
