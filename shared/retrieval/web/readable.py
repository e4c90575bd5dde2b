"""What is to be read on a page of HTML: its title and its main text, as Markdown."""

import asyncio
import html
import re
from contextlib import suppress

from shared.addresses import parts_of
from shared.errors import Invalid, Upstream
from shared.guarded import Fetched
from shared.logs import logger
from shared.segments import Segment

LONGEST, MOST_TAGS = 1_000_000, 10_000
"""Characters and tags of a page that is read in this process, where it takes at most a second and 100 MB so."""
MOST_EMPHASIS = 100_000_000
"""The same in characters of the page for each emphasis on it: trafilatura copies what comes after one."""
_EMPHASIS = re.compile(r"<(?:b|em|hi|i|kbd|samp|strong|tt|u|var)\b", re.IGNORECASE)
_ELEMENTS = re.compile(r"<(?:html|body)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^>]{0,200}>(.{0,500}?)</title", re.IGNORECASE | re.DOTALL)
_HEAD = 300_000
"""Characters among which the title is looked for."""


async def read(fetched: Fetched) -> tuple[str, str, tuple[Segment, ...]]:
    """Title and text of a page, all of it where no main part can be told; segments where there are any.

    A page that would take long or much memory is read by the function `extract`, which has bounds and no permissions.
    Raises `Upstream`.
    """
    try:
        return await asyncio.to_thread(_read, fetched)
    except Invalid as error:
        host = parts_of(fetched.url).hostname
        logger().info("page not read", extra={"reason": error.detail})
        raise Upstream(f"The page at {host} could not be read: it is too large, or there is no text on it.") from error


def _read(fetched: Fetched) -> tuple[str, str, tuple[Segment, ...]]:
    import trafilatura

    # Decoded by what the page itself says where the answer did not say it.
    content = fetched.text if fetched.charset else trafilatura.utils.decode_file(fetched.content)
    found = _TITLE.search(content[:_HEAD])
    title = " ".join(html.unescape(found[1]).split()) if found else ""
    page = _page(content)
    if _is_light(page):
        return title, _text(page), ()
    from shared.retrieval.web import documents

    segments = documents.read_page(fetched.url, page)
    return title, "\n\n".join(segment.text for segment in segments), tuple(segments)


def _page(content: str) -> str:
    """The same without what comes before its elements, and with them where it is only a fragment of a page.

    Else trafilatura takes that for none, and its expressions for a doctype and the first tag take hours over some: the
    empty lines are those that it looks for them in.
    """
    first = _ELEMENTS.search(content)
    return f"<html>\n\n\n\n{content[content.find('>', first.start()) + 1 :] if first else content}"


def _is_light(page: str) -> bool:
    """Whether it can be read here."""
    if len(page) > LONGEST or page.count("<") > MOST_TAGS:
        return False
    return len(page) * len(_EMPHASIS.findall(page)) <= MOST_EMPHASIS


def _text(page: str) -> str:
    import trafilatura
    from lxml import etree

    with suppress(etree.Error, ValueError):
        text = trafilatura.extract(
            page, output_format="markdown", include_comments=False, include_tables=True, favor_recall=True
        )
        if text:
            return text
    return trafilatura.html2txt(page)
