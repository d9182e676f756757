"""What was promised: plans, sections, tasks, the units that answer for them, targets and survey results.

Invariants: a task's code is unique in its plan; importing a plan file twice changes nothing and a broken file
changes nothing; the share of scientifically literate citizens is a survey figure entered by hand, never computed.
"""
