"""Who someone is: Person (also without an account), Account, sign-in, consent, API tokens.

Invariants: a phone may hold several people, but one name per phone is one person; an account's e-mail and phone
are its own; secrets are stored only as hashes; a person is never deleted, only closed.
"""
