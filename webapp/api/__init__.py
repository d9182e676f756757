"""The JSON face of the areas, version 1. Owns no tables and no rules."""
