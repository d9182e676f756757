"""Photos: what is one, what is kept of it."""

import hashlib
from io import BytesIO

import pytest
from PIL import Image

from webapp.core.pictures import LONGEST_SIDE, NotAPicture, PictureTooLarge, read_picture

PLACE = 34853  # EXIF: GPS
TURNED = 274  # EXIF: orientation


def photo(
    size: tuple[int, int] = (800, 600), kind: str = "JPEG", mode: str = "RGB", *, turned: int = 0
) -> bytes:
    made = BytesIO()
    exif = Image.Exif()
    exif[271] = "SecretPhone"
    exif.get_ifd(PLACE)[1] = "N"
    if turned:
        exif[TURNED] = turned
    Image.new(mode, size, 200 if mode in {"L", "P"} else None).save(made, kind, exif=exif)
    return made.getvalue()


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "RGB"), ("JPEG", "CMYK"), ("JPEG", "L"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB")],
)
def test_what_is_kept(kind: str, mode: str) -> None:
    raw = photo(kind=kind, mode=mode)
    kept = read_picture(raw, name="x.txt")
    shown = Image.open(BytesIO(kept.data))
    assert (shown.format, shown.mode, shown.size) == ("JPEG", "RGB", (800, 600))
    assert not shown.getexif()
    assert b"SecretPhone" not in kept.data + kept.small
    assert kept.original_sha256 == hashlib.sha256(raw).hexdigest()
    assert kept.sha256 == hashlib.sha256(kept.data).hexdigest()
    assert max(Image.open(BytesIO(kept.small)).size) == 480


def test_sixteen_bits_of_grey_are_not_white() -> None:
    made, raw = Image.new("I;16", (40, 20), 64 * 256), BytesIO()
    made.save(raw, "PNG")
    shown = Image.open(BytesIO(read_picture(raw.getvalue(), name="x.png").data))
    assert all(60 <= part <= 68 for part in shown.getpixel((20, 10)))


def test_turned_upright_and_bounded() -> None:
    kept = read_picture(photo((4000, 3000), turned=6), name="x.jpg")
    assert (kept.width, kept.height) == (LONGEST_SIDE * 3 // 4, LONGEST_SIDE)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        photo()[:400],
        photo(kind="PNG")[:60],
        b"\xff\xd8\xff\xe0" + bytes(500),
        b"GIF89a" + bytes(100),
        b"%PDF-1.7",
        photo(kind="TIFF"),
    ],
)
def test_what_is_none(raw: bytes) -> None:
    with pytest.raises(NotAPicture):
        read_picture(raw, name="x.jpg")


def test_bombs_are_not_opened() -> None:
    with pytest.raises(PictureTooLarge):
        read_picture(b"\xff" * (12 * 1024 * 1024 + 1), name="x.jpg")
    for size in ((9000, 9000), (20000, 20000)):
        made = BytesIO()
        Image.new("1", size).save(made, "PNG")
        with pytest.raises(PictureTooLarge):
            read_picture(made.getvalue(), name="x.png")
