"""Forms of recognition, by kind of paper."""
