"""Answers that a phone keeps: named by a version, sent again only when it changed, small on the way."""

from collections.abc import Callable

from flask import Response, request


def versioned_json(version: str, write: Callable[[bool], bytes]) -> Response:
    """200 with the bytes `write(compress)` makes, or 304 where the caller has this version already.

    The tag is a weak one: compressed or not, it is the same answer.
    """
    if request.if_none_match.contains_weak(version):
        answer = Response(status=304)
    else:
        compress = request.accept_encodings.quality("gzip") > 0
        answer = Response(write(compress), content_type="application/json")
        if compress:
            answer.headers["Content-Encoding"] = "gzip"
    answer.set_etag(version, weak=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.vary.update(("Accept-Encoding", "Cookie", "Authorization"))
    return answer
