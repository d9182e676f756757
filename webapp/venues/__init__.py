"""Where: districts by their national code, venues (阵地) in them.

Invariants: a district's code is its national code (GB/T 2260) and never changes; a venue lies in one district.
"""
