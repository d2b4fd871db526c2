"""An index holds what a dict of sets would, row by row."""

from hypothesis import given
from hypothesis import strategies as st

from processors.alerting import index
from processors.alerting.index import Index, owner
from processors.rows import Rows

OWNERS = [owner("a"), owner("a", "b"), owner('a", "b')]
changes = st.tuples(st.booleans(), st.sampled_from(OWNERS), st.sampled_from("abcd"))


@given(st.lists(changes, max_size=40))
def test_it_holds_what_was_added_and_not_discarded_the_latest_first(changes: list[tuple[bool, str, str]]) -> None:
    rows: Index = Rows()
    plain: dict[str, list[str]] = {name: [] for name in OWNERS}
    for adds, name, member in changes:
        rows = (index.add if adds else index.discard)(rows, name, member)
        if adds and member not in plain[name]:
            plain[name].insert(0, member)
        elif not adds and member in plain[name]:
            plain[name].remove(member)
    assert {name: list(index.members(rows, name)) for name in OWNERS} == plain
    assert len(rows) == sum(len(members) + bool(members) for members in plain.values()), "nothing is left behind"


def test_adding_to_a_long_list_writes_a_few_rows_only() -> None:
    base: Index = Rows()
    for n in range(1000):
        base = index.add(base, owner("service/vpn"), f"complaint/{n}")
    fresh: Index = Rows(dict(base))
    assert len(index.add(fresh, owner("service/vpn"), "complaint/1000").changes) == 3
    assert len(index.discard(fresh, owner("service/vpn"), "complaint/500").changes) == 3
