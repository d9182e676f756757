"""Shared ground: configuration, database, time, refusals, sign-in, forms, outbox. Imports no area."""
