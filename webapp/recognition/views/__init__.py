"""Pages of recognition, by who uses them and by kind of paper."""

import importlib
import pkgutil

from flask import Blueprint

blueprint = Blueprint("recognition", __name__)
blueprints = (blueprint,)

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
