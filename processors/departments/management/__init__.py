"""Management: delegates, trains, consults, supervises, looks after strategy and expenses."""

from processors.departments.management import (
    consultation,
    declaration_rules,
    goal,
    measure,
    person,
    task_rules,
)
from processors.departments.management.consultation import Consultation
from processors.departments.management.declaration import Declaration
from processors.departments.management.goal import Goal
from processors.departments.management.measure import Measure
from processors.departments.management.measures import MEASURES
from processors.departments.management.person import Person
from processors.departments.management.settings import ManagementSettings
from processors.departments.management.task import Task
from processors.processor import Aggregate, Processor
from schemas.management import EVENTS

department = Processor(
    name="management",
    inbox="events.management",
    events=EVENTS,
    aggregates={
        "task": Aggregate(Task, task_rules.step),
        "person": Aggregate(Person, person.step),
        "goal": Aggregate(Goal, goal.step),
        "measure": Aggregate(Measure, measure.step),
        "consultation": Aggregate(Consultation, consultation.step),
        "declaration": Aggregate(Declaration, declaration_rules.step),
    },
    settings=ManagementSettings,
    rules=(
        *task_rules.RULES,
        *person.RULES,
        *goal.RULES,
        *measure.RULES,
        *consultation.RULES,
        *declaration_rules.RULES,
    ),
    measures=MEASURES,
)
