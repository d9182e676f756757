"""What a form cannot do without is declared at its field; the macros of `_macros/form.html` say it before it is sent.

`InputRequired` and the like say it by themselves. These two are for what a form or a use case judges elsewhere.
"""

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l


class Needed:
    """Always needed; judged by the form's own check or by the use case."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Judged elsewhere."""


class NeededWhen:
    """Needed where another answer of the form is so; until then the label says under which condition.

    `by` is the other field, `among` the answers that ask for this one (none: any answer at all). Where it hangs on more
    than that, `now` says it of the form. `then` is what the label says once it is so.
    """

    def __init__(
        self,
        says: Any,
        by: str = "",
        among: Sequence[str] = (),
        *,
        now: Callable[[Any], bool] | None = None,
        then: Any = None,
    ) -> None:
        self.says, self.by, self.among, self._now = says, by, tuple(among), now
        self.then = then or _l("必填")
        self.field_flags = {"needed_when": self}

    def __call__(self, form: Any, field: Any) -> None:
        """Judged elsewhere."""

    def holds(self, form: Any) -> bool:
        """Whether the answers on the form ask for it."""
        if self._now is not None:
            return self._now(form)
        if not self.by or self.by not in form:
            return False
        given = form[self.by].data
        return str(given or "") in self.among if self.among else bool(given)
