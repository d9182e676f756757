"""Which kind of event is meant by what somebody wrote. Plain Python."""

import re
from collections.abc import Mapping

from webapp.events.domain.places import same_name

# Words people use, by the slug of the plan's vocabulary; a kind the city does not have is left out.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "lecture": ("讲座", "科普讲座", "报告会", "科普报告", "课", "科普课", "宣讲", "talk", "lecture"),
    "health_lecture": ("健康讲座", "健康课", "老年健康讲座", "健康大讲堂", "养生讲座"),
    "exhibition": ("展览", "展示", "科普展", "图片展", "展板", "exhibition"),
    "science_van": ("大篷车", "科普大篷车", "大篷车进校园"),
    "mobile_museum": ("流动科技馆", "科技馆巡展"),
    "campus": ("进校园", "科普进校园", "专家进校园", "校园科普"),
    "community": ("进社区", "科普进社区", "社区科普"),
    "rural": ("下乡", "科技下乡", "送科技下乡", "进村", "进村入户", "三下乡"),
    "enterprise": ("进企业", "科普进企业"),
    "institution": ("进养老院", "走进养老机构", "医养结合"),
    "family": ("进家庭", "科普进家庭", "亲子活动", "家庭教育"),
    "competition": ("竞赛", "比赛", "大赛", "知识竞赛"),
    "science_fest": ("科技节", "科学节", "科技周"),
    "camp": ("科学营", "研学", "夏令营", "冬令营", "职业体验"),
    "open_day": ("开放日", "参观", "场馆开放日"),
    "phone_course": ("手机课", "智能手机课", "老年人手机课", "手机培训"),
    "antifraud": ("防诈骗", "反诈", "反诈宣传", "防诈骗宣传", "防电信诈骗"),
    "training": ("培训", "培训班", "技能培训"),
    "consultation": ("咨询", "科技咨询", "健康咨询"),
    "screening": ("义诊", "筛查", "体检", "健康筛查"),
    "psych_aid": ("心理援助", "心理服务", "心理咨询"),
    "drill": ("演练", "消防演练", "应急演练", "应急避险"),
    "campaign": ("宣传周", "宣传月", "主题日", "科普日"),
    "leaflet": ("发放资料", "发传单", "宣传资料"),
    "volunteer": ("志愿服务", "科技志愿服务", "志愿活动"),
    "cleanup": ("爱国卫生", "环境整治"),
}


class Kinds:
    """The city's kinds of events, by what they are called."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        """`labels` by slug."""
        self.labels = labels
        self.spelled: dict[str, str] = {}
        for slug, label in labels.items():
            for spelling in (slug, label, *_parts(label), *_WORDS.get(slug, ())):
                self.spelled.setdefault(same_name(spelling), slug)
        for slug, label in labels.items():  # a label as it stands comes before any synonym
            self.spelled[same_name(label)] = slug

    def find(self, text: str) -> str | None:
        """The slug; None for words nobody knows here."""
        wanted = same_name(text)
        return self.spelled.get(wanted) or self.spelled.get(wanted.removesuffix("活动"))


def _parts(label: str) -> list[str]:
    """健康讲座（含老年人健康大讲堂） → 健康讲座; 科普展览/展示 → both."""
    bare = re.sub(r"（[^（）]*）|\([^()]*\)", "", label)
    return [bare, *re.split(r"[/、]", bare)]
