"""What hangs on somebody who may no longer do something for an organisation."""

from collections.abc import Iterator
from dataclasses import dataclass

from webapp.core.errors import N_, Words
from webapp.core.leaving import End, Ending, Hanging, some_names
from webapp.organisations.domain import PERMISSION_LABELS, LastGovernor, Permission
from webapp.organisations.queries import acting, rights_of

# What an organisation cannot do without somebody; whoever only reads leaves nothing undone.
NEEDED = (Permission.MANAGE_EVENTS, Permission.SCAN, Permission.SIGN_UP_OTHERS, Permission.REPORT)


@dataclass(frozen=True)
class Unit:
    """An organisation, as far as a sentence needs it."""

    id: str
    name: str


def rights_that_end(ending: Ending) -> list[tuple[Unit, frozenset[str]]]:
    """Where they lose what, as it stands now."""
    held = [(Unit(one.id, one.name), frozenset(one.permissions)) for one in rights_of(ending.person_id)]
    if ending.end == End.ACCOUNT:
        return held
    return [(one, names & ending.left) for one, names in held if one.id == ending.subject_id]


def left_alone(ending: Ending) -> list[tuple[Unit, Permission]]:
    """What nobody of the organisation could do after them."""
    ends = rights_that_end(ending)
    others = acting(*(one.id for one, _ in ends)) if ends else []
    return [
        (one, permission)
        for one, names in ends
        for permission in NEEDED
        if permission in names
        and not any(
            where == one.id and person != ending.person_id and permission in held
            for where, person, held in others
        )
    ]


def is_last_governor(ending: Ending) -> bool:
    """Whether nobody could give permissions after them."""
    ends = {one.id for one, names in rights_that_end(ending) if Permission.GOVERN in names}
    return bool(ends) and not any(
        Permission.GOVERN in held and (person != ending.person_id or where not in ends)
        for where, person, held in acting()
    )


def rights_hanging(ending: Ending) -> Iterator[Hanging]:
    """The last who governs; the only one who may do something for an organisation; where else they work."""
    if is_last_governor(ending):
        yield Hanging(N_("是最后一位有“全市统筹”权限的人。"), refusal=LastGovernor())
    alone = left_alone(ending)
    for one, permission in alone:
        values = {"unit": one.name, "what": Words(PERMISSION_LABELS[permission])}
        yield Hanging(
            N_("是%(unit)s唯一能“%(what)s”的人。"), values, N_("马上通知市科协；指定别人以前，由市科协来办。")
        )
    named = {one.id for one, _ in alone}
    others = [one.name for one, _ in rights_that_end(ending) if one.id not in named]
    if others and ending.end == End.ACCOUNT:
        counted = {"n": len(others), "names": some_names(others)}
        yield Hanging(N_("替 %(n)s 个单位办事：%(names)s。"), counted, N_("由这些单位的其他人接着办。"))
