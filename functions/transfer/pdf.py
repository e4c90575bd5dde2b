"""Conversations as PDF, typeset out of their Markdown: headings, lists, tables, quotes, code, links."""

import logging
import re
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from fpdf import FPDF, FontFace, XPos, YPos
from fpdf.enums import MethodReturnValue, WrapMode
from fpdf.errors import FPDFException
from markdown_it.tree import SyntaxTreeNode

from functions.transfer.fonts import CODE, TEXT, add_fonts
from functions.transfer.markup import parser
from shared.errors import TooLarge

SIZE, CODE_SIZE, SMALL, LINE = 10.5, 9.0, 9.0, 5.4
_HEADINGS = {"h1": 16.0, "h2": 14.0, "h3": 12.5, "h4": 11.5, "h5": 10.5, "h6": 10.5}
_INDENT = 6.0
_INK, _MUTED, _LINK, _SHADE, _RULE = (25, 25, 28), (110, 110, 118), (20, 90, 180), (244, 244, 246), (205, 205, 210)
# What no glyph stands for, and what only chooses between two of them.
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b\u2060\ufe0e\ufe0f\ufeff]")
# The joiner, skin tones and the letters of flags.
_JOINING = frozenset("\u200d" + "".join(map(chr, (*range(0x1F3FB, 0x1F400), *range(0x1F1E6, 0x1F200)))))
# Typesetting takes about a second for 20,000 characters, or 4,000 of a script that is shaped; a request has 29 s.
LONGEST, _SHAPED = 300_000, 4
TOO_LONG = "This conversation is too long for a PDF. Export it as Markdown or text."
_TAB = "    "
_PADDING = 1
_EM = SIZE * 25.4 / 72
_FEW = 20
"""Characters of a cell that fit a page however narrow its column is."""
_logger = logging.getLogger(__name__)


