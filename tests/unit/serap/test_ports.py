"""Which part listens where."""

import pytest

from serap.errors import OperatorError
from serap.ports import PortPlan


def test_the_ports_of_a_stack_follow_its_base() -> None:
    parts = {"intake": 9100, "routing": 9101, "notify": 9102, "reporting": 9103, "postgres": 9104, "broker": 9105, "smtp": 9106}
    assert PortPlan(9100).all() == parts
    assert PortPlan(9100).url("reporting") == "http://127.0.0.1:9103"


@pytest.mark.parametrize("base", [0, 1023, 65530, -1])
def test_a_base_without_room_for_seven_ports_is_refused(base: int) -> None:
    with pytest.raises(OperatorError, match=f"--port-base {base} is out of range. Give a number from 1024 to 65529"):
        PortPlan(base)
