"""Which kind of file this is, by its content and never by its name; and its pages."""

import io
import re
import zipfile
from collections.abc import Callable

from webapp.core import spelling
from webapp.core.errors import N_, Words
from webapp.core.tables import markup, ods, text, xls, xlsx
from webapp.core.tables.pages import (
    UNPACKED_LIMIT,
    Limits,
    LockedFile,
    OtherKindOfFile,
    Page,
    SheetTooLarge,
    UnreadableSheet,
)

_SAVE = N_("请在 Excel 或 WPS 里另存为“Excel 工作簿（.xlsx）”，")
_COPY = N_("请把里面的表格复制到 Excel 或 WPS，另存为 .xlsx ")
_UNPACK = N_("请先解压，取出里面的表格，")
_EXPORT = N_("请在 Numbers 里选“导出为 Excel”，")
_PDF, _PICTURE, _ARCHIVE = N_("这是 PDF"), N_("这是图片"), N_("这是压缩包")
_WORD, _SLIDES = N_("这是文字文档（Word 或 WPS 文字）"), N_("这是幻灯片")
_NUMBERS, _BINARY, _MAIL = (
    N_("这是 Numbers 文稿"),
    N_("这是二进制工作簿（.xlsb）"),
    N_("这是单个网页文件（.mht）"),
)
_CALENDAR, _VIDEO, _WAIT = N_("这是日历文件（.ics）"), N_("这是视频或录音"), N_("这是数据库文件")

_HEADS = (
    (rb"%PDF", _PDF, _COPY),
    (rb"\xff\xd8\xff|\x89PNG|GIF8|BM.{4}\0\0\0\0|II\*\0|MM\0\*|RIFF....WEBP|....ftyp(?:hei|mif|avif)", _PICTURE, _COPY),
    (rb"....ftyp|ID3|RIFF", _VIDEO, _SAVE),
    (rb"Rar!|7z\xbc\xaf|\x1f\x8b|BZh", _ARCHIVE, _UNPACK),
    (rb"\{\\rtf", _WORD, _COPY),
    (rb"SQLite format|.{4}Standard (?:Jet|ACE) DB", _WAIT, _SAVE),
    (rb"(?i:MIME-Version:|From:.{0,200}MIME)", _MAIL, _SAVE),
    (rb"(?i:\s*BEGIN:V(?:CALENDAR|CARD))", _CALENDAR, _SAVE),
)  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_INSIDE_OLE = (
    ("WordDocument", _WORD, _COPY),
    ("PowerPoint Document", _SLIDES, _COPY),
)
_INSIDE_ZIP = (
    ("xl/workbook.bin", _BINARY, _SAVE),
    ("word/", _WORD, _COPY),
    ("ppt/", _SLIDES, _COPY),
    ("Index/", _NUMBERS, _EXPORT),
    ("Index.zip", _NUMBERS, _EXPORT),
)


def _other(what: str, how: str) -> OtherKindOfFile:
    return OtherKindOfFile(what=Words(what), how=Words(how))


def open_pages(content: bytes, limits: Limits | None = None) -> list[Page]:
    """Its pages, at least one, in their order. Raises SheetTooLarge, UnreadableSheet, OtherKindOfFile."""
    limits = limits or Limits()
    if len(content) > limits.bytes:
        raise limits.too_large()
    try:
        pages = _reader(content, limits)(content, limits)
    except (SheetTooLarge, UnreadableSheet):
        raise
    except Exception as error:  # whatever is inside a file someone made, it is the file that is at fault
        raise (LockedFile() if "encrypt" in str(error).lower() else UnreadableSheet()) from error
    return pages or [Page("", [])]


def _reader(content: bytes, limits: Limits) -> Callable[[bytes, Limits], list[Page]]:
    if content.startswith(b"PK\x03\x04"):
        return _zipped(content, limits)
    if content.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise LockedFile
        for name, what, how in _INSIDE_OLE:
            if name.encode("utf-16-le") in content:
                raise _other(what, how)
        return xls.read
    if content[:2] == b"\x09\x08" or content[:2] in {b"\x09\x00", b"\x09\x02", b"\x09\x04"}:
        return xls.read  # Excel 2 to 5, without the envelope
    for head, what, how in _HEADS:
        if re.match(head, content[:2000], re.DOTALL):
            raise _other(what, how)
    return _text


def _zipped(content: bytes, limits: Limits) -> Callable[[bytes, Limits], list[Page]]:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        if sum(part.file_size for part in parts.infolist()) > UNPACKED_LIMIT:
            raise limits.too_large()
        names = set(parts.namelist())
        if any(part.flag_bits & 1 for part in parts.infolist()):
            raise LockedFile
    for start, what, how in _INSIDE_ZIP:
        if any(name.startswith(start) for name in names):
            raise _other(what, how)
    if "xl/workbook.xml" in names or "[Content_Types].xml" in names:
        return xlsx.read
    if "content.xml" in names:
        return ods.read
    raise _other(_ARCHIVE, _UNPACK)


def _text(content: bytes, limits: Limits) -> list[Page]:
    found = text.decoded(content)
    start = spelling.visible(found[:4000]).lstrip().lower()
    if start.startswith("<?xml") and "urn:schemas-microsoft-com:office:spreadsheet" in start:
        return ods.read_xml(content, limits)
    if start.startswith("<") and re.search(r"<(?:html|table|head|meta|!doctype html)", start):
        return markup.read(_by_its_own_word(content, found), limits)
    return text.read(found, limits)


def _by_its_own_word(content: bytes, found: str) -> str:
    """A page that says GB 2312 and by chance can be read as UTF-8 is the first; what it says it mostly is."""
    said = re.search(rb"charset=[\"']?([\w-]{2,20})", content[:2000], re.IGNORECASE)
    if said and said[1].lower() in {b"gb2312", b"gbk", b"gb18030"}:
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError:
            return found
    return found