def typeset(title: str, entries: Sequence[tuple[str, str]]) -> bytes:
    """The PDF of a conversation: its title, then each entry (who said it, and the Markdown of what).

    Raises `TooLarge`.
    """
    # fpdf and fontTools name characters they have no glyph for: those are somebody's words.
    for name in ("fpdf", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    clean = [(_clean(who), _clean(text)) for who, text in entries]
    lines = (line for _, text in clean for line in text.split("\n"))
    if sum(len(line) * (_SHAPED if _needs_shaping(line) else 1) for line in lines) > LONGEST:
        raise TooLarge(TOO_LONG)
    with tempfile.TemporaryDirectory() as folder:
        return _Document(_clean(title), clean, Path(folder)).output()


def _clean(text: str) -> str:
    text = text.encode(errors="replace").decode()
    return _UNSHOWN.sub("", unicodedata.normalize("NFC", text.replace("\t", _TAB)))


def _needs_shaping(text: str) -> bool:
    """Whether there is something in it that changes with its neighbours: scripts that join or stack letters or run
    from right to left, emoji of several characters."""
    return not text.isascii() and any(
        unicodedata.bidirectional(character) in ("R", "AL")
        or unicodedata.category(character) in ("Mn", "Mc")
        or character in _JOINING
        for character in set(text)
    )


class _Document:
    def __init__(self, title: str, entries: Sequence[tuple[str, str]], folder: Path) -> None:
        text = "".join((title, *(part for entry in entries for part in entry), "•0123456789.☐☑"))
        pdf = FPDF(format="A4")
        self._pdf = pdf
        pdf.set_title(title)
        pdf.set_creator("Cirrus")
        pdf.set_margins(20, 18)
        pdf.set_auto_page_break(True, margin=20)
        parsed = [(who, words, _parsed(words)) for who, words in entries]
        shaped = _needs_shaping(text)
        add_fonts(pdf, text, {style for *_, (_, styles) in parsed for style in styles}, folder, shaped=shaped)
        pdf.add_page()
        self._style, self._font, self._size, self._color = "", TEXT, SIZE, _INK
        self._heading(title, 20.0)
        for who, words, (blocks, _) in parsed:
            self._entry(who, words, blocks)

    def output(self) -> bytes:
        """The bytes of the file."""
        return bytes(self._pdf.output())

    def _entry(self, who: str, words: str, blocks: Sequence[SyntaxTreeNode] | None) -> None:
        pdf = self._pdf
        pdf.ln(4)
        if pdf.will_page_break(3 * LINE):
            pdf.add_page()
        pdf.set_draw_color(*_RULE)
        pdf.line(pdf.l_margin, pdf.get_y(), pdf.w - pdf.r_margin, pdf.get_y())
        pdf.ln(2.5)
        self._set(TEXT, "B", SMALL, _MUTED)
        pdf.set_text_shaping(_needs_shaping(who))
        pdf.multi_cell(0, LINE, who, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.ln(1)
        self._set(TEXT, "", SIZE, _INK)
        if blocks is None:
            self._as_it_is(words)
            return
        lines = words.split("\n")
        for block in blocks:
            first, end = block.map or (0, 0)
            self._safely(block, "\n".join(lines[first:end]))

    def _safely(self, block: SyntaxTreeNode, source: str) -> None:
        """A block, or its Markdown where it cannot be set: the document is never lost over it."""
        margin = self._pdf.l_margin
        try:
            self._block(block)
        except Exception as error:  # noqa: BLE001 - fpdf raises what it likes over text that it cannot lay out
            _logger.warning("A part of a conversation could not be typeset: %s", type(error).__name__)
            self._pdf.set_left_margin(margin)
            self._set(TEXT, "", SIZE, _INK)
            self._pdf.ln(LINE)
            self._as_it_is(source)

    def _as_it_is(self, text: str) -> None:
        self._lines(text)
        self._pdf.ln(2)

    def _lines(self, text: str) -> None:
        pdf = self._pdf
        pdf.set_x(pdf.l_margin)
        pdf.set_text_shaping(_needs_shaping(text))
        pdf.multi_cell(0, LINE, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _heading(self, text: str, size: float) -> None:
        self._set(TEXT, "B", size, _INK)
        self._pdf.set_text_shaping(_needs_shaping(text))
        self._pdf.multi_cell(0, size * 0.5, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._set(TEXT, "", SIZE, _INK)

    def _set(self, font: str, style: str, size: float, color: tuple[int, int, int]) -> None:
        self._font, self._style, self._size, self._color = font, style, size, color
        self._pdf.set_font(font, style if font == TEXT else "", size)
        self._pdf.set_text_color(*color)

    def _blocks(self, nodes: Sequence[SyntaxTreeNode]) -> None:
        for node in nodes:
            self._block(node)

    def _block(self, node: SyntaxTreeNode) -> None:
        match node.type:
            case "paragraph":
                self._paragraph(node)
            case "heading":
                self._titled(node)
            case "fence" | "code_block":
                self._code(node.content)
            case "bullet_list" | "ordered_list":
                self._list(node)
            case "blockquote":
                self._quote(node)
            case "table":
                self._table(node)
            case "hr":
                self._rule()
            case _:
                self._blocks(node.children)

    def _paragraph(self, node: SyntaxTreeNode) -> None:
        for child in node.children:
            self._inlines(child.children)
        self._end_line()
        if not node.hidden:
            self._pdf.ln(2)

    def _end_line(self) -> None:
        self._pdf.ln(LINE)

    def _titled(self, node: SyntaxTreeNode) -> None:
        size = _HEADINGS.get(node.tag, SIZE)
        if self._pdf.will_page_break(size):
            self._pdf.add_page()
        self._pdf.ln(1.5)
        self._set(TEXT, "B", size, _INK)
        for child in node.children:
            self._inlines(child.children)
        self._pdf.ln(size * 0.55)
        self._pdf.ln(1)
        self._set(TEXT, "", SIZE, _INK)

    def _rule(self) -> None:
        pdf = self._pdf
        pdf.ln(2)
        pdf.set_draw_color(*_RULE)
        pdf.line(pdf.l_margin, pdf.get_y(), pdf.w - pdf.r_margin, pdf.get_y())
        pdf.ln(3)

    def _code(self, code: str) -> None:
        before = self._font, self._style, self._size, self._color
        self._set(CODE, "", CODE_SIZE, _INK)
        self._pdf.set_fill_color(*_SHADE)
        self._pdf.set_text_shaping(_needs_shaping(code))
        self._pdf.multi_cell(
            0, 4.6, code.rstrip("\n"), align="L", fill=True, padding=2, wrapmode=WrapMode.CHAR,
            new_x=XPos.LMARGIN, new_y=YPos.NEXT,
        )  # fmt: skip
        self._pdf.ln(2.5)
        self._set(*before)

    def _indented(self, by: float, nodes: Sequence[SyntaxTreeNode]) -> None:
        pdf = self._pdf
        margin = pdf.l_margin
        pdf.set_left_margin(min(margin + by, pdf.w / 2))
        pdf.set_x(pdf.l_margin)
        self._blocks(nodes)
        pdf.set_left_margin(margin)
        pdf.set_x(margin)

    def _list(self, node: SyntaxTreeNode) -> None:
        first = int(node.attrs.get("start") or 1)
        for number, item in enumerate(node.children, first):
            mark = "•" if node.type == "bullet_list" else f"{number}."
            if self._pdf.will_page_break(LINE):
                self._pdf.add_page()
            self._pdf.set_text_shaping(False)
            self._pdf.cell(_INDENT, LINE, mark, align="L")
            self._indented(_INDENT, item.children)
            if not item.children:
                self._end_line()
        self._pdf.ln(1.5)

    def _quote(self, node: SyntaxTreeNode) -> None:
        before = self._font, self._style, self._size, self._color
        self._set(TEXT, "I", SIZE, _MUTED)
        self._indented(_INDENT, node.children)
        self._set(*before)

    def _table(self, node: SyntaxTreeNode) -> None:
        rows = [[_plain(cell) for cell in row.children] for part in node.children for row in part.children]
        margin = self._pdf.l_margin
        try:
            if not self._drawn(rows):
                self._listed(rows)
        except FPDFException:
            # A column too narrow for one of its characters, which shows before anything is drawn.
            self._pdf.set_left_margin(margin)
            self._listed(rows)
        self._set(self._font, self._style, self._size, self._color)
        self._pdf.ln(2.5)

    def _drawn(self, rows: Sequence[Sequence[str]]) -> bool:
        """Draws a table, where it fits the page."""
        self._pdf.set_draw_color(*_RULE)
        self._pdf.set_text_shaping(any(map(_needs_shaping, chain.from_iterable(rows))))
        if not self._fits(rows):
            return False
        with self._pdf.table(
            rows, align="LEFT", line_height=LINE, text_align="LEFT", padding=_PADDING,
            headings_style=FontFace(emphasis="BOLD"),
        ):  # fmt: skip
            pass
        return True

    def _fits(self, rows: Sequence[Sequence[str]]) -> bool:
        """Whether each row has room on a page below the first one, which is repeated there."""
        pdf = self._pdf
        width = pdf.epw / max(map(len, rows))
        if width - 2 * _PADDING < 2 * _EM:
            return False
        before = self._font, self._style, self._size, self._color
        self._set(TEXT, "B", SIZE, _INK)
        head = max(self._height(text, width) for text in rows[0])
        fits = all(head + self._height(text, width) < pdf.eph for row in rows[1:] or rows for text in row)
        self._set(*before)
        return fits

    def _height(self, text: str, width: float) -> float:
        if len(text) <= _FEW:
            return 2 * _PADDING + LINE * len(text)
        measured = self._pdf.multi_cell(
            width, LINE, text, align="L", padding=_PADDING, dry_run=True, output=MethodReturnValue.HEIGHT
        )
        assert isinstance(measured, float)
        return measured

    def _listed(self, rows: Sequence[Sequence[str]]) -> None:
        """A table row by row, the names of the columns beside their values."""
        names = rows[0]
        for row in rows[1:] or rows:
            named = ((names[at] if rows[1:] else "", text) for at, text in enumerate(row))
            self._lines("\n".join(f"{name}: {text}" if name else text for name, text in named if text))
            self._pdf.ln(1.5)

    def _inlines(self, nodes: Sequence[SyntaxTreeNode]) -> None:
        for node in nodes:
            self._inline(node)

    def _inline(self, node: SyntaxTreeNode, link: str = "") -> None:
        before = self._font, self._style, self._size, self._color
        match node.type:
            case "text":
                self._write(node.content, link)
            case "softbreak":
                self._write("\n", link)
            case "hardbreak":
                self._write("\n", link)
            case "code_inline":
                self._set(CODE, "", CODE_SIZE, self._color)
                self._write(node.content, link)
            case "strong" | "em":
                mark = "B" if node.type == "strong" else "I"
                style = "".join(sorted({*self._style, mark}))
                self._set(self._font, style, self._size, self._color)
                self._children(node, link)
            case "link" if not str(node.attrs.get("href")).startswith("#"):
                self._set(self._font, self._style, self._size, _LINK)
                self._children(node, str(node.attrs.get("href") or ""))
            case "image":
                self._write(f"[{_plain(node) or 'image'}]", link)
            case _:
                self._children(node, link)
        self._set(*before)

    def _children(self, node: SyntaxTreeNode, link: str) -> None:
        for child in node.children:
            self._inline(child, link)

    def _write(self, text: str, link: str) -> None:
        if text:
            self._pdf.set_text_shaping(_needs_shaping(text))
            self._pdf.write(LINE if self._size <= SIZE else self._size * 0.55, text, link)


def _parsed(words: str) -> tuple[Sequence[SyntaxTreeNode] | None, set[str]]:
    """The blocks of Markdown, if they can be told, and the styles of their text."""
    try:
        node = SyntaxTreeNode(parser().parse(words))
        return node.children, set(_styles(node))
    except RecursionError:
        return None, set()


def _styles(node: SyntaxTreeNode, style: str = "") -> Iterator[str]:
    """The styles of text below a node, as `_Document` sets them."""
    mark = {"strong": "B", "heading": "B", "em": "I", "blockquote": "I"}.get(node.type, "")
    style = "".join(sorted({*style, *mark}))
    yield style
    for child in node.children or ():
        yield from _styles(child, style)


def _plain(node: SyntaxTreeNode) -> str:
    """The text in a node, without what it looks like."""
    return "".join(_texts(node))


def _texts(node: SyntaxTreeNode) -> Iterator[str]:
    if node.type in ("softbreak", "hardbreak"):
        yield " "
    elif node.children:
        for child in node.children:
            yield from _texts(child)
    else:
        yield node.content
