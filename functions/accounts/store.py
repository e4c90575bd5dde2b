"""Items that only the accounts function reads, and the transactions that change several at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, TransactWriteError
from pynamodb.transactions import TransactGet, TransactWrite

from shared.clock import now, padded
from shared.errors import Conflict, Invalid
from shared.identity.instance import FirstAdminItem, UserCountItem, shard_of
from shared.identity.models import UserItem
from shared.storage.conflicts import is_conflict
from shared.storage.tables import ByList, Item, TableMeta, connection, transaction, written

NO_SUCH_USER = "There is no such person. Perhaps somebody removed them; reload the list."
E_MAIL_TAKEN = "Somebody already has an account with this e-mail address. Use another one, or sign in if it is yours."
_ATTEMPTS = 8


class CredentialItem(Item):
    """USER#<id>/CREDENTIAL: the password's argon2id hash."""

    class Meta(metaclass=TableMeta):
        setting = "accounts_table"

    password_hash = UnicodeAttribute()

    @staticmethod
    def key(user_id: str) -> tuple[str, str]:
        """The credential's (pk, sk)."""
        return f"USER#{user_id}", "CREDENTIAL"


class EmailItem(Item):
    """EMAIL#<address in lower case>/EMAIL: who has the address; putting it only where it is not makes it unique."""

    class Meta(metaclass=TableMeta):
        setting = "accounts_table"

    user_id = UnicodeAttribute()

    @staticmethod
    def key(email: str) -> tuple[str, str]:
        """The claim's (pk, sk)."""
        return f"EMAIL#{email.lower()}", "EMAIL"


class ImageItem(Item):
    """USER#<id>/IMAGE: a profile image as data URL, apart from the user, whom every request reads."""

    class Meta(metaclass=TableMeta):
        setting = "accounts_table"

    data_url = UnicodeAttribute()

    @staticmethod
    def key(user_id: str) -> tuple[str, str]:
        """The image's (pk, sk)."""
        return f"USER#{user_id}", "IMAGE"


class RemovalItem(Item):
    """REMOVAL#<user id>/REMOVAL: somebody is removed, and not all they owned is deleted yet."""

    class Meta(metaclass=TableMeta):
        setting = "accounts_table"

    user_id = UnicodeAttribute()
    api_key_hash = UnicodeAttribute(null=True)
    started_at = NumberAttribute()
    gsi1pk = UnicodeAttribute(default="REMOVALS")
    gsi1sk = UnicodeAttribute()
    by_list = ByList()

    @staticmethod
    def key(user_id: str) -> tuple[str, str]:
        """The removal's (pk, sk)."""
        return f"REMOVAL#{user_id}", "REMOVAL"


class Taken(Exception):
    """A condition of a transaction did not hold: `failed` are the positions of its items."""

    def __init__(self, failed: list[int]) -> None:
        super().__init__(failed)
        self.failed = failed


@contextmanager
def change_together() -> Iterator[TransactWrite]:
    """A transaction; raises `Taken` when a condition does not hold, `Conflict` when others are in its way too long."""
    try:
        with transaction() as writes:
            yield writes
    except TransactWriteError as error:
        codes = [reason.code if reason else None for reason in error.cancellation_reasons]
        failed = [position for position, code in enumerate(codes) if code == "ConditionalCheckFailed"]
        if failed:
            raise Taken(failed) from error
        if is_conflict(error.cause_response_code, codes):
            raise Conflict("Too many changes at the same moment. Try again.") from error
        raise


def list_keys(user: UserItem) -> None:
    """Sets where the index lists a user: its shard, by time of joining."""
    user.gsi1pk = f"USERS#{shard_of(user.user_id)}"
    user.gsi1sk = f"{padded(int(user.created_at))}#{user.user_id}"


def create_user(user: UserItem, password_hash: str, *, first: bool, image: ImageItem | None = None) -> None:
    """Stores a new account whole or not at all; raises `Taken` ([0]: somebody was first) or `Invalid` (the address)."""
    list_keys(user)

    try:
        # The items come in the order: deletes, puts, updates; what `Taken` counts.
        with change_together() as transaction:
            if first:
                claim = FirstAdminItem(*FirstAdminItem.KEY, user_id=user.user_id)
                transaction.save(claim, condition=FirstAdminItem.pk.does_not_exist())
            email = EmailItem(*EmailItem.key(user.email), user_id=user.user_id)
            transaction.save(email, condition=EmailItem.pk.does_not_exist())
            transaction.save(user)
            transaction.save(CredentialItem(*CredentialItem.key(user.user_id), password_hash=password_hash))
            if image:
                transaction.save(image)
            transaction.update(
                UserCountItem(*UserCountItem.key(shard_of(user.user_id))), actions=[UserCountItem.people.add(1)]
            )
    except Taken as taken:
        if first and 0 in taken.failed:
            raise
        raise Invalid(E_MAIL_TAKEN) from taken


