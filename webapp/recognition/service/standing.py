"""What no-shows do to the next sign-up: nothing, unless the office set a limit."""

from webapp.core.errors import N_
from webapp.core.options import whole_number
from webapp.recognition import queries
from webapp.recognition.domain.counting import NO_SHOW_DAYS
from webapp.recognition.domain.refusals import TooManyNoShows
from webapp.signups.service.hooks import Shift

no_show_limit = whole_number(
    "no_show_limit",
    0,
    label=N_("几次没有来，就暂停报志愿者岗位"),
    hint=N_("按最近 180 天算，请过假的、正在申诉的不算。0 表示不暂停，只让组织者看到次数。"),
    high=50,
)


def refuse_no_shows(person_id: str, _shift: Shift) -> None:
    """Raise TooManyNoShows for a volunteer who reached the office's limit (follower of may_serve)."""
    limit = no_show_limit.get()
    if not limit:
        return
    count = queries.no_shows([person_id]).get(person_id, 0)
    if count >= limit:
        raise TooManyNoShows(days=NO_SHOW_DAYS, count=count, extra={"rule": "no_show"})
