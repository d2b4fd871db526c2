"""How much the console is used: counted as it is now, and without names."""

from prometheus_client import CollectorRegistry

from consumers.console.meters import Presence
from consumers.console.signing_in.people import Person, Role
from consumers.console.signing_in.sessions import Sessions


def test_sessions_count_until_they_end() -> None:
    now = 0.0
    sessions = Sessions(10, 100, lambda: now)
    dana = sessions.find(sessions.open(Person("dana", Role.OPERATOR)))
    sessions.open(Person("kim", Role.VIEWER))
    assert sessions.count == 2
    assert dana
    sessions.close(dana)
    assert sessions.count == 1
    now = 9.999
    assert sessions.count == 1
    now = 10.0
    assert sessions.count == 0


def test_what_is_told_is_as_it_is_when_asked() -> None:
    registry, open_ = CollectorRegistry(), {"pages": 0, "sessions": 0}
    registry.register(Presence(lambda: open_["pages"], lambda: open_["sessions"]))
    open_.update(pages=3, sessions=2)
    assert registry.get_sample_value("backoffice_console_pages") == 3
    assert registry.get_sample_value("backoffice_console_sessions") == 2
