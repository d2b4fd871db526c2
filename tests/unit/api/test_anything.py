"""Whatever is asked, the answer is one of ours; and whatever is taken, alerting can apply."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.api.commands import COMMANDS
from tests.unit.alerting.saying import fires, of
from tests.unit.api.served import Served

TEXT = st.text(max_size=8) | st.sampled_from(["alertname", "severity", "Noise", "", ".*", "(", "a|b", "\x00", "dana"])
TIMES = st.sampled_from(
    [
        "2026-01-05T08:00:00Z",
        "2026-01-05T10:00:00.5+02:00",
        "2026-01-05T12:00:00",
        "0001-01-01T00:00:00Z",
        "0001-01-02T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "9999-12-31T23:59:59Z",
        "1969-01-01T00:00:00Z",
        "soon",
        "",
        None,
        5,
    ]
)
ALERT = st.fixed_dictionaries(
    {"labels": st.dictionaries(TEXT, TEXT, max_size=3)},
    optional={
        "annotations": st.none() | st.dictionaries(TEXT, TEXT, max_size=2),
        "startsAt": TIMES,
        "endsAt": TIMES,
        "generatorURL": st.sampled_from(["http://x/y", "", "x y"]),
    },
)
MATCHER = st.fixed_dictionaries(
    {"name": TEXT, "value": TEXT, "isRegex": st.booleans()}, optional={"isEqual": st.booleans() | st.none()}
)
SILENCE = st.fixed_dictionaries(
    {
        "matchers": st.lists(MATCHER, min_size=1, max_size=2),
        "startsAt": st.just("2026-01-05T08:00:00Z") | TIMES,
        "endsAt": st.just("2026-01-05T10:00:00Z") | TIMES,
        "createdBy": TEXT,
        "comment": TEXT,
    }
)
FIELD = st.none() | TEXT | TIMES | st.integers() | st.lists(TEXT, max_size=2)
COMMAND = st.fixed_dictionaries(
    {"by": TEXT},
    optional={"note": TEXT, "until": TIMES, "for_minutes": FIELD, "to": st.lists(TEXT, max_size=2), "into": FIELD},
)
ASKED = (
    st.tuples(st.just("/api/v2/alerts"), st.lists(ALERT, max_size=3))
    | st.tuples(st.just("/api/v2/silences"), SILENCE)
    | st.tuples(st.sampled_from(sorted(COMMANDS)).map(lambda verb: f"/api/v1/alerts/{of()}/{verb}"), COMMAND)
)


@given(st.lists(ASKED, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_what_is_taken_can_be_applied(asked: list[tuple[str, Any]]) -> None:
    served = Served().receives(fires())
    for path, body in asked:
        answer = served.post(path, body)
        assert answer.status_code in (200, 202, 400, 409, 422), answer.text
        if answer.status_code >= 400:
            assert answer.json()
    served.later(hours=5)
    assert not [(output.value, output.headers) for output in served.office.dead_letters]
    assert served.get("/api/v2/alerts").status_code == 200
    assert served.get("/api/v2/alerts/groups").status_code == 200
    assert served.get("/api/v2/silences").status_code == 200
