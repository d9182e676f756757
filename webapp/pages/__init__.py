"""Pages composed of several areas: home, event page, task page, my page, the organiser's day. Owns no tables."""