def user_with_credential(email: str) -> tuple[UserItem, CredentialItem] | None:
    """The account of an address and its password's hash, both as of one moment; None when nobody has the address."""
    try:
        user_id = EmailItem.get(*EmailItem.key(email), consistent_read=True).user_id
    except EmailItem.DoesNotExist:
        return None
    return read_with_credential(user_id)


def read_with_credential(user_id: str) -> tuple[UserItem, CredentialItem] | None:
    """A user and their password's hash as of one moment, so that a session never outlives a change in between."""
    try:
        with TransactGet(connection=connection()) as transaction:
            user = transaction.get(UserItem, *UserItem.key(user_id))
            credential = transaction.get(CredentialItem, *CredentialItem.key(user_id))
        return user.get(), credential.get()
    except DoesNotExist:
        return None


def get_user(user_id: str) -> UserItem:
    """A user, read consistently; raises `Invalid`, which is the contract's status for it."""
    try:
        return UserItem.get(*UserItem.key(user_id), consistent_read=True)
    except UserItem.DoesNotExist as error:
        raise Invalid(NO_SUCH_USER) from error


def change_user(user_id: str, change: Callable[[UserItem], None], *, image: ImageItem | None = None) -> UserItem:
    """Applies `change` to a user and stores it; again when another writer came between.

    `image` is stored with it. Raises `Invalid`, `Conflict`.
    """
    for _ in range(_ATTEMPTS):
        user = get_user(user_id)
        change(user)
        user.updated_at = now()
        if written(user.save):
            if image:
                image.save()
            return user
    raise Conflict("Somebody else changes this account at the same moment. Try again.")


def replace_user(
    user: UserItem,
    *,
    old_email: str | None = None,
    password_hash: str | None = None,
    keep_session: Item | None = None,
    image: ImageItem | None = None,
) -> None:
    """Stores a user as read and changed, in one transaction with the address, the hash and the image.

    `old_email` is the claim to give up for `user.email`; `keep_session` a session item, moved to the user's new epoch.
    Raises `Invalid` when the address is taken, `Conflict` when the user changed meanwhile.
    """

    try:
        with change_together() as transaction:
            if old_email:
                transaction.delete(EmailItem(*EmailItem.key(old_email)))
                claim = EmailItem(*EmailItem.key(user.email), user_id=user.user_id)
                transaction.save(claim, condition=EmailItem.pk.does_not_exist())
            transaction.save(user)
            if password_hash:
                transaction.update(
                    CredentialItem(*CredentialItem.key(user.user_id)),
                    actions=[CredentialItem.password_hash.set(password_hash)],
                    condition=CredentialItem.pk.exists(),
                )
            if keep_session:
                transaction.save(keep_session, condition=type(keep_session).pk.exists())
            if image:
                transaction.save(image)
    except Taken as taken:
        if old_email and 1 in taken.failed:
            raise Invalid(E_MAIL_TAKEN) from taken
        raise Conflict("Somebody else changed this account at the same moment. Reload and try again.") from taken


def remove_account(user: UserItem, api_key_hash: str | None) -> None:
    """Ends an account in one transaction: nobody can sign in to it, find it or list it any more.

    Leaves a `RemovalItem` that leads to what is still to delete. Raises `Conflict` when the user changed meanwhile.
    """
    removal = RemovalItem(
        *RemovalItem.key(user.user_id),
        user_id=user.user_id,
        api_key_hash=api_key_hash,
        started_at=now(),
        gsi1sk=padded(now()),
    )

    try:
        with change_together() as transaction:
            transaction.delete(user)
            transaction.delete(CredentialItem(*CredentialItem.key(user.user_id)))
            transaction.delete(EmailItem(*EmailItem.key(user.email)))
            transaction.save(removal)
            transaction.update(
                UserCountItem(*UserCountItem.key(shard_of(user.user_id))), actions=[UserCountItem.people.add(-1)]
            )
    except Taken as taken:
        raise Conflict("Somebody else changed this account at the same moment. Reload and try again.") from taken
