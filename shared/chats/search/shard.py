"""One shard: an SQLite file with some of a person's chats and texts, and what is void of those in older shards.

A text is a message's, or the chat's title (message id ""). The full text index has the sequences of three characters
(trigrams) of each folded text without their places, so that it is small; the texts themselves are beside it, packed,
and tell whether a word really occurs. What a newer shard says of a chat or a message counts: a row without text, or a
chat that is `gone`, is a tombstone.
"""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Any

import apsw

from shared.chats.search.text import Term, fold

TITLE = ""
# What is indexed of one message; five million characters of a log file would push everything else aside.
TEXT_CHARACTERS = 1_000_000

_SCHEMA = """
CREATE TABLE chats (no INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL, archived INTEGER NOT NULL, pinned INTEGER NOT NULL, shared INTEGER NOT NULL, folder TEXT,
    tags TEXT NOT NULL, gone INTEGER NOT NULL);
CREATE TABLE texts (no INTEGER PRIMARY KEY, chat INTEGER NOT NULL, message TEXT NOT NULL, text BLOB);
CREATE UNIQUE INDEX texts_of_chat ON texts (chat, message);
CREATE VIRTUAL TABLE grams USING fts5 (text, tokenize = 'trigram case_sensitive 1', content = '',
    contentless_delete = 1, detail = none);
"""
_CHAT = "id, updated_at, version, archived, pinned, shared, folder, tags, gone"
# Sequences in one query: SQLite's expressions may be 1,000 deep, and short words stand for many.
_GRAMS = 250


@dataclass(frozen=True, slots=True)
class Chat:
    """What the index knows of a chat; the table knows better (`version` is that of the head it was read from)."""

    id: str
    updated_at: int = 0
    version: int = 0
    archived: bool = False
    pinned: bool = False
    shared: bool = False
    folder: str | None = None
    tags: tuple[str, ...] = ()
    gone: bool = False


