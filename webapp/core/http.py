"""Refusals and faults → answers: pages for people, problem+json for programs; security headers; safe redirects."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.json.provider import DefaultJSONProvider
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, ServiceUnavailable, Unauthorized
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField

from webapp.core import auth, looking
from webapp.core.again import is_busy
from webapp.core.entered import came_from, entered, kept, written
from webapp.core.errors import Conflict, Expired, N_, NotAllowed, NotFound, Refusal, RuleBroken, Words
from webapp.core.i18n import sentence_of
from webapp.core.seen import DecidedMeanwhile

STATUS = {NotFound: 404, NotAllowed: 403, RuleBroken: 422, Conflict: 409, Expired: 410}

# Sentences for faults that are not refusals of the field, by HTTP status.
HTTP_SENTENCES = {
    400: N_("发来的内容不完整或格式不对，服务器没有读懂。"),
    401: N_("请先登录。"),
    403: N_("您没有打开这一页的权限。"),
    404: N_("没有找到这一页，可能已经删除，或链接不完整。"),
    405: N_("这个地址不支持这样的请求。"),
    406: N_("没有您要的格式。"),
    409: N_("别人刚刚改动了这一项，请看过新内容后再试。"),
    410: N_("这个链接已经失效。"),
    413: N_("发来的内容太大。"),
    415: N_("不支持这种内容类型。"),
    422: N_("发来的内容有不符合要求的地方。"),
    429: N_("操作太频繁，请稍等一会儿再试。"),
    500: N_("服务器出了问题，刚才的操作没有保存。我们已经记下。"),
    503: N_("服务器正忙，请稍后再试。"),
}

CSP = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


class StrictJson(DefaultJSONProvider):
    """JSON as the standard has it: text too deep to read is bad input like any other, and characters stay readable."""

    ensure_ascii = False
    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read; raises ValueError for anything that cannot be read."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def status_of(refusal: Refusal) -> int:
    """HTTP status of a refusal's kind; a refusal may narrow it with an `http_status` attribute."""
    own = getattr(refusal, "http_status", None)
    if own:
        return int(own)
    return next((code for kind, code in STATUS.items() if isinstance(refusal, kind)), 422)


def wants_json() -> bool:
    """Whether the caller is a program."""
    if request.path.startswith("/api/") or request.is_json:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and "json" in best


def problem(status: int, *, code: str, detail: str, **more: Any) -> Response:
    """An answer of RFC 9457 with a stable `code`."""
    title = str(_(HTTP_SENTENCES.get(status, HTTP_SENTENCES[400])))
    response = jsonify({"status": status, "title": title, "detail": detail, "code": code} | more)
    response.status_code = status
    response.content_type = "application/problem+json"
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def json_or_problem(status: int, body: dict[str, Any]) -> Response:
    """An expected answer as JSON; from 400 on as problem+json under its own title, the rest of the body beside it."""
    if status >= 400:
        rest = {name: value for name, value in body.items() if name not in {"code", "detail"}}
        return problem(status, code=body["code"], detail=body["detail"], **{"title": body["detail"]} | rest)
    response = jsonify(body)
    response.status_code = status
    return response


def show_on_form(form: FlaskForm, refusal: Refusal) -> None:
    """Put a refusal next to the field it is about, else at the top of the form."""
    sentence = sentence_of(refusal)
    name = refusal.at_field
    if name and name in form:
        form[name].errors = [*form[name].errors, sentence]
    else:
        form.form_errors = [*form.form_errors, sentence]
    form.leads_to = refusal.extra.get("to")  # the macro of the summary says it as a link
    if isinstance(refusal, DecidedMeanwhile) and refusal.row is not None:
        _show_as_it_is(form, refusal.row)


def _show_as_it_is(form: FlaskForm, row: Any) -> None:
    """Beside each field that was filled in otherwise than the row is now: as what it is now."""
    for field in form:
        now = getattr(row, field.name, None) if field.name in row.__looks__.columns else None
        if isinstance(now, str) and isinstance(field, StringField) and (field.data or "") != now:
            field.errors = [*field.errors, _("现在是“%(now)s”。", now=now or _("空的"))]


def flash_refusal(refusal: Refusal) -> None:
    """Show a refusal at the top of the next page; what was decided meanwhile is a page of its own, with its status."""
    if isinstance(refusal, DecidedMeanwhile):
        raise refusal
    flash(sentence_of(refusal), "error")


def safe_next(target: str | None, fallback: str) -> str:
    """`target` if it is a path of this site, else `fallback`: no open redirects.

    Backslashes and doubled slashes are refused because browsers read them as another host.
    """
    if not target or target[0] != "/" or "\\" in target or "//" in target or not target.isprintable():
        return fallback
    parts = urlsplit(target)
    return fallback if parts.scheme or parts.netloc else target


def page_for(status: int, sentence: str, **context: Any) -> tuple[str, int]:
    """The error page of a status."""
    known = {400, 403, 404, 409, 410, 413, 429, 500, 503}
    template = f"errors/{status if status in known else 400}.html"
    g.is_error_page = True
    return render_template(template, sentence=sentence, status=status, **context), status


