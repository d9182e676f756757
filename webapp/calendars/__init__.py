"""The .ics feeds, read only, and subscriptions.

Invariants: a UID never changes; two fetches of unchanged data are the same bytes; a cancelled entry stays visible;
a feed carries no personal data; a subscription can be cut off alone.
"""
