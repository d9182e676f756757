"""Who came, and what it counts for: scans, attendances, head-counts, and the ledger of the plan.

Invariants: every attempt is a Scan; at most one attendance that is not annulled per sign-up; a repeated (device,
nonce) gets the stored first answer; the ledger is only added to, and its sum equals a recount from attendances.
"""