def _plain(value: Any) -> Any:
    """A value beside a refusal, for programs: moments as ISO 8601, marked sentences as they are read."""
    if isinstance(value, Words):
        return _(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _on_refusal(refusal: Refusal) -> Any:
    status, sentence = status_of(refusal), sentence_of(refusal)
    if wants_json():
        extra = {name: _plain(value) for name, value in refusal.extra.items()}
        if "errors" in extra:  # sentences by field, marked like every other
            errors = {name: [str(_(one)) for one in some] for name, some in extra["errors"].items()}
            extra = extra | {"errors": errors}
        # Its own title: that of the status speaks of other things ("somebody was faster") than many a refusal.
        return problem(status, code=refusal.code, detail=sentence, **{"title": sentence} | extra)
    if isinstance(refusal, DecidedMeanwhile):
        return page_for(status, sentence, back=safe_next(came_from(), ""), written=written())
    return page_for(status, sentence)


def _on_http_exception(error: HTTPException) -> Any:
    if isinstance(error, CSRFError):
        if not _must_sign_in():
            return _on_expired_form(error)
        error = Unauthorized()  # said first: signing in makes the token that is lacking
    status = error.code or 500
    if status < 400 or error.response is not None:
        return error.get_response()
    if status == 401 and "HX-Request" in request.headers:  # a part of a page: the whole page signs in again
        return Response(status=401, headers={"HX-Refresh": "true"})
    if status == 401 and not wants_json():
        where = request.full_path.rstrip("?")
        if request.method == "POST" and (fields := entered()):
            sentence = str(_("您已经退出登录。请先登录，再回到这一页按“继续”。%(kept)s", kept=kept()))
            return page_for(401, sentence, resubmit_fields=fields, resubmit_to=where)
        return redirect(url_for("people.sign_in", next=where if request.method == "GET" else "/"))
    sentence = str(_(HTTP_SENTENCES.get(status, HTTP_SENTENCES[400])))
    if wants_json():
        response: AnyResponse = problem(status, code=_code_for(status), detail=sentence)
    else:
        body, status = page_for(status, sentence)
        response = current_app.make_response((body, status))
    for header, value in error.get_headers():
        if header.lower() in {"allow", "retry-after"}:
            response.headers[header] = value
    return response


def _must_sign_in() -> bool:
    """Whether the page is for people who are signed in, and nobody is: the token went with the sign-in."""
    access = auth.access_of(request.endpoint)
    return access in {"signed_in", "allowed"} and auth.current_person() is None and not wants_json()


def _code_for(status: int) -> str:
    names = {400: "bad_request", 401: "unauthorized", 403: "not_allowed", 404: "not_found"}
    return names.get(status) or {
        405: "method_not_allowed",
        413: "too_large",
        429: "too_many_requests",
        503: "busy",
    }.get(status, f"http_{status}")


def _on_expired_form(error: CSRFError) -> Any:
    """The page was open too long: offer the same form once more, so that nothing entered is lost.

    Only for requests of our own pages; another site's forged form gets nothing to click on.
    """
    sentence = str(_("这一页打开得太久，为了安全需要再确认一次。%(kept)s", kept=kept()))
    if wants_json():
        return problem(400, code="form_expired", detail=sentence)
    return page_for(400, sentence, resubmit_fields=entered(), resubmit_to=request.full_path.rstrip("?"))


def _on_fault(error: Exception) -> Any:
    if is_busy(error):
        current_app.logger.warning("the database was busy at %s %s", request.method, request.endpoint)
        return _on_http_exception(ServiceUnavailable(retry_after=5))
    current_app.logger.exception("unexpected fault at %s %s", request.method, request.endpoint)
    sentence = str(_(HTTP_SENTENCES[500]))
    if wants_json():
        return problem(500, code="fault", detail=sentence)
    return page_for(500, sentence)


def _secure(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if response.mimetype == "text/html":
        scanner = g.get("scanner_page", False)
        policy = CSP | ({"script-src": "'self' 'wasm-unsafe-eval'"} if scanner else {})
        headers.setdefault(
            "Content-Security-Policy", "; ".join(f"{name} {value}" for name, value in policy.items())
        )
        headers.setdefault(
            "Permissions-Policy", f"camera=({'self' if scanner else ''}), geolocation=(), microphone=()"
        )
        is_known = auth.current_person() or g.get("paired")  # names may stand on it
        headers.setdefault("Cache-Control", "no-store" if is_known else "private, no-cache")
    if current_app.extensions["kepu_settings"].https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _refuse_nul() -> None:
    """No row has a key with this character, and PostgreSQL takes the mere question for a fault."""
    if "\0" in request.path:
        abort(404)
    if b"%00" in request.query_string:
        abort(400)


def init_http(app: Flask) -> None:
    """Attach error handling and headers."""
    app.json = StrictJson(app)
    app.register_error_handler(Refusal, _on_refusal)
    app.register_error_handler(HTTPException, _on_http_exception)
    app.register_error_handler(Exception, _on_fault)
    looking.init_looking(app)  # unpacks what the next one looks at
    app.before_request(_refuse_nul)
    app.after_request(_secure)


def base_url() -> str:
    """Address put into QR codes, mails and links that leave the site, without a slash at the end."""
    configured: str = current_app.extensions["kepu_settings"].base_url
    return configured or request.host_url.rstrip("/")
