"""Words that are data and yet the same everywhere: kinds of events, usual positions, districts. Pages in English say
them in English; what an organiser made up stays as it was written.
"""

from flask_babel import gettext

from webapp.core.errors import N_

# The vocabulary of the plan's documents.
_KINDS = (
    N_("科普讲座/科普报告会"),
    N_("健康讲座（含老年人健康大讲堂）"),
    N_("科普展览/展示"),
    N_("科普大篷车巡展"),
    N_("流动科技馆巡展"),
    N_("科普进校园/专家进校园"),
    N_("科普进社区"),
    N_("送科技下乡/进村入户"),
    N_("科普进企业"),
    N_("走进养老机构/医养结合机构"),
    N_("科普进家庭/家庭科学教育"),
    N_("竞赛/大赛"),
    N_("科技节/科学四小活动"),
    N_("科学营/研学/职业体验"),
    N_("场馆·实验室·高校开放日"),
    N_("老年人智能手机课"),
    N_("防电信诈骗宣传"),
    N_("培训班/技能培训"),
    N_("科学教师/科技辅导员培训"),
    N_("干部教育培训/讲坛"),
    N_("科技咨询/健康咨询"),
    N_("健康筛查/义诊/健康评估"),
    N_("心理援助服务"),
    N_("科技示范/田间学校"),
    N_("应急避险/消防演练"),
    N_("主题日/宣传周/宣传月活动"),
    N_("发放宣传资料"),
    N_("广播电视·新媒体·电子屏传播"),
    N_("科学辟谣"),
    N_("科技志愿服务活动/队伍组建"),
    N_("爱国卫生·环境整治活动"),
    N_("国际/跨区域交流"),
    N_("监测评估/调研"),
    N_("督查检查"),
    N_("总结上报"),
    N_("表彰奖励"),
    N_("阵地设施建设（里程碑，非活动）"),
    N_("制度机制建设（里程碑，非活动）"),
    N_("经费落实（里程碑，非活动）"),
    N_("劳动美·巾帼建功等主题活动"),
)
# What the form begins with, and what calls for volunteers usually name.
_POSITIONS = (
    N_("观众"),
    N_("观众席"),
    N_("志愿者"),
    N_("主持人"),
    N_("安全员"),
    N_("翻译"),
    N_("秩序员"),
    N_("助教"),
    N_("登记员"),
    N_("领队"),
    N_("礼仪"),
    N_("司机"),
    N_("摊主"),
    N_("接线员"),
    N_("发放员"),
    N_("宣传员"),
    N_("接待员"),
    N_("观察员"),
    N_("讲解员"),
    N_("生态讲解员"),
    N_("记录员"),
    N_("急救员"),
    N_("引导员"),
    N_("宣讲员"),
    N_("讲师"),
    N_("测量助手"),
    N_("教练"),
    N_("裁判"),
    N_("评委"),
    N_("计时员"),
    N_("农技员"),
    N_("调研员"),
    N_("康复助手"),
    N_("会务"),
    N_("片区长"),
    N_("班务"),
)
# The city whose plan comes with the product.
_PLACES = (
    N_("佳木斯市"),
    N_("向阳区"),
    N_("前进区"),
    N_("东风区"),
    N_("郊区"),
    N_("桦南县"),
    N_("桦川县"),
    N_("汤原县"),
    N_("同江市"),
    N_("富锦市"),
    N_("抚远市"),
)
_KNOWN = frozenset((*_KINDS, *_POSITIONS, *_PLACES))


def term(text: str) -> str:
    """The word in the reader's language where it is one of the known ones."""
    return str(gettext(text)) if text in _KNOWN else text
