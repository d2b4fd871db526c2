"""What upstream writes is checked before it is sent, and what is wrong is said by field."""

import json
from typing import Any

import pytest

from producers.errors import Refused
from producers.intake import Intake
from schemas.envelope import Event, Instant
from schemas.money import Money


class PalletSold(Event, type="warehouse.pallet.sold", kind="pallet", topic="events.warehouse"):
    """A pallet was sold."""

    price: Money
    buyer: str = ""
    collected_at: Instant | None = None


INTAKE = Intake({PalletSold.type: PalletSold})


def sold(**changes: Any) -> dict[str, Any]:
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": "1",
        "source": "test",
        "type": "warehouse.pallet.sold",
        "subject": "pallet/P-1",
        "time": "2026-03-02T09:30:00+01:00",
        "data": {"price": {"amount": "12.50"}},
    }
    return {name: value for name, value in (event | changes).items() if value is not ...}


def test_a_good_event_comes_with_its_envelope() -> None:
    event = INTAKE.parse(json.dumps(sold(correlationid="order-7", datacontenttype="application/json")))
    assert isinstance(event, PalletSold)
    assert str(event.price) == "12.50 EUR"
    assert (event.about.id, event.about.subject, event.about.correlationid) == ("1", "pallet/P-1", "order-7")
    assert event.about.time.isoformat() == "2026-03-02T08:30:00+00:00"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"type": "warehouse.pallet.sald"}, r"type: .* did you mean warehouse\.pallet\.sold\?"),
        ({"type": "x"}, "type: .* emit --list"),
        ({"type": ...}, "type: required"),
        ({"id": ..., "time": None}, "^id, time: required"),
        ({"tme": "2026"}, "tme: no such attribute"),
        ({"subject": "pallet"}, "subject: .* pallet/<id>"),
        ({"subject": "vendor/acme"}, "subject: .* pallet/<id>"),
        ({"time": "yesterday"}, "time: .*an offset is wanted"),
        ({"time": "2026-03-02T09:30:00"}, "time: .*timezone"),
        ({"specversion": "0.3"}, r"specversion: .*'1\.0'"),
        ({"datacontenttype": "text/xml"}, "datacontenttype: data must be JSON"),
        ({"data": {}}, "price: Field required"),
        ({"data": []}, "data: not a JSON object"),
        ({"data": {"price": {"amount": "12.50"}, "byer": "acme"}}, "^byer: Extra inputs are not permitted"),
        ({"data": {"price": {"amount": "12.50", "curency": "EUR"}}}, r"^price\.curency: Extra inputs"),
        ({"data": {"price": {"amount": "lots"}}}, r"^price\.amount: .*valid decimal"),
        ({"data": {"price": {"amount": "1"}, "collected_at": "2026-03-02T09:30:00"}}, "^collected_at: .*timezone"),
    ],
)
def test_what_is_wrong_is_said_by_field(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says):
        INTAKE.check(sold(**changes))


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '"text"', "null", b"\xff\xfe{}", "[" * 100_000])
def test_what_is_no_event_at_all_is_refused(text: str | bytes) -> None:
    with pytest.raises(Refused, match=r"not JSON|not a JSON object"):
        INTAKE.parse(text)


def test_what_was_given_is_not_repeated_since_it_may_be_personal() -> None:
    with pytest.raises(Refused) as refused:
        INTAKE.check(sold(data={"price": {"amount": "Dana Miller"}}))
    assert "Dana" not in str(refused.value)
