"""The health of components as the storefront meets it."""

from twinshop.lab.control.calls import Calls, counted, health

EXPOSITION = """
# HELP twinshop_component_call_seconds Calls to components, in process or remote
# TYPE twinshop_component_call_seconds histogram
twinshop_component_call_seconds_bucket{component="cart",le="+Inf",operation="get",outcome="ok",where="remote"} 30.0
twinshop_component_call_seconds_count{component="cart",operation="get",outcome="ok",where="remote"} 30.0
twinshop_component_call_seconds_sum{component="cart",operation="get",outcome="ok",where="remote"} 0.5
twinshop_component_call_seconds_count{component="cart",operation="add",outcome="failed",where="remote"} 10.0
twinshop_component_call_seconds_sum{component="cart",operation="add",outcome="failed",where="remote"} 20.0
# TYPE twinshop_http_in_flight gauge
twinshop_http_in_flight 1.0
"""


def test_calls_are_counted_over_all_operations_and_replicas():
    assert counted([EXPOSITION]) == {"cart": Calls(40, 10, 20.5)}
    assert counted([EXPOSITION, EXPOSITION]) == {"cart": Calls(80, 20, 41)}


def test_health_is_that_of_the_calls_between_two_looks():
    before = {"cart": Calls(100, 50, 100), "catalog": Calls(10, 0, 0.1), "payment": Calls(5, 0, 1)}
    after = {"cart": Calls(110, 50, 100.1), "catalog": Calls(20, 0, 10.1), "payment": Calls(5, 0, 1)}
    after["translate"] = Calls(10, 1, 0.1)

    assert health(before, after) == {"cart": "ready", "catalog": "slow", "translate": "failing"}


def test_after_a_restart_nothing_is_known_until_there_are_calls_again():
    assert health({"cart": Calls(100, 50, 100)}, {"cart": Calls(3, 0, 0.1)}) == {}
