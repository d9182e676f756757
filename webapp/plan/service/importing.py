"""A plan file becomes a plan, or a plan is brought in line with its corrected file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.core import audit, removal
from webapp.core.db import Base, lock_row, session
from webapp.core.hooks import Hook
from webapp.organisations import service as organisations
from webapp.organisations.domain import OrganisationKind
from webapp.organisations.models import Organisation
from webapp.plan.domain import PlanDraft, PlanInUse, SectionDraft, TargetDraft, TaskDraft, check_plan_code
from webapp.plan.models import EventType, Plan, PlanSection, PlanTask, SectionLead, Target, TaskUnit
from webapp.plan.service.nodes import parse
from webapp.plan.service.reading import read_plan

BUNDLED = Path(__file__).parents[2] / "data" / "jiamusi-2021-2025.json"

# Told as period_changed(plan_id): what counts toward the plan's tasks must be counted again.
period_changed = Hook()

ModelT = TypeVar("ModelT", bound=Base)


@dataclass(frozen=True)
class ImportResult:
    """What an import did. `changed` names what differs now: codes of tasks and sections, or parts of the file."""

    plan: Plan
    created: bool
    changed: tuple[str, ...]

    @property
    def unchanged(self) -> bool:
        """Whether the database already was what the file says."""
        return not self.created and not self.changed


def import_plan(
    data: Any, *, file: str, code: str | None = None, is_demo: bool = False, predecessor: Plan | None = None
) -> ImportResult:
    """Make the plan of a file, or bring the plan of the same code in line with it.

    The code is `code`, else the file's name without its ending. Everything is checked before anything is written.
    Raises BadPlanFile, BadPlanCode, and PlanInUse when a task that something is linked to is not in the file.
    """
    draft = read_plan(data, file=file)
    code = check_plan_code(code or PurePath(file).stem)
    current = session()
    plan = current.scalar(select(Plan).where(Plan.code == code))
    created = plan is None
    if plan is None:
        plan = Plan(
            code=code,
            title=draft.title,
            starts_on=draft.starts_on,
            ends_on=draft.ends_on,
            texts={},
            is_demo=is_demo,
            predecessor_id=predecessor.id if predecessor else None,
        )
        current.add(plan)
        current.flush()  # its id is needed below
    writer = _Writer(current, lock_row(Plan, plan.id))
    changed = writer.write(draft)
    if created or changed:
        audit.record(
            "plan.import", "plan", plan.id, by=None, file=file[:200], created=created, changed=changed
        )
    return ImportResult(plan, created, () if created else tuple(changed))


def import_bundled() -> Plan:
    """The first city's own plan, imported once. One that the office has corrected since is left alone."""
    found = session().scalar(select(Plan).where(Plan.code == BUNDLED.stem))
    return found or import_plan(parse(BUNDLED.read_bytes(), file=BUNDLED.name), file=BUNDLED.name).plan


def plan_texts(draft: PlanDraft) -> dict[str, Any]:
    """What a plan keeps of its file that no row holds."""
    inferred = {
        task.code: list(task.inferred)
        for section in draft.sections
        for task in section.tasks
        if task.inferred
    }
    own = {"vocabulary": draft.types, "units": list(draft.units), "inferred_units": inferred}
    return {**draft.texts, **own}


