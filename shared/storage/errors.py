"""What goes wrong between a function and its tables, and may pass."""

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

TRANSIENT = (PynamoDBException, BotoCoreError, ClientError)
