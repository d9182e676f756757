"""Hours, stars, certificates, commendations.

Who organised records and certifies, nobody else (民政部令 67号). Minutes come from actual in and out under a rule
whose version stands on the row; hand-added time has a column of its own. A row is never changed to another figure:
it is voided and another takes its place. Nothing is final before its public notice is over.
"""
