"""What someone can do, and in which team.

A volunteer is a person with a profile; beyond name and telephone everything in it is optional. A team is led by a
person; people ask to join and are accepted, and leaving keeps what was. A position may ask for a skill, a training
or a team: one requirement is one row, and all of them must be met.
"""
