"""The fonts of documents: Noto for nearly every script, with Chinese, Japanese, Korean and emoji."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from fpdf import FPDF

TEXT, CODE = "text", "code"
_BOLD = {"wght": 700.0}
_CODE = ("fontpkg_jetbrains_mono", "files/JetBrainsMono[wght].ttf")
_KANA_AND_HAN = ("pylopdf_fonts_jp", "NotoSansJP-Regular.otf"), ("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf")
_HANGUL = ("pylopdf_fonts_ko", "NotoSansKR-Regular.otf")


@cache
def _characters(path: Path) -> frozenset[int]:
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())


def _noto(name: str) -> Path:
    return _file("manimgx_fonts", f"{name}[wght].ttf")


def _file(package: str, name: str) -> Path:
    return Path(str(files(package) / name))


def _others(kana: bool) -> Iterator[Path]:
    """Fonts for what Noto Sans lacks, those first that have the better form of a shared character."""
    yield _noto("NotoEmoji")
    for package, name in _KANA_AND_HAN if kana else (_KANA_AND_HAN[1], _HANGUL, _KANA_AND_HAN[0]):
        yield _file(package, name)
    yield _file(*_HANGUL)
    scripts = sorted(Path(str(files("manimgx_fonts"))).glob("NotoSans*[[]wght].ttf"))
    yield from (path for path in scripts if path.name not in ("NotoSans[wght].ttf", "NotoSans-Italic[wght].ttf"))
    yield _file(*_CODE)


def add_fonts(pdf: FPDF, text: str, styles: set[str], folder: Path, *, shaped: bool) -> None:
    """Gives a document the fonts `TEXT` (in these styles) and `CODE` and, after those, whatever else `text` needs.

    Each is cut down to the characters of the text first: whole fonts take seconds. With `shaped` they keep what joins
    and moves letters. `folder` takes their files, which have to stay until the document is done.
    """
    wanted = {ord(character) for character in text} | set(range(32, 127))
    regular, italic, code = _noto("NotoSans"), _noto("NotoSans-Italic"), _file(*_CODE)

    def add(name: str, style: str, path: Path) -> None:
        target = folder / f"{name}-{style}{path.suffix}"
        bold = "B" in style
        _cut(path, wanted, target, weight=_BOLD if bold else None, shaped=shaped and not bold)
        pdf.add_font(name, style, target)

    for style in sorted({"", "B", *styles}):
        add(TEXT, style, italic if "I" in style else regular)
    add(CODE, "", code)
    missing = wanted - _characters(regular)
    kana = any(0x3040 <= character <= 0x30FF for character in wanted)
    names = []
    for path in dict.fromkeys(_others(kana)) if missing else ():
        if found := missing & _characters(path):
            missing -= found
            names.append(path.stem)
            add(path.stem, "", path)
    pdf.set_fallback_fonts([*names, TEXT], exact_match=False)


def _cut(path: Path, wanted: set[int], target: Path, *, weight: dict[str, float] | None, shaped: bool) -> None:
    """A font with the wanted characters only, at a weight of its range."""
    options = Options(notdef_outline=True, name_IDs=[1, 2, 4, 6], recalc_bounds=False)
    if not shaped:
        options.drop_tables += ["GSUB", "GPOS", "GDEF", "STAT", "MVAR", "HVAR"]
    options.layout_features = ["*"] if shaped else []
    with TTFont(path, lazy=True) as font:
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=wanted)
        subsetter.subset(font)
        if "fvar" in font:
            instantiateVariableFont(font, weight or _regular(font), inplace=True)
        font.save(target)


def _regular(font: TTFont) -> dict[str, float]:
    return {axis.axisTag: axis.defaultValue for axis in font["fvar"].axes}
