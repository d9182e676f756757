"""Papers of the demonstration: a certificate that was issued and verifies, and an application that waits."""

from datetime import timedelta

from webapp.core import clock
from webapp.pages.service.demonstration import Stage
from webapp.recognition.domain.certificates import Application, Issuing
from webapp.recognition.models import Certificate
from webapp.recognition.queries import certificates as queries
from webapp.recognition.service import certificates as service

ISSUING = Issuing("示例·负责", "示例·组织", "0454-0000000", "演示数据，不是真实的证明。")


def add_papers(stage: Stage) -> Certificate | None:
    """For the first volunteer with final hours: one certificate issued a day ago, and one applied for today.

    Call it after hours were added; nothing is made, and None returned, where nobody has any.
    """
    for person_id in stage.volunteers:
        places = queries.served(person_id)
        if places:
            first = places[0]
            asked = Application(first.organisation_id, first.first_on, first.last_on, "申请大学实践学分")
            with clock.freeze(max(stage.now - timedelta(days=1), clock.start_of_day(first.last_on))):
                issued = service.apply(asked, person_id=person_id)
                service.accept(issued.id, by=stage.staff["office"])
                issued = service.issue(issued.id, ISSUING, by=stage.staff["office"])
            today = clock.local_date(stage.now)
            service.apply(
                Application(first.organisation_id, first.first_on, today, "单位评优"), person_id=person_id
            )
            return issued
    return None
