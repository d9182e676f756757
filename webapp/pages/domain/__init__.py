"""Rules of pages that belong to no single area. Plain Python."""
