"""Kinds of messages about teams and papers."""

from webapp.core.timing import Night, Until, declare

TEAM = declare("team.news", Until.FORTNIGHT, Night.MORNING)
TEAM_INVITED = declare("team.invited", Until.START, Night.NEAR)
TEAM_CANNOT = declare("team.cannot", Until.START, Night.NEAR)
PAPER_CHECKED = declare("team.paper", Until.FORTNIGHT, Night.MORNING)
