"""Kinds of venues and districts, and refusals. Plain Python."""

from dataclasses import dataclass

from webapp.core.deeds import Deed, Field
from webapp.core.errors import Conflict, N_, NotAllowed, RuleBroken

NAME_LIMIT = 80
ADDRESS_LIMIT = 160

# Slug → label, from the plan's vocabulary (plan/seed-features.md 3).
VENUE_KINDS = {
    "community_centre": N_("社区服务中心（站）"),
    "party_centre": N_("党群服务中心"),
    "health_centre": N_("社区卫生服务中心"),
    "township_hospital": N_("乡镇卫生院"),
    "elder_care": N_("养老机构"),
    "elder_service": N_("居家和社区养老服务中心"),
    "school": N_("学校"),
    "science_museum": N_("科技馆"),
    "library": N_("图书馆"),
    "museum": N_("博物馆"),
    "culture_centre": N_("文化馆"),
    "university": N_("高校、科研院所"),
    "company": N_("科技型企业"),
    "village": N_("村"),
    "field_school": N_("示范基地、田间学校"),
    "office": N_("机关"),
    "disease_control": N_("疾控中心"),
    "park": N_("公园"),
    "square": N_("广场"),
    "online": N_("线上"),
}

# Entries of the national list that are no 街道, 镇 or 乡: farms, forest farms, prisons, development zones.
OTHER_KIND = "other"
TOWNSHIP_KINDS = ("街道", "镇", "乡")


class UnknownDistrict(RuleBroken):
    """Not one of the city's county-level districts."""

    sentence = N_("请从列表里选择县（市）区。")
    code = "unknown_district"
    field = "district_code"


class TownshipElsewhere(RuleBroken):
    """The township lies in another district."""

    sentence = N_("这个街道或乡镇不在所选的县（市）区里。")
    code = "township_elsewhere"
    field = "township_code"


class UnknownKind(RuleBroken):
    """Not one of VENUE_KINDS."""

    sentence = N_("请从列表里选择场所类别。")
    code = "unknown_venue_kind"
    field = "kind"


class BadVenueText(RuleBroken):
    """Name or address missing or too long."""

    sentence = N_("请填写场所名称（最多 80 个字）和地址（最多 160 个字）。")
    code = "bad_venue"
    field = "name"


class VenueExists(Conflict):
    """One name, one venue, in a district."""

    sentence = N_("这个县（市）区已经有叫“%(name)s”的场所，可以直接选用。")
    code = "venue_exists"
    field = "name"


class NotYourVenue(NotAllowed):
    """Someone else's organisation lives there."""

    sentence = N_("这个场所由“%(organisation)s”管理，您不能修改。")
    code = "not_your_venue"


@dataclass(frozen=True)
class VenueDetails:
    """What is known of a venue. `organisation_id` is the centre that lives there."""

    name: str
    kind: str
    district_code: str
    address: str
    township_code: str | None = None
    organisation_id: str | None = None


def township_kind(name: str) -> str:
    """街道, 镇 or 乡 by the name's ending, else OTHER_KIND (42 of the first city's 138)."""
    return next((kind for kind in TOWNSHIP_KINDS if name.endswith(kind)), OTHER_KIND)


# --- how what was done reads in the history (core/deeds.py) ----------------------------------------------------------

DEEDS = {
    "venue.make": Deed(N_("%(who)s登记了场所“%(name)s”")),
    "venue.change": Deed(
        N_("%(who)s改了场所%(it)s"),
        name=Field(N_("名称")),
        kind=Field(N_("类型"), words=VENUE_KINDS),
        district_code=Field(N_("县区"), of="district"),
        township_code=Field(N_("街道、乡镇"), of="district"),
        address=Field(N_("地址")),
        organisation_id=Field(N_("单位"), of="organisation"),
    ),
}
