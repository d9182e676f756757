"""A PDF looked at as a reader does: pages turned into pictures, codes read from them, ink where words should be."""

import subprocess
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

DPI = 150
_SERIF = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc"


def _run(*command: str | Path) -> str:
    return subprocess.run([str(part) for part in command], capture_output=True, check=True, text=True).stdout


def text_of(paper: bytes, folder: Path) -> str:
    """What a program reads in it, without any white space."""
    file = folder / "paper.pdf"
    file.write_bytes(paper)
    return "".join(_run("pdftotext", "-layout", file, "-").split())


def pages_of(paper: bytes, folder: Path, *, dpi: int = DPI) -> list[Path]:
    """Each page as a picture; a phone before a sheet of small codes sees more than 150 dots to the inch."""
    file = folder / "paper.pdf"
    file.write_bytes(paper)
    for old in folder.glob("page*.png"):
        old.unlink()
    _run("pdftoppm", "-r", str(dpi), "-png", file, folder / "page")
    return sorted(folder.glob("page*.png"))


def codes_on(picture: Path) -> list[str]:
    """The QR codes a scanner finds in the picture."""
    found = _run("zbarimg", "-q", "--nodbus", "--raw", "-Sdisable", "-Sqrcode.enable", picture)
    return found.splitlines()


def fonts_of(paper: bytes, folder: Path) -> list[str]:
    """Names of the fonts in it, without the prefix of a subset."""
    file = folder / "paper.pdf"
    file.write_bytes(paper)
    lines = _run("pdffonts", file).splitlines()[2:]
    return [line.split()[0].rpartition("+")[2] for line in lines]


@cache
def _font(file: str, face: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file, size, index=face)


def looks_like(
    picture: Path, words: str, *, box: tuple[float, float, float, float], bold: str = _SERIF
) -> float:
    """How much the ink in a part of the page (shares of width and height) looks like these words, 0 to 1.

    The same words are drawn with the same font; both are cut to their ink, brought to one size and compared point by
    point. Boxes, other characters and blank paper are far below what the right words reach.
    """
    page = Image.open(picture).convert("L")
    left, top, right, bottom = box
    width, height = page.size
    part = page.crop((int(left * width), int(top * height), int(right * width), int(bottom * height)))
    seen = _ink(part)
    drawn = Image.new("L", (len(words) * 140, 200), 255)
    pen, x = ImageDraw.Draw(drawn), 10
    for word in words:  # as the title is set: letter-spaced
        pen.text((x, 20), word, font=_font(bold, 2, 96), fill=0)
        x += int(96 * 1.18)
    if seen is None:
        return 0.0
    wanted = _ink(drawn)
    assert wanted is not None
    size = (len(words) * 40, 40)
    first, second = seen.resize(size), wanted.resize(size)
    pairs = list(zip(first.tobytes(), second.tobytes(), strict=True))
    both = sum(min(255 - a, 255 - b) for a, b in pairs)
    either = sum(max(255 - a, 255 - b) for a, b in pairs)
    return both / either if either else 0.0


def _ink(picture: Image.Image) -> Image.Image | None:
    """The picture cut to what is printed on it."""
    box = picture.point(lambda value: 255 if value < 160 else 0).getbbox()
    return picture.crop(box) if box else None
