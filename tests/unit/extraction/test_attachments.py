"""What is attached to mail is read as a file is, and what cannot be read says why, whatever it was made for."""

from email.message import EmailMessage

import pytest

from functions.extraction.readers import archives, attachments
from tests.support import documents
from tests.unit.extraction.conftest import Reading, Result

PLAN = "The orchard is pruned in February."


def mail(subject: str, *attached: tuple[str, bytes] | EmailMessage) -> EmailMessage:
    """A mail with files, and mails, attached to it."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "ada@example.org", "grace@example.org", subject
    made.set_content("See what is attached.")
    for each in attached:
        if isinstance(each, EmailMessage):
            made.add_attachment(each)
        else:
            made.add_attachment(each[1], maintype="application", subtype="octet-stream", filename=each[0])
    return made


def texts(result: Result) -> dict[tuple[str, ...], str]:
    """The text by where it stands."""
    assert result.answer["status"] == "ok", result.answer
    return {segment.headings: segment.text for segment in result.segments}


def test_files_of_any_kind_in_mail_are_read_under_their_names(read: Reading) -> None:
    content = mail(
        "Garden",
        ("plan.pdf", documents.pdf(["An overview.", PLAN])),
        ("costs.xlsx", documents.xlsx({"Costs": [["tool", "price"], ["saw", 40]]})),
        ("note.dat", "Grüße vom Feld".encode()),
        ("forward.eml", mail("Inner", ("deep.txt", b"At the bottom.")).as_bytes()),
        mail("As it came", ("list.csv", b"a,b\n1,2\n")),
    )
    result = read(content.as_bytes(), "a.eml")
    found = texts(result)
    assert found["Garden", "plan.pdf, page 2"] == PLAN
    assert "saw" in found["Garden", "costs.xlsx"]
    assert found["Garden", "note.dat"] == "Grüße vom Feld"
    assert found["Garden", "forward.eml", "Inner", "deep.txt"] == "At the bottom."
    assert "1" in found["Garden", "As it came", "As it came", "list.csv"]
    assert all(segment.page is None for segment in result.segments), "the mail itself has no pages"
    assert "Attached: plan.pdf, costs.xlsx, note.dat, forward.eml, As it came" in result.text


def test_files_and_messages_in_a_message_of_outlook_are_read(read: Reading) -> None:
    attached = {"plan.pdf": documents.pdf([PLAN]), "empty.bin": b"\x01\x02\x03"}
    found = texts(read(documents.msg("Harvest", "Come.", attached, ["Earlier", "The apples are ripe."]), "a.msg"))
    assert found["Harvest", "plan.pdf, page 1"] == PLAN
    assert "This kind of file is not known" in found["Harvest", "empty.bin"]
    assert found["Harvest", "Earlier", "Earlier"] == "The apples are ripe."


def test_what_cannot_be_read_says_why_and_keeps_nothing_else(read: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_UNPACKED", 5 * 1024**2)
    content = mail(
        "Odd",
        ("bomb.docx", documents.zipped({"word/document.xml": bytes(6 * 1024**2)})),
        ("broken.pdf", b"%PDF-1.7 and nothing else"),
        ("noise.xlsx", documents.zipped({"xl/workbook.xml": b"\xff\xfe<", "[Content_Types].xml": b"?"})),
        ("locked.pdf", documents.pdf(["secret"], password="x")),
        ("setup.exe", b"MZ" + bytes(200)),
        ("all.zip", documents.zipped({"a.txt": b"x"})),
        ("photo.png", documents.picture("x")),
        ("blank.txt", b" \n"),
        ("last.txt", b"still read"),
    )
    found = texts(read(content.as_bytes(), "a.eml"))
    for name, reason in {
        "bomb.docx": "would unpack to more than",
        "broken.pdf": "damaged",
        "noise.xlsx": "damaged",
        "locked.pdf": "protected by a password",
        "setup.exe": "This is a program",
        "all.zip": "This is an archive",
        "photo.png": "Pictures in mail are not read",
        "blank.txt": "There is no text",
    }.items():
        assert reason in found["Odd", name], name
        assert found["Odd", name].startswith(f"{name}: ")
    assert found["Odd", "last.txt"] == "still read"


def test_mail_in_mail_ends_somewhere(read: Reading) -> None:
    for as_file in (True, False):
        inner = mail("0", ("deepest.txt", b"never seen"))
        for number in range(1, 30):
            inner = mail(str(number), (f"{number}.eml", inner.as_bytes()) if as_file else inner)
        result = read(inner.as_bytes(), "a.eml")
        assert result.answer["status"] == "ok"
        assert "It lies in more than 3 mails" in result.segments[-1].text
        assert "never seen" not in result.text
    hostile = b"Content-Type: message/rfc822\n\n" * 20_000
    assert read(b"From: a@b.c\nTo: d@e.f\nSubject: x\n" + hostile, "a.eml").answer["reason"]


def test_so_many_files_and_bytes_are_read_and_no_more(read: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_FILES", 3)
    many = mail("Many", *((f"{number}.txt", b"words") for number in range(5)))
    monkeypatch.setattr(attachments.Allowance, "__init__", lambda self: self.__dict__.update(files=3, size=2000))
    found = texts(read(many.as_bytes(), "a.eml"))
    assert found["Many", "2.txt"] == "words"
    assert "are read. Save it as a file" in found["Many", "3.txt"]
    large = mail("Large", ("small.txt", b"words"), ("large.txt", b"word " * 1000), ("after.txt", b"more"))
    found = texts(read(large.as_bytes(), "b.eml"))
    assert "have more than" in found["Large", "large.txt"]
