"""The scanner as something to install: its service worker and its manifest."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, current_app, request
from flask_babel import force_locale
from flask_babel import gettext as _

from webapp.attendance.views import blueprint
from webapp.core import i18n
from webapp.core.auth import public
from webapp.core.templating import static_url, view_mode

# Named by the page with a digest: what the page has just loaded is not sent a second time.
NAMED = (
    "vendor/bootstrap.min.css",
    "css/base.css",
    "css/components.css",
    "css/print.css",
    "css/scan.css",
    "css/kiosk.css",
    "js/page.js",
    "js/forms.js",
    "js/scan.js",
    "js/kiosk.js",
    "vendor/zxing_reader.js",
    "vendor/zxing_reader.wasm",
    "img/icons.svg",
    "img/favicon.svg",
    "img/logo.svg",
)
# Kept only by phones that need them: the reader for browsers which refuse the fast one.
LATER = ("vendor/jsqr.js",)
# Imported by other modules under their plain names.
IMPORTED = ("vendor/idb.js", "vendor/qrcode.js")
ICONS = (("img/icon-192.png", "192x192", "any"), ("img/icon-512.png", "512x512", "any"))
MASKABLE = ("img/icon-maskable.png", "512x512", "maskable")


@cache
def _digest(path: str, _modified: float) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def _page_sources() -> list[Path]:
    """What the pages of the scanner are made of besides static files."""
    templates = Path(current_app.root_path, current_app.template_folder or "templates").resolve()
    found = [templates / "base.html", *templates.glob("_macros/*.html"), *templates.glob("attendance/*.html")]
    return sorted(found) + sorted(Path(current_app.root_path).glob("translations/*/LC_MESSAGES/*.mo"))


def _files(static: Path) -> list[str]:
    """Addresses of the static files the scanner needs, as its pages name them."""
    modules = sorted(path.relative_to(static).as_posix() for path in static.glob("js/scan/*.js"))
    named = [static_url(name) for name in NAMED if (static / name).is_file()]
    return named + [static_url(name).partition("?")[0] for name in (*IMPORTED, *modules)]


def _version(files: list[str], static: Path) -> str:
    """Changes with any byte of the files, of the pages, and with the language and look this browser chose."""
    made = hashlib.sha256(f"{i18n.language()} {view_mode()}".encode())
    sources = [static / address.removeprefix("/static/").partition("?")[0] for address in files]
    for path in [*sources, *_page_sources()]:
        made.update(_digest(str(path), path.stat().st_mtime).encode())
    return made.hexdigest()[:16]


@blueprint.get("/sw.js")
@public
def service_worker() -> Any:
    """Keeps the scanner's pages and files on the phone; a browser asks for it again at every visit."""
    static = Path(current_app.static_folder or "static")
    files, later = _files(static), [static_url(name) for name in LATER if (static / name).is_file()]
    kept = json.dumps({"version": _version([*files, *later], static), "files": files, "later": later})
    script = (static / "js/sw.js").read_text("utf-8")
    response = Response(f"self.KEPU = {kept};\n{script}", mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = "/scan"
    response.vary.add("Cookie")
    response.add_etag()
    return response.make_conditional(request)


@blueprint.get("/scan/manifest.webmanifest")
@public
def manifest() -> Response:
    """What a phone shows when the scanner is put on its home screen, in the language of the page that names it.

    Browsers ask for it without cookies and keep it by its address: so the language stands there.
    """
    locale = i18n.LOCALES.get(request.args.get("lang", ""), i18n.LOCALES["zh"])
    with force_locale(locale):
        described = _described()
    response = Response(json.dumps(described, ensure_ascii=False), mimetype="application/manifest+json")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _described() -> dict[str, Any]:
    icons = [
        {"src": static_url(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
        for name, sizes, purpose in (*ICONS, MASKABLE)
    ]
    return {
        "id": "/scan",
        "name": _("科普行签到"),
        "short_name": _("签到"),
        "lang": i18n.html_lang(),
        "start_url": "/scan",
        "scope": "/scan",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0d5866",
        "icons": icons,
    }
