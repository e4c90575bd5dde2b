"""The base of all item models (pynamodb), on the tables of `shared.storage.schema`."""

from collections.abc import Callable, Iterable
from functools import cache
from json import JSONDecoder
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

from pynamodb.attributes import Attribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection, TableConnection
from pynamodb.constants import NULL
from pynamodb.exceptions import DeleteError, PutError, PynamoDBException, UpdateError
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from shared.clock import now
from shared.parallel import in_parallel
from shared.settings import settings
from shared.storage import schema
from shared.storage.aws import dynamodb
from shared.storage.schema import TTL_ATTRIBUTE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import KeysAndAttributesTypeDef

P = ParamSpec("P")
T = TypeVar("T", bound="Item")


class TableMeta(type):
    """Metaclass of the models' `Meta`: what comes from the settings is read when first needed, not at import."""

    setting: str

    @property
    def table_name(cls) -> str:
        return settings().require(cls.setting)


class Item(Model):
    """One DynamoDB item. Subclasses name their table: `class Meta(metaclass=TableMeta): setting = "chats_table"`."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    expires_at = NumberAttribute(null=True)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        """As pynamodb makes it, which makes a session, a client and its own TLS connections for each model."""
        known = cls._connection
        table = super()._get_connection()
        if table is not known:
            _by_the_one_client(table.connection)
        return table

    @classmethod
    def _instantiate(cls, attribute_values: dict[str, dict[str, Any]]) -> Self:
        """As pynamodb does it, which spends a third of a long chat's reading on ways that our items do not need."""
        known, defaults = _attributes(cls)
        item = cls.__new__(cls)
        item.attribute_values = {name: value() if callable(value) else value for name, value in defaults}
        for key, raw in attribute_values.items():
            if key in known and NULL not in raw:
                name, attribute = known[key]
                item.attribute_values[name] = _value(attribute, raw)
        return item

    @property
    def expired(self) -> bool:
        """DynamoDB deletes expired items up to two days late, so readers ask this."""
        return self.expires_at is not None and self.expires_at <= now()


_json = JSONDecoder(strict=False)  # pynamodb makes one for each value


def _value(attribute: Attribute[Any], raw: dict[str, Any]) -> Any:
    kind, content = type(attribute), raw.get(attribute.attr_type)
    if content is None:
        return attribute.deserialize(attribute.get_value(raw))
    if kind is UnicodeAttribute:
        return content
    if kind is NumberAttribute and content.isdecimal():
        return int(content)
    if kind is JSONAttribute:
        return _json.decode(content)
    return attribute.deserialize(content)


@cache
def _attributes(model: type[Item]) -> tuple[dict[str, tuple[str, Attribute[Any]]], list[tuple[str, Any]]]:
    """The attributes of a model with their names, by their names in the table, and the defaults there are."""
    attributes = model.get_attributes().items()
    known = {attribute.attr_name: (name, attribute) for name, attribute in attributes}
    return known, [(name, attribute.default) for name, attribute in attributes if attribute.default is not None]


class ByList(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """The list index `gsi1` of a table; it carries what the table's schema lists, so other attributes read as None."""

    class Meta:
        index_name = schema.INDEX
        projection = AllProjection()

    gsi1pk = UnicodeAttribute(hash_key=True)
    gsi1sk = UnicodeAttribute(range_key=True)


def fetch_together(*wanted: tuple[type[Item], str, str], only: Iterable[str] = ()) -> list[Item | None]:
    """Items of one table by (model, pk, sk) in one consistent round trip; None where absent or expired.

    At most 100 keys (BatchGetItem); unprocessed keys are asked for again. `only` names the attributes to read.
    """
    table = wanted[0][0].Meta.table_name
    chosen: KeysAndAttributesTypeDef = {"Keys": [], "ConsistentRead": True}
    if only:
        names = {f"#{name}": name for name in ("pk", "sk", TTL_ATTRIBUTE, *only)}
        chosen |= {"Keys": [], "ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}
    pending: list[dict[str, Any]] = [{"pk": {"S": pk}, "sk": {"S": sk}} for _, pk, sk in wanted]
    found: dict[tuple[str, str], dict[str, Any]] = {}
    while pending:
        answer = dynamodb().batch_get_item(RequestItems={table: {**chosen, "Keys": pending}})
        for raw in answer["Responses"].get(table, []):
            found[(raw["pk"]["S"], raw["sk"]["S"])] = raw
        unprocessed = answer["UnprocessedKeys"].get(table)
        pending = [dict(key) for key in unprocessed["Keys"]] if unprocessed else []
    return [_alive(model, found.get((pk, sk))) for model, pk, sk in wanted]


def fetch_all(model: type[T], keys: Iterable[tuple[str, str]], only: Iterable[str] = ()) -> list[T]:
    """Those items of a model that are there, in the order of their (pk, sk); however many."""
    wanted = [(model, *key) for key in keys]
    batches = [wanted[start : start + 100] for start in range(0, len(wanted), 100)]
    found = in_parallel(lambda batch: fetch_together(*batch, only=only), batches)
    return [item for items in found for item in items if isinstance(item, model)]


def _alive(model: type[T], raw: dict[str, Any] | None) -> T | None:
    if raw is None:
        return None
    item = model.from_raw_data(raw)
    return None if item.expired else item


def delete_all(model: type[Item], keys: Iterable[tuple[str, str]]) -> None:
    """Deletes items of one table by key, in batches; absent ones are no error."""
    with model.batch_write() as batch:
        for pk, sk in keys:
            batch.delete(model(pk, sk))


def refused(error: PynamoDBException) -> bool:
    """Whether a write failed because a condition of it did not hold: another writer came first."""
    return error.cause_response_code == "ConditionalCheckFailedException"


def written(write: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Carries out a conditional write; False when its condition did not hold: another writer came first."""
    try:
        write(*args, **kwargs)
    except (DeleteError, PutError, UpdateError) as error:
        if not refused(error):
            raise
        return False
    return True


@cache
def connection() -> Connection:
    """pynamodb's connection for transactions."""
    return _by_the_one_client(Connection())


def _by_the_one_client(made: Connection) -> Connection:
    made._client = dynamodb()  # type: ignore[assignment]  # their own name for what botocore gives both
    return made


def transaction() -> TransactWrite:
    """A block whose writes all happen or none; leaving it raises pynamodb's `TransactWriteError`."""
    return TransactWrite(connection=connection())
