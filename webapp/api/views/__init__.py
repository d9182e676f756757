"""API version 1 under /api/v1, by subject. Bearer tokens only: the sign-in cookie is never looked at."""

from collections.abc import Callable
from typing import Any

from apiflask import APIBlueprint, APIFlask, HTTPError
from apiflask.exceptions import _ValidationError
from flask import Response, current_app, g, jsonify, request
from flask_babel import gettext as _
from pydantic import ValidationError
from werkzeug.exceptions import BadRequest, TooManyRequests

from webapp.api.forms import described
from webapp.api.forms.door import ScanRefused
from webapp.api.forms.given import Problem
from webapp.core import idempotency, security
from webapp.core.auth import public, the_person
from webapp.core.config import current_settings
from webapp.core.db import transaction
from webapp.core.deciding import look_at_what_was_seen
from webapp.core.errors import N_
from webapp.core.http import HTTP_SENTENCES, base_url, problem

blueprint = APIBlueprint("api", __name__, url_prefix="/api/v1")
blueprints = (blueprint,)
security.csrf.exempt(blueprint)  # no cookie is accepted here, so no other site can use one


@blueprint.before_request
def _count() -> None:
    """Straight, not by Flask-Limiter's decorator: it looks up which limits hold, and the check-in is in a hurry."""
    if not security.count(current_settings().limit_api, "api", request.remote_addr or ""):
        raise TooManyRequests(retry_after=60)


@blueprint.before_request
def _refuse_null() -> None:
    """The library takes this for an empty object; whoever sent it meant something else."""
    if request.is_json and request.get_data().strip() == b"null":
        raise BadRequest


# Sentences for pydantic's kinds of error; the rest share the last one.
_FIELD_SENTENCES = {
    "missing": N_("缺少这一项。"),
    "extra_forbidden": N_("没有这一项，请检查名称。"),
    "string_too_long": N_("太长，最多 %(max_length)s 个字。"),
    "string_too_short": N_("不能为空。"),
    "string_type": N_("应为文字。"),
    "int_type": N_("应为整数。"),
    "int_parsing": N_("应为整数。"),
    "bool_type": N_("应为 true 或 false。"),
    "bool_parsing": N_("应为 true 或 false。"),
    "greater_than_equal": N_("不能小于 %(ge)s。"),
    "less_than_equal": N_("不能大于 %(le)s。"),
    "too_long": N_("最多 %(max_length)s 项。"),
    "too_short": N_("至少要有 %(min_length)s 项。"),
    "list_type": N_("应为列表。"),
    "model_type": N_("应为对象。"),
    "model_attributes_type": N_("应为对象。"),
    "enum": N_("只能是：%(expected)s。"),
    "literal_error": N_("只能是：%(expected)s。"),
    "timezone_aware": N_("时间要带时区，如 2026-11-28T09:00:00+08:00。"),
    "datetime_type": N_("应为时间，如 2026-11-28T09:00:00+08:00。"),
    "datetime_parsing": N_("应为时间，如 2026-11-28T09:00:00+08:00。"),
    "datetime_from_date_parsing": N_("应为时间，如 2026-11-28T09:00:00+08:00。"),
    "date_from_datetime_parsing": N_("应为日期，如 2026-11-28。"),
    "date_parsing": N_("应为日期，如 2026-11-28。"),
    "year": N_("年份须在 2000 至 2100 之间。"),
    "phone": N_("请填写 11 位手机号，或带区号的座机号。"),
    "one_device": N_("一批记录只能来自同一台设备，各条的 device 要和整批的一样。"),
    "one_line": N_("只能写一行，请去掉换行。"),
    "control_characters": N_("有无法保存的特殊字符。"),
}
_OTHER = N_("格式不对。")


def _sentence(error: Any) -> str:
    template = _FIELD_SENTENCES.get(error["type"], _OTHER)
    text = str(_(template))
    context = {name: str(value) for name, value in error.get("ctx", {}).items()}
    try:
        return text % context if "%(" in text else text
    except KeyError:
        return str(_(_OTHER))


