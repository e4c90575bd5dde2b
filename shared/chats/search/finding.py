"""Finding chats in a person's shards, newest first; what is found must still be checked against the table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from shared.chats.search.shard import TITLE, Chat, Shard
from shared.chats.search.text import Query, Term, fold, snippet

# Of a word that is almost everywhere, so many of the newest texts that have it are looked at.
TEXTS = 1000
ENOUGH = 200


@dataclass(frozen=True)
class Found:
    """A chat that has what was searched for; the message that shows it and a part of its text, if it is a message."""

    chat_id: str
    message_id: str | None
    snippet: str


def find(
    shards: Sequence[Shard], query: Query, allowed: Callable[[Chat], bool], texts: int | None = None
) -> Iterator[Found]:
    """The chats of shards (newest first) that have every word of the query somewhere, last changed first.

    `allowed` says, by what the index knows of a chat, whether it can be meant at all. `texts` is for `TEXTS`.
    """
    search = _Search(shards, texts or TEXTS)
    lists = [search.hits(term) for term in query.terms]
    whole = sorted((hits.chats for hits in lists if hits.all), key=len)
    if not lists:
        named = search.everything()
    elif whole:
        named = {chat_id for chat_id in whole[0] if all(chat_id in others for others in whole[1:])}
    else:
        # Every word is almost everywhere: the newest chats that have all, or have the first if these are few.
        both = set(lists[0].chats).intersection(*(hits.chats for hits in lists[1:]))
        named = both if len(both) >= ENOUGH else set(lists[0].chats)
    chats = [chat for chat_id in named if (chat := search.chat(chat_id)) and not chat.gone and allowed(chat)]
    chats.sort(key=lambda chat: (chat.updated_at, chat.id), reverse=True)
    for chat in chats:
        found = search.check(chat.id, lists, query.terms)
        if found:
            yield found


@dataclass(frozen=True)
class _Hits:
    """The texts that may have a term, by chat, as (shard, number); `all`: there are no others."""

    term: Term
    chats: dict[str, list[tuple[int, int]]]
    all: bool


class _Search:
    def __init__(self, shards: Sequence[Shard], most: int) -> None:
        self._shards, self._most = shards, most
        self._texts: dict[tuple[int, int], tuple[str, str, str]] = {}

    def hits(self, term: Term) -> _Hits:
        chats: dict[str, list[tuple[int, int]]] = {}
        left = self._most
        for place, shard in enumerate(self._shards):
            rows, complete = shard.find(term, left)
            for chat_id, number in rows:
                chats.setdefault(chat_id, []).append((place, number))
            left -= len(rows)
            if not complete or left <= 0:
                return _Hits(term, chats, all=False)
        return _Hits(term, chats, all=True)

    def everything(self) -> set[str]:
        return {chat_id for shard in self._shards for chat_id in shard.chats}

    def chat(self, chat_id: str) -> Chat | None:
        """What the newest shard that knows the chat says."""
        return next((shard.chats[chat_id] for shard in self._shards if chat_id in shard.chats), None)

    def check(self, chat_id: str, lists: Sequence[_Hits], terms: Sequence[Term]) -> Found | None:
        """The chat, if each term does occur in a text of it that counts."""
        best: tuple[str, str] | None = None
        for hits in lists:
            places = hits.chats.get(chat_id) or ([] if hits.all else self._places(chat_id))
            match = self._match(chat_id, hits.term, places)
            if match is None and not hits.all:
                match = self._match(chat_id, hits.term, self._places(chat_id))
            if match is None:
                return None
            if best is None or best[0] == TITLE:
                best = match
        if best is None or best[0] == TITLE:
            return Found(chat_id, None, "")
        return Found(chat_id, best[0], snippet(best[1], terms))

    def _match(self, chat_id: str, term: Term, places: Sequence[tuple[int, int]]) -> tuple[str, str] | None:
        """(message id, text) of the newest text that has the term; the title only when no message has it."""
        title: tuple[str, str] | None = None
        for place, number in places:
            message, text, folded = self._text(place, number)
            if not term.occurs(folded) or self._void(chat_id, message, place):
                continue
            if message != TITLE:
                return message, text
            title = message, text
        return title

    def _text(self, place: int, number: int) -> tuple[str, str, str]:
        if (place, number) not in self._texts:
            message, text = self._shards[place].text(number)
            self._texts[place, number] = message, text, fold(text)
        return self._texts[place, number]

    def _void(self, chat_id: str, message: str, place: int) -> bool:
        """Whether a newer shard says something else of this message."""
        newer = (shard for shard in islice(self._shards, place) if chat_id in shard.chats)
        return any(shard.chats[chat_id].gone or message in shard.messages(chat_id) for shard in newer)

    def _places(self, chat_id: str) -> list[tuple[int, int]]:
        return [
            (place, number)
            for place, shard in enumerate(self._shards)
            if chat_id in shard.chats
            for number in shard.numbers(chat_id)
        ]
