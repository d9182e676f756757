"""Units, centres, teams' hosts, and what a person may do for them.

Invariants: one membership per person and organisation; a permission is held for an organisation, never "in
general", except `govern` and `inspect`, which reach over all of them.
"""
