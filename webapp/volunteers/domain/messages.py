"""Kinds of messages about teams and papers."""

from webapp.core.timing import Night, Until, declare

TEAM = declare("team.news", until=Until.FORTNIGHT, night=Night.MORNING)
TEAM_INVITED = declare("team.invited", until=Until.START, night=Night.NEAR)
TEAM_CANNOT = declare("team.cannot", until=Until.START, night=Night.NEAR)
PAPER_CHECKED = declare("team.paper", until=Until.FORTNIGHT, night=Night.MORNING)
