"""Kinds of messages about hours and what follows from them. They have no hour: none of them rings at night."""

from webapp.core.timing import Night, Until, declare

THANKS = declare("hours.thanks", Until.FORTNIGHT, Night.MORNING)
NOT_THERE = declare("hours.not_there", Until.FORTNIGHT, Night.MORNING)
CORRECTED = declare("hours.corrected", Until.FORTNIGHT, Night.MORNING)
ANSWERED = declare("hours.answered", Until.FORTNIGHT, Night.MORNING)
STAR = declare("hours.star", Until.FORTNIGHT, Night.MORNING)
CERTIFICATE = declare("hours.certificate", Until.FORTNIGHT, Night.MORNING)
