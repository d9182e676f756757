"""Kinds of messages about phones at the door."""

from webapp.core.timing import Night, Until, declare

PHONES = declare("phones.handed_on", until=Until.FORTNIGHT, night=Night.MORNING)
