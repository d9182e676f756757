"""Acts on chosen rows: which ones are meant, what was seen of them, and what became of each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from webapp.core import audit, seen
from webapp.core.db import savepoint
from webapp.core.errors import Conflict, N_, Refusal, RuleBroken
from webapp.core.i18n import sentence_of
from webapp.core.listing.asked import read_asked
from webapp.core.listing.sources import Source
from webapp.core.listing.table import Table
from webapp.core.made_once import FIELD

MOST = 500  # rows acted on in one transaction
_NAMED = 12  # of those refused for one reason


class NothingChosen(RuleBroken):
    """No row was chosen."""

    sentence = N_("还没有选。请先在要处理的那几行打勾。")
    code = "nothing_chosen"


class TooManyChosen(RuleBroken):
    """More than one transaction takes."""

    sentence = N_("选了 %(n)s 条，一次最多处理 %(most)s 条。请先筛选，分几次处理。")
    code = "too_many_chosen"


class OthersFound(Conflict):
    """All found were meant, and meanwhile others are found."""

    sentence = N_("名单刚才变了：原来找到 %(before)s 条，现在是 %(now)s 条。什么也没有处理，请看过再定。")
    code = "others_found"


@dataclass(frozen=True)
class Outcome:
    """What became of one chosen row."""

    name: str
    refused: str = ""  # the sentence that says why nothing was done


def chosen_rows(table: Table, source: Source, *, most: int = MOST) -> list[str]:
    """Ids of the rows an act is about: those ticked, or everything found under the same address.

    Raises NothingChosen, TooManyChosen, OthersFound.
    """
    before = request.form.get("everything", "")
    if before:
        ids = source.ids(table, read_asked(request.args, table.known))
        if str(len(ids)) != before:
            raise OthersFound(before=before, now=len(ids))
    else:
        ids = list(dict.fromkeys(request.form.getlist("row")))
    if not ids:
        raise NothingChosen
    if len(ids) > most:
        raise TooManyChosen(n=len(ids), most=most)
    audit.of_list()
    return ids


def seen_otherwise(ids: Iterable[str], *, by: str) -> dict[str, str]:
    """Of these rows, those that were decided since the page was opened, with the sentence that says it.

    First of all in the transaction that acts: nobody else decides on them before its end.
    """
    chosen = set(ids)
    marks = [one for one in seen.marks_in(request.form.getlist(FIELD)) if one.row_id in chosen]
    seen.hold(marks)
    found: dict[str, str] = {}
    for mark in marks:
        try:
            seen.check([mark], by=by)
        except seen.DecidedMeanwhile as refusal:
            found[mark.row_id] = sentence_of(refusal)
    return found


def each_of(
    ids: Sequence[str],
    act: Callable[[str], object],
    *,
    name: Callable[[str], str],
    by: str,
    unless: Callable[[str], str] = lambda _one: "",
) -> list[Outcome]:
    """Do it with each of these rows for itself: one of which nothing comes keeps its reason, the others go on.

    Inside the transaction that acts. `name` says how a row is called where nothing came of it, `unless` the sentence
    why there is nothing to do about it.
    """
    otherwise, outcomes = seen_otherwise(ids, by=by), []
    for one in ids:
        called, refused = name(one), otherwise.get(one) or unless(one)
        if not refused:
            try:
                with savepoint():
                    act(one)
            except Refusal as refusal:
                refused = sentence_of(refusal)
        outcomes.append(Outcome(called, refused))
    return outcomes


def say(outcomes: Sequence[Outcome], done: Callable[[int], str]) -> None:
    """On the next page: with how many it was done, and with whom not, and why."""
    if number := sum(not one.refused for one in outcomes):
        flash(done(number), "success")
    if left := told(outcomes):
        flash(left, "warning")


def told(outcomes: Sequence[Outcome]) -> str:
    """Whom nothing was done about, by reason: "没有处理 2 条。已经签到（王丽、李四）。"; "" where all was done."""
    by_reason: dict[str, list[str]] = {}
    for one in outcomes:
        if one.refused:
            by_reason.setdefault(one.refused.rstrip("。. "), []).append(one.name)
    if not by_reason:
        return ""
    left = sum(len(names) for names in by_reason.values())
    reasons = [
        _("%(reason)s（%(names)s）。", reason=reason, names=_joined(names))
        for reason, names in by_reason.items()
    ]
    return _("没有处理 %(n)s 条：", n=left) + "".join(reasons)


def _joined(names: Sequence[str]) -> str:
    text = _("、").join(names[:_NAMED])
    return text if len(names) <= _NAMED else _("%(names)s等 %(n)s 条", names=text, n=len(names))


def back_to(endpoint: str, **values: str) -> str:
    """The list as it was, after an act."""
    kept: dict[str, Any] = {
        name: value for name, value in request.args.to_dict().items() if not name.startswith("_")
    }
    return url_for(endpoint, **(kept | values))
