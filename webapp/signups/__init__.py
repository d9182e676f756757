"""Who promised to come: one Signup for volunteers' shifts and for audience seats alike.

Invariants: confirmed plus offered sign-ups of a position equal its `taken` and never exceed its capacity; a person
has at most one living sign-up per position and no two overlapping confirmed shifts; each sign-up has one valid pass.
"""