class Shard:
    """A shard, open for reading or, in memory, for writing. May be used by several threads."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._sql, self._lock = connection, RLock()

    @classmethod
    def new(cls) -> "Shard":
        """An empty one in memory."""
        connection = apsw.Connection(":memory:")
        connection.execute(_SCHEMA)
        return cls(connection)

    @classmethod
    def loaded(cls, content: bytes) -> "Shard":
        """A copy in memory that can be written to."""
        connection = apsw.Connection(":memory:")
        connection.deserialize("main", content)
        connection.pragma("secure_delete", 1)
        return cls(connection)

    @classmethod
    def opened(cls, file: Path) -> "Shard":
        """A file, for reading; it must not change any more."""
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        connection = apsw.Connection(f"file:{file}?immutable=1", flags=flags)
        connection.pragma("mmap_size", 1 << 30)
        return cls(connection)

    # -- writing

    def put_chat(self, chat: Chat) -> None:
        """Sets what is known of a chat; of one that is gone no text stays here."""
        known = self._sql.execute(f"SELECT {_CHAT} FROM chats WHERE id = ?", (chat.id,)).get  # noqa: S608 (names)
        if known is not None and _chat(known) == chat:
            return
        self._sql.execute(
            f"INSERT INTO chats ({_CHAT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"  # noqa: S608
            " updated_at = excluded.updated_at, version = excluded.version, archived = excluded.archived,"
            " pinned = excluded.pinned, shared = excluded.shared, folder = excluded.folder, tags = excluded.tags,"
            " gone = excluded.gone",
            (
                chat.id,
                chat.updated_at,
                chat.version,
                chat.archived,
                chat.pinned,
                chat.shared,
                chat.folder,
                json.dumps(chat.tags),
                chat.gone,
            ),
        )
        if chat.gone:
            self.erase(chat.id)

    def put_text(self, chat_id: str, message_id: str, text: str) -> None:
        """Sets a text of a chat that has been put before; an empty one is a tombstone."""
        text = text[:TEXT_CHARACTERS].encode(errors="replace").decode()
        chat = self._number(chat_id)
        row = self._sql.execute("SELECT no, text FROM texts WHERE chat = ? AND message = ?", (chat, message_id)).get
        packed = _pack(text) if text else None
        if row is not None:
            if row[1] == packed:
                return
            self._sql.execute("DELETE FROM grams WHERE rowid = ?", (row[0],))
            self._sql.execute("DELETE FROM texts WHERE no = ?", (row[0],))
        self._sql.execute("INSERT INTO texts (chat, message, text) VALUES (?, ?, ?)", (chat, message_id, packed))
        if text:
            self._sql.execute(
                "INSERT INTO grams (rowid, text) VALUES (?, ?)", (self._sql.last_insert_rowid(), fold(text))
            )

    def erase(self, chat_id: str, message_ids: Sequence[str] | None = None) -> None:
        """Deletes texts of a chat, all without `message_ids`."""
        wanted = "chat = (SELECT no FROM chats WHERE id = ?)"
        values: tuple[str, ...] = (chat_id,)
        if message_ids is not None:
            wanted += " AND message IN (SELECT value FROM json_each(?))"
            values = (chat_id, json.dumps(list(message_ids)))
        self._sql.execute(f"DELETE FROM grams WHERE rowid IN (SELECT no FROM texts WHERE {wanted})", values)  # noqa: S608
        self._sql.execute(f"DELETE FROM texts WHERE {wanted}", values)  # noqa: S608

    def forget_gone(self) -> None:
        """Drops tombstones, of a shard that none is older than."""
        self._sql.execute("DELETE FROM texts WHERE text IS NULL")
        self._sql.execute("DELETE FROM chats WHERE gone")

    @property
    def changes(self) -> int:
        """How many rows have been written since it was opened."""
        return self._sql.total_changes()

    def transaction(self) -> apsw.Connection:
        """A context manager around several writes, which are much faster within one."""
        return self._sql

    def finished(self) -> bytes:
        """The file's content, of a shard that is not written to any more: in order and without gaps."""
        self._sql.execute("INSERT INTO grams (grams) VALUES ('optimize')")
        self._sql.execute("VACUUM")
        return self.content()

    def content(self) -> bytes:
        """The file's content."""
        return self._sql.serialize("main")

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return int(self._sql.pragma("page_count")) * int(self._sql.pragma("page_size"))

    # -- reading

    @cached_property
    def chats(self) -> dict[str, Chat]:
        """What this shard knows of chats, by id; of a shard that is read only."""
        with self._lock:
            rows = (
                self._sql.execute(
                    f"SELECT {_CHAT} FROM chats"  # noqa: S608
                ).get
                or []
            )
        rows = rows if isinstance(rows, list) else [rows]
        return {row[0]: _chat(row) for row in rows}

    def find(self, term: Term, limit: int) -> tuple[list[tuple[str, int]], bool]:
        """(chat id, number) of texts that may have the term, newest first, and whether these are all."""
        found: list[tuple[str, int]] = []
        with self._lock:
            for expression in self._expressions(term):
                rows = self._sql.execute(
                    "SELECT chats.id, texts.no FROM (SELECT rowid AS no FROM grams WHERE grams MATCH ?"
                    " ORDER BY rowid DESC LIMIT ?) AS hits JOIN texts ON texts.no = hits.no"
                    " JOIN chats ON chats.no = texts.chat",
                    (expression, limit - len(found)),
                )
                found += [(str(chat), int(number)) for chat, number in rows]
                if len(found) >= limit:
                    return found, False
        return found, True

    def text(self, number: int) -> tuple[str, str]:
        """(message id, text) by number."""
        with self._lock:
            message, packed = next(self._sql.execute("SELECT message, text FROM texts WHERE no = ?", (number,)))
        return str(message), _unpack(packed)

    def messages(self, chat_id: str) -> set[str]:
        """The messages of a chat that this shard has a text or a tombstone of."""
        return {message for message, _ in self._rows(chat_id)}

    def numbers(self, chat_id: str) -> list[int]:
        """The numbers of the texts of a chat, newest first."""
        return [number for _, number in self._rows(chat_id)]

    def texts(self) -> Iterator[tuple[str, str, str | None]]:
        """(chat id, message id, text or None for a tombstone) of everything, oldest first."""
        rows = self._sql.execute(
            "SELECT chats.id, message, text FROM texts JOIN chats ON chats.no = texts.chat ORDER BY texts.no"
        )
        for chat_id, message_id, packed in rows:
            yield chat_id, message_id, None if packed is None else _unpack(packed)

    def _rows(self, chat_id: str) -> list[tuple[str, int]]:
        with self._lock:
            rows = self._sql.execute(
                "SELECT message, texts.no FROM texts JOIN chats ON chats.no = texts.chat WHERE chats.id = ?"
                " ORDER BY texts.no DESC",
                (chat_id,),
            )
            return [(str(message), int(number)) for message, number in rows]

    def _number(self, chat_id: str) -> int:
        (number,) = next(self._sql.execute("SELECT no FROM chats WHERE id = ?", (chat_id,)))
        return int(number)

    def _expressions(self, term: Term) -> Iterator[str]:
        """The FTS5 queries whose results together are what may have the term."""
        grams = term.grams
        if grams:
            yield " AND ".join(map(_quoted, grams[:_GRAMS]))
            return
        self._sql.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab (main, grams, row)")
        after = term.needle[:-1] + chr(ord(term.needle[-1]) + 1)
        rows = self._sql.execute("SELECT term FROM temp.vocabulary WHERE term >= ? AND term < ?", (term.needle, after))
        starting = [str(row[0]) for row in rows]
        for at in range(0, len(starting), _GRAMS):
            yield " OR ".join(map(_quoted, starting[at : at + _GRAMS]))


def _chat(row: tuple[Any, ...]) -> Chat:
    chat_id, updated_at, version, archived, pinned, shared, folder, tags, gone = row
    return Chat(
        chat_id,
        updated_at,
        version,
        bool(archived),
        bool(pinned),
        bool(shared),
        folder,
        tuple(json.loads(tags)),
        bool(gone),
    )


def _quoted(gram: str) -> str:
    return '"' + gram.replace('"', '""') + '"'


def _pack(text: str) -> bytes:
    return zlib.compress(text.encode(), 1)


def _unpack(packed: object) -> str:
    return zlib.decompress(packed).decode() if isinstance(packed, bytes) else ""
