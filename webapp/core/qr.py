"""QR codes as SVG and PNG: sharp at any size, and without style attributes, which the page's policy would drop."""

from io import BytesIO

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

BORDER = 4  # modules of quiet zone that ISO/IEC 18004 asks for
MODULE_PIXELS = 12
PAPER_PIXELS = 4  # a module of 0.7 mm at 150 dpi
# Trying all eight masks is four fifths of the work. The mask breaks up regular patterns, which a signature has not.
PAPER_MASK = 3


def _code(text: str, mask: int | None = None) -> qrcode.QRCode:
    code = qrcode.QRCode(
        error_correction=ERROR_CORRECT_M, border=BORDER, box_size=MODULE_PIXELS, mask_pattern=mask
    )
    code.add_data(text)
    code.make(fit=True)
    return code


def svg(text: str) -> bytes:
    """The code as one path on white, one unit per module."""
    rows: list[list[bool]] = _code(text).get_matrix()
    size, runs = len(rows), []
    for y, row in enumerate(rows):
        x = 0
        while x < size:
            end = x
            while end < size and row[end]:
                end += 1
            if end > x:
                runs.append(f"M{x} {y}h{end - x}v1H{x}z")
            x = end + 1
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{"".join(runs)}"/></svg>'
    ).encode()


def png(text: str) -> bytes:
    """The code black on white, large enough to print and to send on."""
    picture = BytesIO()
    _code(text).make_image().save(picture)
    return picture.getvalue()


def for_paper(text: str) -> bytes:
    """A small PNG of one bit a pixel, for sheets with hundreds of codes: quick to make, and to lay out."""
    rows: list[list[bool]] = _code(text, PAPER_MASK).get_matrix()
    size = len(rows)
    dots = Image.new("1", (size, size), 1)
    dots.putdata([int(not dark) for row in rows for dark in row])
    picture = BytesIO()
    dots.resize((size * PAPER_PIXELS, size * PAPER_PIXELS), Image.Resampling.NEAREST).save(picture, "PNG")
    return picture.getvalue()