def _on_api_error(error: HTTPError) -> Response:
    """Faults of shape, by field, as problem+json."""
    errors: dict[str, list[str]] = {}
    cause = error.__cause__
    if isinstance(error, _ValidationError) and isinstance(cause, ValidationError):
        for one in cause.errors(include_url=False):
            errors.setdefault(".".join(str(part) for part in one["loc"]) or "body", []).append(_sentence(one))
    sentence = str(_(HTTP_SENTENCES.get(error.status_code, HTTP_SENTENCES[400])))
    if errors:
        first = next(iter(errors))
        sentence = str(_("%(count)s 处不符合要求，先看“%(field)s”：%(reason)s")) % {
            "count": len(errors),
            "field": first,
            "reason": errors[first][0],
        }
    return problem(error.status_code, code="invalid", detail=sentence, errors=errors)


def _on_app(state: Any) -> None:
    app: APIFlask = state.app
    # not error_processor(): that one takes over every HTTP error of every page, too
    app.error_callback = _on_api_error
    app.spec_processor(_finish)
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        AUTO_SERVERS=False,
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_OPERATION_ID=True,
        VALIDATION_ERROR_STATUS_CODE=422,
        SECURITY_SCHEMES={"token": {"type": "http", "scheme": "bearer"}},
    )


_MAY_SAY_WHAT_WAS_SEEN = {
    "post_api_publish_event",
    "post_api_cancel_event",
    "patch_api_change_session",
    "delete_api_delete_signup",
}
_SEEN = {
    "name": "seen",
    "in": "query",
    "required": False,
    "schema": {"type": "string"},
    "description": "`seen` of the event, session or sign-up as it was read. When it is otherwise by now, nothing is"
    " done: 409 `changed_meanwhile` with `now` and, where it is known, `decided_at`.",
}


def _finish(spec: Any) -> Any:
    """What the library cannot know: the shape of problems, and that every answer may be one."""
    schemas = spec["components"]["schemas"]
    for model in (Problem, ScanRefused):
        shape = model.model_json_schema(ref_template=f"#/components/schemas/{model.__name__}.{{model}}")
        for name, part in shape.pop("$defs", {}).items():
            schemas[f"{model.__name__}.{name}"] = part
        schemas[model.__name__] = shape
    schemas.pop("HTTPError", None)
    spec["tags"] = [{"name": name} for name in ("plan", "places", "events", "sign-ups", "check-in", "people")]
    for operations in spec["paths"].values():
        for operation in operations.values():
            operation.setdefault("security", [{}, {"token": []}])  # open to all; a token widens what is seen
            operation["responses"].update(problems(400, 429, 503))
            if operation.get("operationId") in _MAY_SAY_WHAT_WAS_SEEN:
                operation.setdefault("parameters", []).append(_SEEN)
            unauthorised = operation["responses"].get("401", {}).get("content", {})
            unauthorised.pop("application/json", None)
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
                operation["responses"].update(problems(413))
    return described.with_own_names(spec)


blueprint.record_once(_on_app)


def answer(body: Any, status: int = 200) -> Response:
    """A JSON answer that no cache keeps."""
    response = jsonify(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def once(work: Callable[[], tuple[Any, int]]) -> Response:
    """Do a write in one transaction; with an Idempotency-Key a second try gets the first answer, also at once.

    The answer is kept in the same transaction as the work, so there is never one without the other. Refusals
    change nothing and are judged anew.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        with transaction():
            look_at_what_was_seen()
            body, status = work()
        return answer(body, status)
    attempt = idempotency.attempt_of(
        the_person().id, key, method=request.method, path=request.path, body=request.get_data()
    )
    with transaction():
        stored = idempotency.claim(attempt)
        if stored is None:
            look_at_what_was_seen()
            body, status = work()
            idempotency.store_answer(attempt, status, body)
        else:
            status, body = stored
    response = answer(body, status)
    if stored is not None:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def problems(*codes: int) -> dict[int, Any]:
    """Documentation of the problems an operation may answer with."""
    return {
        code: {
            "description": HTTP_SENTENCES.get(code, ""),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for code in codes
    }


@blueprint.get("/openapi.json")
@blueprint.doc(hide=True)
@public
def openapi() -> Response:
    """The API's description."""
    if "openapi" not in g:
        g.openapi = current_app.spec  # type: ignore[attr-defined]
    return jsonify(g.openapi | {"servers": [{"url": base_url()}]})


from webapp.api.views import checkins, events, me, packs, places, plans, signups, undoing  # noqa: E402, F401  (they add routes)
