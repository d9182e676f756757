"""What travels or is lent: 科普大篷车, 流动科技馆, boxes of exhibits; which session has them when.

Invariants: a thing is with one session at a time; one that is booked no more stays known to whoever had seen it.
"""
