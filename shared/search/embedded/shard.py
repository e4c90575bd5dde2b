"""One SQLite file with chunks of a collection: FTS5 for their words, sqlite-vec for their vectors.

Words are folded and cut by `shared.search.terms`, FTS5 only stems them (Porter). Vectors are compared byte by byte; of
a shard that is large their bits choose which.
"""

import contextlib
import json
import tempfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import apsw
import sqlite_vec

from shared.search.embedded import vectors
from shared.search.embedded.reading import Chunks, Void
from shared.search.protocol import Entry
from shared.search.terms import indexed, storable

# From so many chunks on, bits choose which vectors are compared.
LARGE = 1024
_SAMPLE = 256
_BUSY_MILLISECONDS = 20_000

_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE chunks (no INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, file TEXT NOT NULL, generation TEXT NOT NULL,
    number INTEGER NOT NULL, metadata TEXT NOT NULL);
CREATE INDEX chunks_of_file ON chunks (file);
CREATE TABLE texts (no INTEGER PRIMARY KEY, text BLOB NOT NULL);
CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = "porter ascii tokenchars '+#'", content = '',
    contentless_delete = 1);
CREATE TABLE vectors (no INTEGER PRIMARY KEY, exact BLOB NOT NULL, bits BLOB);
"""


class Shard(Chunks):
    """A shard, open for reading or writing. May be used by several threads, and a file by several processes."""

    def __init__(self, connection: apsw.Connection) -> None:
        super().__init__(connection)
        connection.enable_load_extension(True)
        connection.load_extension(sqlite_vec.loadable_path())
        connection.enable_load_extension(False)

    @classmethod
    def new(cls, dimension: int | None) -> "Shard":
        """An empty one in memory."""
        shard = cls(apsw.Connection(":memory:"))
        shard._create(dimension)
        return shard

    @classmethod
    def loaded(cls, content: bytes) -> "Shard":
        """A copy in memory that can be written to."""
        connection = apsw.Connection(":memory:")
        connection.deserialize("main", content)
        return cls(connection)

    @classmethod
    def opened(cls, file: Path) -> "Shard":
        """A file that does not change any more, for reading."""
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        connection = apsw.Connection(f"file:{file}?immutable=1", flags=flags)
        connection.pragma("mmap_size", 1 << 30)
        return cls(connection)

    @classmethod
    def shared(cls, file: Path) -> "Shard":
        """A file that several processes read and write."""
        connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READWRITE)
        connection.set_busy_timeout(_BUSY_MILLISECONDS)
        connection.pragma("synchronous", "normal")
        connection.pragma("mmap_size", 1 << 30)
        connection.transaction_mode = "IMMEDIATE"
        return cls(connection)

    @classmethod
    def make(cls, file: Path, dimension: int | None) -> None:
        """Makes an empty file to be shared, unless there is one: of several processes one is first."""
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            empty = cls(apsw.Connection(str(Path(folder, "new"))))
            empty._sql.pragma("journal_mode", "wal")
            empty._create(dimension)
            empty._sql.close()
            with contextlib.suppress(FileExistsError):
                file.hardlink_to(Path(folder, "new"))

    # -- writing

    def add(self, entries: Iterable[Entry]) -> None:
        """Adds chunks; those whose id is there already are left alone."""
        with self._lock, self._sql:
            dimension = self._about("dimension")
            for entry in entries:
                exact = None if dimension is None else vectors.packed(entry.vector or (), dimension)
                self._insert(entry, zlib.compress(storable(entry.text).encode(), 1), storable(entry.text), exact)
            self._choose_by_bits()

    def copy(self, other: "Shard", void: Void = ()) -> None:
        """Adds what another shard has, but what is void."""
        with self._lock, self._sql:
            for entry, packed, exact in other.rows(other.void(void)):
                self._insert(entry, packed, zlib.decompress(packed).decode(), exact)
            self._choose_by_bits()

    def remove(self, void: Void) -> None:
        """Deletes what is void."""
        with self._lock, self._sql:
            gone = [(number,) for number in self._numbers(void)]
            tables = ["words", "vectors", "texts", *(["near"] if self._about("centre") is not None else [])]
            for table in tables:
                key = "no" if table in ("vectors", "texts") else "rowid"
                self._sql.executemany(f"DELETE FROM {table} WHERE {key} = ?", gone)
            self._sql.executemany("DELETE FROM chunks WHERE no = ?", gone)

    def finished(self) -> bytes:
        """The file's content, of a shard that is not written to any more: in order and without gaps."""
        self._sql.execute("INSERT INTO words (words) VALUES ('optimize')")
        self._sql.execute("VACUUM")
        return self._sql.serialize("main")

    def _create(self, dimension: int | None) -> None:
        self._sql.execute(_SCHEMA)
        self._sql.execute("INSERT INTO about VALUES ('dimension', ?)", (dimension,))

    def _insert(self, entry: Entry, packed: bytes, text: str, exact: bytes | None) -> None:
        self._sql.execute(
            "INSERT OR IGNORE INTO chunks (id, file, generation, number, metadata) VALUES (?, ?, ?, ?, ?)",
            (entry.id, entry.file_id, entry.generation, entry.number, json.dumps(dict(entry.metadata))),
        )
        if not self._sql.changes():
            return
        number = self._sql.last_insert_rowid()
        self._sql.execute("INSERT INTO texts VALUES (?, ?)", (number, packed))
        self._sql.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (number, indexed(text)))
        if exact is not None:
            self._sql.execute("INSERT INTO vectors (no, exact) VALUES (?, ?)", (number, exact))

    def _choose_by_bits(self) -> None:
        """Gives vectors that have none their bits, once there are many."""
        bits = self._about("centre")
        if bits is None:
            if (self._sql.execute("SELECT count(*) FROM vectors").get or 0) < LARGE:
                return
            sample = [row[0] for row in self._sql.execute("SELECT exact FROM vectors LIMIT ?", (_SAMPLE,))]
            bits = vectors.centre(sample)
            self._sql.execute("INSERT INTO about VALUES ('centre', ?)", (bits,))
            self._sql.execute(f"CREATE VIRTUAL TABLE near USING vec0 (bits bit[{len(bits) // 4}])")
        new = list(self._sql.execute("SELECT no, exact FROM vectors WHERE bits IS NULL"))
        for number, exact in new:
            value = vectors.direction(exact).tobytes()
            self._sql.execute(
                "UPDATE vectors SET bits = vec_quantize_binary(vec_sub(?, ?)) WHERE no = ?", (value, bits, number)
            )
        self._sql.execute(
            "INSERT INTO near (rowid, bits) SELECT no, vec_bit(bits) FROM vectors WHERE no IN (SELECT value FROM"
            " json_each(?))",
            (json.dumps([number for number, _ in new]),),
        )
