"""What happens when: events, their sessions (a lecture, a class, a stop), and the positions people take in them.

Invariants: a session ends after it starts; a position never has more taken places than its capacity; a session's
calendar UID never changes, and its SEQUENCE rises when time, place or status changes and at no other time; a
cancelled event stays readable.
"""
