"""Use cases of volunteers and teams."""

from webapp.volunteers.service.profiles import save_profile

__all__ = ["save_profile"]
