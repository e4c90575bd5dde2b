"""E-mail: EML by the standard library, MSG by python-oxmsg."""

from collections.abc import Iterator
from dataclasses import replace
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from functools import partial
from pathlib import Path
from typing import cast

from olefile import OleFileIO
from oxmsg import Message
from oxmsg.attachment import Attachment
from oxmsg.storage import Storage

from functions.extraction.readers.attachments import Attached, Within, read_attached
from functions.extraction.readers.charsets import declared
from functions.extraction.readers.markup import html_sections, text_of_page
from shared.segments import Segment

_SHOWN = ("Subject", "From", "To", "Cc", "Date")
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
_UNNAMED = "a mail without a subject"
# [MS-OXMSG] 2.2.2: a message in a message is a storage, whose properties have a head 8 bytes shorter.
_INNER_MESSAGE, _PROPERTIES = "__substg1.0_3701000D", "__properties_version1.0"
_INNER_HEAD, _MISSING = 24, bytes(8)


def read_eml(path: Path, within: Within | None = None) -> Iterator[Segment]:
    """The head, the text, or the page where there is no text, and what is attached."""
    with path.open("rb") as file:
        mail = BytesParser(policy=policy.default).parse(file)
    yield from _of_eml(mail, within or Within(path.parent))


def read_msg(path: Path, within: Within | None = None) -> Iterator[Segment]:
    """The same of a message that Outlook has saved."""
    with OleFileIO(str(path)) as compound:
        storage = Storage.from_ole(compound)
    yield from _of_msg(storage, within or Within(path.parent))


def _of_eml(mail: EmailMessage, within: Within) -> Iterator[Segment]:
    subject = str(mail.get("Subject", "")).strip()
    yield _head({name: str(mail.get(name, "")) for name in _SHOWN}, subject)
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        text = _decoded(body) if body is not None else ""
        if text.strip():
            yield from _body(text, kind == "html", subject)
            break
    found = [_part(part) for part in mail.iter_attachments() if part.get_content_type() not in _SIGNATURES]
    yield from read_attached([each for each in found if each is not None], _heading(subject), within)


def _of_msg(storage: Storage, within: Within) -> Iterator[Segment]:
    mail = Message(storage)
    subject = (mail.subject or "").strip("\x00\r\n ")
    yield _head(_fields(mail), subject)
    if mail.body and mail.body.strip():
        yield from _body(mail.body, False, subject)
    elif mail.html_body:
        yield from _body(mail.html_body, True, subject)
    found = [_stored(each) for each in storage.iter_attachment_storages()]
    yield from read_attached([each for each in found if each is not None], _heading(subject), within)


def _part(part: MIMEPart) -> Attached | None:
    """A part of a mail that is attached to it; None for what has no name."""
    name = (part.get_filename() or "").strip()
    if part.get_content_type() == "message/rfc822":
        inner = part.get_content()
        return Attached(name or str(inner.get("Subject", "")) or _UNNAMED, mail=partial(_of_eml, inner))
    return Attached(name, lambda: cast("bytes", part.get_payload(decode=True) or b"")) if name else None


def _stored(storage: Storage) -> Attached | None:
    """What a storage of Outlook's has: a file, or a mail; None for what has no name."""
    attachment = Attachment(storage)
    name = (attachment.file_name or "").strip("\x00 ")
    inner = next((each for each in storage.storages if each.name == _INNER_MESSAGE), None)
    if inner is not None:
        message = _as_outer(inner)
        return Attached(name or Message(message).subject.strip("\x00 ") or _UNNAMED, mail=partial(_of_msg, message))
    return Attached(name, lambda: attachment.file_bytes or b"") if name else None


def _as_outer(inner: Storage) -> Storage:
    """A message in a message as the library takes it, which knows the outermost ones only."""
    streams = (
        replace(each, bytes_=each.bytes_[:_INNER_HEAD] + _MISSING + each.bytes_[_INNER_HEAD:])
        if each.name == _PROPERTIES
        else each
        for each in inner.streams
    )
    return replace(inner, streams=tuple(streams))


def _fields(mail: Message) -> dict[str, str]:
    people = ", ".join(f"{each.name} <{each.email_address}>" for each in mail.recipients)
    sent = mail.sent_date.isoformat(" ") if mail.sent_date else ""
    return {"Subject": (mail.subject or "").strip("\x00"), "From": mail.sender or "", "To": people, "Date": sent}


def _head(fields: dict[str, str], subject: str) -> Segment:
    lines = (f"{name}: {' '.join(value.split())}" for name, value in fields.items() if value.strip())
    return Segment("\n".join(lines), headings=_heading(subject))


def _decoded(body: MIMEPart) -> str:
    """The text of a part. Charsets that nobody knows are common in mail."""
    try:
        return str(body.get_content())
    except (LookupError, ValueError):
        content = cast("bytes", body.get_payload(decode=True) or b"")
        return text_of_page(content, declared(content) or "cp1252")


def _body(text: str, is_html: bool, subject: str) -> Iterator[Segment]:
    headings = _heading(subject)
    if not is_html:
        yield Segment(text.replace("\r\n", "\n").strip(), headings=headings)
        return
    for section in html_sections(text):
        yield Segment(section.text, headings=(*headings, *section.headings))


def _heading(subject: str) -> tuple[str, ...]:
    return (subject,) if subject else ()
