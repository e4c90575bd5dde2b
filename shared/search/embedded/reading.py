"""What is asked of a shard (`shared.search.embedded.shard`): words, vectors, and the chunks themselves."""

import json
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import RLock
from typing import Any

import apsw

from shared.search.embedded import vectors
from shared.search.protocol import Entry, Where
from shared.search.terms import Term

Void = Sequence[tuple[str, str]]
"""(file id, generation that stays) of what has been deleted; an empty file id means all files."""

# Those of a filtered search are looked at one by one, so that choosing many by their bits is no matter.
_CHOSEN_FILTERED = 256
# What sqlite-vec bears: https://alexgarcia.xyz/sqlite-vec/api-reference.html
_MOST_NEAR = 4096
# From so many texts on, how rare a word is among them says how rare it is in all.
_TELLING = 300
_COLUMNS = {"file_id": "c.file", "generation": "c.generation"}


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on chunks (as `c`) in SQL, with its values; empty: all of them."""

    sql: str = ""
    values: tuple[object, ...] = ()

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.sql)


class Chunks:
    """The chunks of an open shard. May be used by several threads."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._sql, self._lock = connection, RLock()
        self._counted: tuple[tuple[int, int], int] | None = None

    def void(self, void: Void) -> Filter:
        """What leaves out deleted chunks."""
        gone = self._numbers(void)
        return Filter("c.no NOT IN (SELECT value FROM json_each(?))", (json.dumps(gone),)) if gone else Filter()

    def count(self, only: Filter) -> int:
        """How many chunks there are."""
        return int(self._one(f"SELECT count(*) FROM chunks AS c{_where(only)}", only.values) or 0)

    def ids(self, only: Filter) -> set[str]:
        """Their ids."""
        return {row[0] for row in self._all(f"SELECT id FROM chunks AS c{_where(only)}", only.values)}

    @property
    def texts(self) -> int:
        """How many texts the words are those of, deleted ones too."""
        with self._lock:
            state = (int(self._sql.data_version()), self._sql.total_changes())
            if self._counted is None or self._counted[0] != state:
                self._counted = (state, int(self._sql.execute("SELECT count(*) FROM texts").get or 0))
            return self._counted[1]

    def occurrences(self, term: Term, most: int) -> int:
        """How many texts have a word; where these are more than `most`, that."""
        sql = "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)"
        return int(self._one(sql, (_match(term), most)) or 0)

    def lexical(self, weights: Mapping[Term, float], only: Filter, most: int, limit: int) -> list[tuple[int, float]]:
        """(number, BM25 score) of the best chunks that have one of the words, best first; `most` are looked at.

        A word weighs what `weights` say, or, where there are texts enough to tell, by how rare it is among them.
        """
        if self.texts >= _TELLING:
            return self._lexical(" OR ".join(map(_match, weights)), only, most, limit)
        scores: dict[int, float] = {}
        for term, weight in weights.items():
            occurrences = self.occurrences(term, self.texts)
            # What FTS5 weighs a word with.
            own = max(math.log((self.texts - occurrences + 0.5) / (occurrences + 0.5)), 1e-6)
            for number, score in self._lexical(_match(term), only, most, most):
                scores[number] = scores.get(number, 0.0) + score * weight / own
        return sorted(scores.items(), key=lambda each: -each[1])[:limit]

    def _lexical(self, match: str, only: Filter, most: int, limit: int) -> list[tuple[int, float]]:
        joined = f" JOIN chunks AS c ON c.no = words.rowid{_where(only)} AND" if only.narrows else " WHERE"
        looked_at = f"SELECT words.rowid AS no, -bm25(words) AS score FROM words{joined} words MATCH ? LIMIT ?"
        sql = f"SELECT no, score FROM ({looked_at}) ORDER BY score DESC LIMIT ?"
        return self._all(sql, (*only.values, match, most, limit))

    def nearest(self, vector: bytes, only: Filter, limit: int) -> list[tuple[int, float]]:
        """(number, cosine) of the chunks closest to a packed vector, closest first."""
        chosen, values = self._chosen(vector, only, limit)
        rows = self._all(
            f"SELECT no, vec_distance_cosine(vec_int8(exact), vec_int8(?)) AS distance FROM vectors{chosen}"
            " ORDER BY distance LIMIT ?",
            (vector, *values, limit),
        )
        return [(number, 1.0 - distance) for number, distance in rows if distance is not None]

    def entries(self, numbers: Sequence[int]) -> dict[int, Entry]:
        """Chunks by number."""
        rows = self._all(
            "SELECT c.no, id, file, generation, number, metadata, text FROM chunks AS c JOIN texts USING (no)"
            " WHERE c.no IN (SELECT value FROM json_each(?))",
            (json.dumps(numbers),),
        )
        return {row[0]: _entry(row[1:6], zlib.decompress(row[6]).decode()) for row in rows}

    def names(self, numbers: Sequence[int]) -> dict[int, str]:
        """Ids of chunks by number."""
        wanted = "SELECT no, id FROM chunks WHERE no IN (SELECT value FROM json_each(?))"
        return dict(self._all(wanted, (json.dumps(numbers),)))

    def _chosen(self, vector: bytes, only: Filter, limit: int) -> tuple[str, tuple[object, ...]]:
        """Which vectors are compared, as a condition: all, where there are few."""
        centre = self._about("centre")
        if centre is None:
            if not only.narrows:
                return "", ()
            return f" WHERE no IN (SELECT c.no FROM chunks AS c{_where(only)})", only.values
        bits = self._one("SELECT vec_quantize_binary(vec_sub(?, ?))", (vectors.direction(vector).tobytes(), centre))
        if only.narrows:
            chosen = (
                f"SELECT v.no FROM chunks AS c JOIN vectors AS v ON v.no = c.no{_where(only)}"
                " ORDER BY vec_distance_hamming(vec_bit(v.bits), vec_bit(?)) LIMIT ?"
            )
            values: tuple[object, ...] = (*only.values, bits, max(_CHOSEN_FILTERED, 2 * limit))
        else:
            chosen = "SELECT rowid FROM near WHERE bits MATCH vec_bit(?) AND k = ?"
            values = (bits, min(limit, _MOST_NEAR))
        return " WHERE no IN (SELECT value FROM json_each(?))", (
            json.dumps([row[0] for row in self._all(chosen, values)]),
        )

    def rows(self, only: Filter) -> Iterator[tuple[Entry, bytes, bytes | None]]:
        """Everything as it is stored: chunk without its text, packed text, packed vector."""
        sql = (
            "SELECT id, file, generation, number, metadata, text, exact FROM chunks AS c JOIN texts USING (no)"
            f" LEFT JOIN vectors USING (no){_where(only)} ORDER BY c.no"
        )
        for row in self._sql.execute(sql, only.values):  # type: ignore[arg-type]
            yield _entry(row[:5], ""), row[5], row[6]

    def _numbers(self, void: Void) -> list[int]:
        found: set[int] = set()
        for file_id, keep in void:
            file, values = (" AND file = ?", (keep, file_id)) if file_id else ("", (keep,))
            found |= {row[0] for row in self._all(f"SELECT no FROM chunks WHERE generation != ?{file}", values)}
        return sorted(found)

    def _about(self, name: str) -> Any:
        return self._one("SELECT value FROM about WHERE name = ?", (name,))

    def _one(self, sql: str, values: Sequence[object]) -> Any:
        with self._lock:
            return self._sql.execute(sql, tuple(values)).get  # type: ignore[arg-type]

    def _all(self, sql: str, values: Sequence[object]) -> list[Any]:
        with self._lock:
            return list(self._sql.execute(sql, tuple(values)))  # type: ignore[arg-type]


def condition(where: Where, *others: Filter) -> Filter:
    """What a query's metadata filter, and others, leave."""
    parts: list[str] = [other.sql for other in others if other.narrows]
    values: list[object] = [value for other in others for value in other.values]
    for name, wanted in where.items():
        column = _COLUMNS.get(name, "json_extract(c.metadata, ?)")
        if name not in _COLUMNS:
            values.append(f'$."{name.replace(chr(34), "")}"')
        parts.append(f"{column} IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(wanted if isinstance(wanted, list) else [wanted]))
    return Filter(" AND ".join(parts), tuple(values))


def _where(only: Filter) -> str:
    return f" WHERE {only.sql}" if only.narrows else ""


def _entry(row: Sequence[Any], text: str) -> Entry:
    entry_id, file_id, generation, number, metadata = row
    found: Mapping[str, Any] = json.loads(metadata)
    return Entry(entry_id, file_id, generation, number, text, found)


def _match(term: Term) -> str:
    return '"' + term.word.replace('"', '""') + '"' + ("*" if term.prefix else "")
