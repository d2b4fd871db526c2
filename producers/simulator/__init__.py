"""A seeded office that lives through days, plants known problems, and knows which alerts must follow."""

from collections.abc import Mapping

from producers.simulator import (
    accounting,
    across,
    finance,
    front_office,
    health,
    hr,
    it,
    management,
    manufacturing,
    ticket_bridge,
)
from producers.simulator.office import Expected, Life, Said, Setting, SimulatedOffice, Simulation, simulate

LIVES: Mapping[str, Life] = {
    "hr": hr.life,
    "accounting": accounting.life,
    "it": it.life,
    "front_office": front_office.life,
    "health": health.life,
    "finance": finance.life,
    "manufacturing": manufacturing.life,
    "management": management.life,
    "across": across.life,
    "ticket-bridge": ticket_bridge.life,
}
"""The life of each department, by its name; and what several of them, or a system between them, tell."""

__all__ = ["LIVES", "Expected", "Life", "Said", "Setting", "SimulatedOffice", "Simulation", "simulate"]
