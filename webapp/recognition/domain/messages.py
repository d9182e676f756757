"""Kinds of messages about hours and what follows from them. They have no hour: none of them rings at night."""

from webapp.core.timing import Night, Until, declare

THANKS = declare("hours.thanks", until=Until.FORTNIGHT, night=Night.MORNING)
NOT_THERE = declare("hours.not_there", until=Until.FORTNIGHT, night=Night.MORNING)
CORRECTED = declare("hours.corrected", until=Until.FORTNIGHT, night=Night.MORNING)
ANSWERED = declare("hours.answered", until=Until.FORTNIGHT, night=Night.MORNING)
STAR = declare("hours.star", until=Until.FORTNIGHT, night=Night.MORNING)
CERTIFICATE = declare("hours.certificate", until=Until.FORTNIGHT, night=Night.MORNING)
