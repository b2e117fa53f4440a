import pytest

from twinshop.lab.errors import LabError
from twinshop.lab.shapes import COMPONENTS, MICRO, MONO, Shape, parse, with_workers


def layout(shape):
    return [(process.name, process.components, process.port, process.module) for process in shape.processes]


def test_mono_is_one_process_with_all_components():
    assert layout(MONO) == [("mono", COMPONENTS, 8100, "twinshop.monolith")]


def test_micro_is_a_process_for_each_component():
    assert layout(MICRO) == [
        ("storefront", ("storefront",), 8200, "twinshop.storefront"),
        ("catalog", ("catalog",), 8201, "twinshop.catalog"),
        ("cart", ("cart",), 8202, "twinshop.cart"),
        ("payment", ("payment",), 8203, "twinshop.payment"),
        ("translate", ("translate",), 8204, "twinshop.translate"),
    ]


def test_each_shape_has_a_redis_of_its_own():
    assert (MONO.redis_port, MICRO.redis_port) == (8109, 8209)


def test_a_grouping_puts_components_joined_by_plus_into_one_monolith_process():
    assert layout(parse("storefront+cart,catalog+payment,translate", 8300)) == [
        ("storefront-cart", ("storefront", "cart"), 8300, "twinshop.monolith"),
        ("catalog-payment", ("catalog", "payment"), 8301, "twinshop.monolith"),
        ("translate", ("translate",), 8302, "twinshop.translate"),
    ]


def test_the_storefront_has_the_first_port_wherever_it_is_named():
    shape = parse("catalog+payment, cart+translate, storefront", 8400)
    assert shape.host_of("storefront").port == shape.port == 8400


def test_names_of_shapes_fit_the_footer():
    assert len(parse("storefront+cart,catalog+payment,translate", 50000).name) <= 20


@pytest.mark.parametrize("text", ["mono", "micro"])
def test_a_known_shape_on_another_port_is_another_shop(text):
    shape = parse(text, 8500)
    assert (shape.name, shape.port) == (f"{text}-8500", 8500)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("storefront,catalog,cart,payment", "translate is missing"),
        ("storefront,catalog,cart+cart,payment,translate", "cart appears twice"),
        ("storefront,catalog,cart,payment,translate,search", "`search` is not a component"),
        ("", "`` is not a component"),
    ],
)
def test_a_wrong_grouping_is_refused_with_the_reason(text, reason):
    with pytest.raises(LabError, match=reason):
        parse(text)


@pytest.mark.parametrize("port", [80, 65530])
def test_a_port_without_room_for_the_shape_is_refused(port):
    with pytest.raises(LabError, match=f"invalid port {port}"):
        parse("mono", port)


def test_a_shape_survives_being_written_down():
    assert Shape.from_json(MICRO.as_json()) == MICRO


def test_workers_come_from_a_variable_named_after_the_process():
    assert with_workers(MONO, {"MONO_WORKERS": "3"}).processes[0].workers == 3


@pytest.mark.parametrize("text", ["0", "two", "-1"])
def test_a_wrong_number_of_workers_is_refused(text):
    with pytest.raises(LabError, match="CATALOG_WORKERS must be a whole number"):
        with_workers(MICRO, {"CATALOG_WORKERS": text})
