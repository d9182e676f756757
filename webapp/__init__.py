"""科普行 Kepuxing: events that serve a city's science-literacy plan. create_app() is the table of contents."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from apiflask import APIFlask

from webapp import areas
from webapp.core import auth, db, hosts, http, i18n, jobs, just_done, security, templating
from webapp.core.config import Settings, load_settings

ROOT = Path(__file__).resolve().parent.parent


class Application(APIFlask):
    """Flask that does not ask of each function it calls, each time, whether it is a coroutine: none is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself."""
        return func


def create_app(settings: Settings | None = None) -> APIFlask:
    """Assemble the application: configuration, core, areas, commands."""
    settings = settings or load_settings()
    app = Application(
        "webapp",
        title="科普行 Kepuxing",
        version="1",
        spec_path=None,
        docs_path=None,
        json_errors=False,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.extensions["kepu_settings"] = settings
    app.extensions["kepu_root"] = ROOT
    security.init_security(app, settings)
    hosts.init_hosts(app)
    db.init_database(app, settings)
    i18n.init_i18n(app)
    templating.init_templating(app)
    auth.init_auth(app)
    http.init_http(app)
    just_done.init_just_done(app)
    jobs.init_jobs(app, settings)
    areas.init_areas(app)
    areas.init_commands(app)
    return app
