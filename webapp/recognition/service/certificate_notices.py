"""What a volunteer is told of a certificate, in Chinese whatever the language of the page that caused it."""

from webapp.core.config import current_settings
from webapp.organisations.queries import get_organisation
from webapp.people.service import notify
from webapp.recognition.domain.messages import CERTIFICATE
from webapp.recognition.models import Certificate


def applied(held: Certificate) -> None:
    """It reached the organisation."""
    name = get_organisation(held.organisation_id).name
    _tell(held, "已申请", f"您申请的志愿服务证明（{_period(held)}）已经交给{name}，受理后会再通知您。")


def accepted(held: Certificate) -> None:
    """Someone is working on it."""
    _tell(
        held, "已受理", f"{held.organisation.name}已经受理您申请的志愿服务证明（{_period(held)}），正在开具。"
    )


def issued(held: Certificate) -> None:
    """It can be fetched."""
    _tell(
        held,
        "已开具",
        f"{held.organisation.name}已为您开具志愿服务证明（{_period(held)}），编号 {held.number}。"
        "请下载打印，到单位签字盖章后使用。不收任何费用。",
    )


def ended(held: Certificate) -> None:
    """Rejected or revoked, and why."""
    reason = f"原因：{held.end_reason.rstrip('。')}。"
    name = held.organisation.name
    if held.number:
        _tell(held, "已撤销", f"{name}撤销了编号 {held.number} 的志愿服务证明，它不再有效。{reason}")
    else:
        _tell(held, "未受理", f"{name}没有受理您申请的志愿服务证明（{_period(held)}）。{reason}")


def _period(held: Certificate) -> str:
    return f"{held.from_on:%Y-%m-%d} 至 {held.until_on:%Y-%m-%d}"


def _tell(held: Certificate, what: str, first: str) -> None:
    base = current_settings().base_url
    link = f"{base}/me/certificates" if base else ""
    body = "\n".join(line for line in (first, link) if line)
    notify(
        held.person_id,
        subject=f"志愿服务证明{what}",
        body=body,
        fact=CERTIFICATE.of(f"certificate:{held.id}:{held.status}"),
    )