@dataclass
class _Writer:
    """Compares a draft with what is stored and writes the difference."""

    current: Session
    plan: Plan
    organisations: dict[str, Organisation] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)

    def write(self, draft: PlanDraft) -> list[str]:
        """Make the database say what the draft says; returns names of what was changed."""
        self._head(draft)
        self._types(draft.types)
        self._units(draft.units)
        self._target(draft.target)
        rows = list(self.current.scalars(select(PlanSection).where(PlanSection.plan_id == self.plan.id)))
        tasks = list(self.current.scalars(select(PlanTask).where(PlanTask.plan_id == self.plan.id)))
        self._remove_tasks(tasks, {task.code for section in draft.sections for task in section.tasks})
        known, known_tasks = {row.code: row for row in rows}, {task.code: task for task in tasks}
        number = 0
        for position, section in enumerate(draft.sections):
            row = self._section(section, known.get(section.code), position)
            for task in section.tasks:
                self._task(task, known_tasks.get(task.code), section=row, position=number)
                number += 1
        self._remove_sections(rows, {section.code for section in draft.sections})
        return self.changed

    def _set(self, row: Base, name: str, values: dict[str, Any]) -> None:
        different = {key: value for key, value in values.items() if getattr(row, key) != value}
        for key, value in different.items():
            setattr(row, key, value)
        if different and name not in self.changed:
            self.changed.append(name)

    def _head(self, draft: PlanDraft) -> None:
        period = (self.plan.starts_on, self.plan.ends_on)
        self._set(self.plan, "title", {"title": draft.title})
        self._set(self.plan, "period", {"starts_on": draft.starts_on, "ends_on": draft.ends_on})
        self._set(self.plan, "texts", {"texts": plan_texts(draft)})
        if period != (draft.starts_on, draft.ends_on):
            self.current.flush()  # those who count again read the new period
            period_changed(self.plan.id)

    def _types(self, types: dict[str, str]) -> None:
        """Kinds of events are shared by all plans: new ones are added, labels follow the last file, none is lost."""
        known = {row.slug: row for row in self.current.scalars(select(EventType))}
        for position, (slug, label) in enumerate(types.items()):
            if slug in known:
                self._set(known[slug], "event_type_vocabulary", {"label": label, "position": position})
            else:
                self.current.add(EventType(slug=slug, label=label, position=position))
                self.changed.append("event_type_vocabulary")

    def _units(self, units: dict[str, str | None]) -> None:
        """The plan's units are organisations; those already known by name are used as they are."""
        found = self.current.scalars(select(Organisation).where(Organisation.name.in_(units)))
        self.organisations = {row.name: row for row in found}
        for name, full_name in units.items():
            if name not in self.organisations:
                self.organisations[name] = organisations.make_organisation(
                    name=name, kind=kind_of(name), full_name=full_name
                )

    def _target(self, draft: TargetDraft | None) -> None:
        rows = {
            row.indicator: row
            for row in self.current.scalars(select(Target).where(Target.plan_id == self.plan.id))
        }
        if draft is None:
            return
        values = {"value": draft.value, "unit": draft.unit, "year": draft.year, "text": draft.text}
        if draft.indicator in rows:
            self._set(rows[draft.indicator], "target", values)
        else:
            self.current.add(Target(plan_id=self.plan.id, indicator=draft.indicator, **values))
            self.changed.append("target")

    def _section(self, draft: SectionDraft, row: PlanSection | None, position: int) -> PlanSection:
        values = {
            "kind": draft.kind,
            "number": draft.number,
            "title": draft.title,
            "goal_text": draft.goal_text,
            "position": position,
        }
        if row is None:
            row = PlanSection(plan_id=self.plan.id, code=draft.code, **values)
            self._add(row, draft.code)
        else:
            self._set(row, draft.code, values)
        wanted = {self.organisations[name].id: (index,) for index, name in enumerate(draft.leads)}
        stored = self.current.scalars(select(SectionLead).where(SectionLead.section_id == row.id))
        if {lead.organisation_id: (lead.position,) for lead in stored} != wanted:
            self.current.execute(delete(SectionLead).where(SectionLead.section_id == row.id))
            for organisation_id, (index,) in wanted.items():
                self.current.add(
                    SectionLead(section_id=row.id, organisation_id=organisation_id, position=index)
                )
            self._note(draft.code)
        return row

    def _task(self, draft: TaskDraft, row: PlanTask | None, *, section: PlanSection, position: int) -> None:
        values = {
            "section_id": section.id,
            "title": draft.title,
            "text": draft.text,
            "progress_mode": draft.progress_mode,
            "suggested_types": list(draft.suggested_types),
            "audiences": list(draft.audiences),
            "dates": list(draft.dates),
            "title_is_ours": draft.title_is_ours,
            "position": position,
        }
        if row is None:
            row = PlanTask(plan_id=self.plan.id, code=draft.code, **values)
            self._add(row, draft.code)
        else:
            self._set(row, draft.code, values)
        wanted = self._wanted_units(draft)
        stored = self.current.scalars(select(TaskUnit).where(TaskUnit.task_id == row.id))
        if {unit.organisation_id: (unit.position, unit.inferred) for unit in stored} != wanted:
            self.current.execute(delete(TaskUnit).where(TaskUnit.task_id == row.id))
            for organisation_id, (index, inferred) in wanted.items():
                self.current.add(
                    TaskUnit(
                        task_id=row.id, organisation_id=organisation_id, position=index, inferred=inferred
                    )
                )
            self._note(draft.code)

    def _wanted_units(self, draft: TaskDraft) -> dict[str, tuple[int, bool]]:
        """Named units in their order; then, marked, units that only our own reading of the text names."""
        wanted = {self.organisations[name].id: (index, False) for index, name in enumerate(draft.units)}
        for name, row in self.organisations.items():
            if row.id not in wanted and any(name in phrase for phrase in draft.inferred):
                wanted[row.id] = (len(wanted), True)
        return wanted

    def _add(self, row: Base, name: str) -> None:
        self.current.add(row)
        self.current.flush()  # its id is needed for the rows below it
        self._note(name)

    def _note(self, name: str) -> None:
        if name not in self.changed:
            self.changed.append(name)

    def _remove_tasks(self, rows: Sequence[PlanTask], keep: set[str]) -> None:
        """Tasks that are no longer in the file go, unless anything refers to them: the database knows."""
        for row in [one for one in rows if one.code not in keep]:
            try:
                removal.remove(PlanTask, [row.id])
            except removal.StillHeld as held:
                raise PlanInUse(code=self.plan.code, task=row.code) from held
            self._note(row.code)

    def _remove_sections(self, rows: Iterable[PlanSection], keep: set[str]) -> None:
        self.current.flush()  # tasks may have moved to another section
        for row in [one for one in rows if one.code not in keep]:
            removal.remove(PlanSection, [row.id])
            self._note(row.code)


def kind_of(name: str) -> OrganisationKind:
    """科协 keeps the plan; every other unit of a plan answers for tasks."""
    return OrganisationKind.OFFICE if name.endswith(("科协", "科学技术协会")) else OrganisationKind.UNIT
