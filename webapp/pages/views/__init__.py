"""Pages composed of several areas, one module per kind of visitor; the blueprint is here."""

import importlib
import pkgutil

from flask import Blueprint

blueprint = Blueprint("pages", __name__)
blueprints = (blueprint,)

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
