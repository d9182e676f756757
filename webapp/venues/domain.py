"""Kinds of venues. Plain Python."""

from webapp.core.errors import N_

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
