"""What the worker makes for someone: how far it is, and the file to take away."""

from typing import Any

from flask import Response, render_template

from webapp.core import live, long_tasks
from webapp.core.auth import allowed, the_person
from webapp.core.errors import NotFound
from webapp.pages.domain.shell import STAFF
from webapp.pages.views import blueprint


@blueprint.get("/manage/long-tasks/<task_id>")
@allowed(*STAFF)
def show_long_task(task_id: str) -> Any:
    """How far it is; the page asks for itself until it is done. One may leave and come back."""
    task = long_tasks.get_own(task_id, the_person().id)
    tag = live.tag_of((task.state, task.done, task.total))
    if live.is_wanted():
        return live.part("pages/_long_task.html", tag=tag, task=task)
    return render_template("pages/show_long_task.html", tag=tag, task=task)


@blueprint.get("/manage/long-tasks/<task_id>/result")
@allowed(*STAFF)
def long_task_result(task_id: str) -> Response:
    """The file, for who asked for it."""
    task = long_tasks.get_own(task_id, the_person().id)
    if task.result is None:
        raise NotFound
    answer = Response(task.result, content_type=task.content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{task.file_name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
