"""Photos people send: known by their content, bounded, turned upright, kept without what cameras write into them."""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from webapp.core.errors import N_, RuleBroken

if TYPE_CHECKING:
    from PIL.Image import Image

MEGABYTE = 1024 * 1024
LARGEST = 12 * MEGABYTE  # of one photo as it is sent
MOST_PIXELS = 50_000_000  # checked before anything is decoded
LONGEST_SIDE = 2560
SMALL_SIDE = 480
KINDS = ("JPEG", "PNG", "WEBP")


class NotAPicture(RuleBroken):
    """No photo, or only the beginning of one."""

    sentence = N_("“%(name)s”不是能打开的照片。请选手机拍的照片（JPEG、PNG 或 WebP）。")
    code = "not_a_picture"
    field = "photos"


class PictureTooLarge(RuleBroken):
    """More than anyone needs to see what was there."""

    sentence = N_("“%(name)s”太大，一张照片最多 12 MB、5000 万像素。")
    code = "picture_too_large"
    field = "photos"


@dataclass(frozen=True)
class Picture:
    """A photo as it is kept: JPEG, upright, no place, no camera."""

    data: bytes
    small: bytes
    width: int
    height: int
    sha256: str
    original_sha256: str


def read_picture(raw: bytes, *, name: str, field: str = "photos") -> Picture:
    """The photo in these bytes, whatever its name says; raises NotAPicture and PictureTooLarge, shown at `field`."""
    from PIL import Image as images  # noqa: N813, PLC0415  (start-up time)
    from PIL import ImageOps  # noqa: PLC0415

    if len(raw) > LARGEST:
        raise PictureTooLarge(name=name, field=field)
    try:
        found = images.open(BytesIO(raw), formats=KINDS)
        too_large = found.width * found.height > MOST_PIXELS
        if not too_large:
            found.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded no larger than it is needed
            upright = ImageOps.exif_transpose(found)
            shown = _on_white(upright)
            shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    except (images.DecompressionBombError, images.DecompressionBombWarning) as fault:
        raise PictureTooLarge(name=name, field=field) from fault
    except Exception as fault:  # broken files make decoders raise anything
        raise NotAPicture(name=name, field=field) from fault
    if too_large:
        raise PictureTooLarge(name=name, field=field)
    data = _written(shown, 85)
    width, height = shown.size
    shown.thumbnail((SMALL_SIDE, SMALL_SIDE))
    return Picture(
        data=data,
        small=_written(shown, 80),
        width=width,
        height=height,
        sha256=hashlib.sha256(data).hexdigest(),
        original_sha256=hashlib.sha256(raw).hexdigest(),
    )


def _on_white(picture: "Image") -> "Image":
    from PIL import Image as images  # noqa: N813, PLC0415

    if picture.mode.startswith("I"):  # 16 bits of grey, which would otherwise be cut off at 255 and be white
        picture = picture.point(lambda grey: grey / 256).convert("L")
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    ground = images.new("RGB", layered.size, "white")
    ground.paste(layered, mask=layered.getchannel("A"))
    return ground


def _written(picture: "Image", quality: int) -> bytes:
    """Without EXIF, comments or profiles: only what is given is written."""
    made = BytesIO()
    bare = picture.copy()
    bare.info.clear()
    bare.save(made, "JPEG", quality=quality, optimize=True)
    return made.getvalue()
