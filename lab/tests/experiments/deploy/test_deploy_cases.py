"""Which trials there are, which code answered, and how parts are replaced, without a container."""

from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest

from twinshop.contracts.components import NAMES
from twinshop.lab.environments.docker import rollout
from twinshop.lab.environments.docker.engine import Container
from twinshop.lab.environments.local.parts import LocalParts
from twinshop.lab.errors import LabError, Unsupported
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.deployment import design
from twinshop.lab.experiments.deployment.experiment import EXPERIMENT
from twinshop.lab.measurement.versions import Sample, mixed_seconds
from twinshop.lab.shapes import MICRO, MONO


def factors(specs):
    return [(spec.arm, spec.factors["patch"], spec.factors["strategy"]) for spec in specs]


def test_a_quick_run_deploys_one_component_to_both_shapes():
    assert factors(EXPERIMENT.plan(Request("quick", ("docker",)))) == [
        ("mono", "catalog", "recreate"),
        ("micro", "catalog", "recreate"),
    ]


def test_a_full_run_has_both_strategies_a_shared_change_and_the_monolith_against_itself():
    specs = EXPERIMENT.plan(Request("full", ("docker", "local"), repeats=2))

    assert len(specs) == 2 * (3 * 2 + 1)
    assert {(patch, strategy) for _, patch, strategy in factors(specs)} == set(design.FULL)
    by_block = {}
    for spec in specs:
        by_block.setdefault(spec.block, set()).add((spec.factors["patch"], spec.factors["strategy"]))
    assert all(len(found) == 1 for found in by_block.values())


def test_patch_and_strategy_can_be_chosen():
    options = {"deploy.patch": "cart,contracts", "deploy.strategy": "rolling", "deploy.rate": "3"}
    request = Request("quick", ("docker",), options=options)
    assert {found[1:] for found in factors(EXPERIMENT.plan(request))} == {("cart", "rolling"), ("contracts", "rolling")}
    assert design.settings_of(request).rate == 3


@pytest.mark.parametrize(
    ("name", "value"), [("patch", "basket"), ("strategy", "blue"), ("rate", "0"), ("after", "soon"), ("colour", "red")]
)
def test_a_wrong_option_is_told(name, value):
    with pytest.raises(LabError, match=rf"deploy(\.| has no option `){name}"):
        EXPERIMENT.plan(Request("quick", ("docker",), options={f"deploy.{name}": value}))


def test_without_docker_the_reason_is_told():
    request = Request("full", ("local",))
    (spec,) = EXPERIMENT.plan(request)
    with pytest.raises(Unsupported, match="needs Docker"):
        EXPERIMENT.run(spec, request, None)


def test_a_component_is_one_process_of_micro_and_shared_code_is_in_all_of_them():
    def named(shape, patch):
        return {part: image.name for part, image in design.targets(shape, patch).items()}

    assert named(MONO, "catalog") == named(MONO, "contracts") == {"mono": "monolith"}
    assert named(MICRO, "catalog") == {"catalog": "catalog"}
    shared = named(MICRO, "contracts")
    assert set(shared) == set(NAMES)
    assert list(shared)[-1] == "storefront"


def test_old_and_new_are_together_only_while_both_answer():
    old = {"catalog": "a", "cart": "b"}
    samples = [
        Sample(10.0, {"catalog": ["a", "a"], "cart": ["b"]}),
        Sample(11.0, {"catalog": ["a", "x"], "cart": ["b"]}),
        Sample(12.5, {"catalog": ["x"], "cart": []}),
        Sample(13.0, {"catalog": ["x"], "cart": ["b"]}),
        Sample(14.0, {"catalog": ["x"], "cart": ["y"]}),
    ]
    assert mixed_seconds(samples, old, 0.0, 20.0) == pytest.approx(1.5 + 1.0)
    assert mixed_seconds(samples, old, 12.0, 13.5) == pytest.approx(0.5 + 0.5)


@dataclass
class World:
    """An engine and a Compose project in memory: what `up` starts has the image that was asked for last."""

    images: list
    ready: bool = True
    image: str = "old"
    steps: list = field(default_factory=list)
    containers_: dict = field(default_factory=dict)

    def __post_init__(self):
        for image in self.images:
            self._add(image)

    def _add(self, image):
        name = f"c{len(self.containers_) + len(self.steps)}"
        good = self.ready or image == "old"
        self.containers_[name] = Container(
            name, "catalog", image, "running" if good else "restarting", healthy=True, ports={8000: 1}
        )

    def containers(self):
        return list(self.containers_.values())

    def exits(self, container):
        return 9, 1

    def logs(self, container):
        return "a bad patch"

    def remove(self, container, seconds):
        self.steps.append(f"- {self.containers_.pop(container).image}")

    def describe(self, *files):
        self.image = files[-1].read_text().split('"image": "')[1].partition('"')[0]

    def run(self, *words):
        (scale,) = (int(word.partition("=")[2]) for word in words if word.startswith("catalog="))
        if "--no-recreate" not in words:
            for name in list(self.containers_):
                self.remove(name, 0)
        while len(self.containers_) < scale:
            self._add(self.image)
            self.steps.append(f"+ {self.image}")


@pytest.fixture
def deploying(tmp_path, monkeypatch):
    """A rollout to a service with two replicas; `/readyz` answers for every one that runs."""
    monkeypatch.setattr(rollout, "readiness", SimpleNamespace(ask=lambda _: (True, "")))

    def made(world):
        services, replicas = {"catalog": "catalog"}, {"catalog": 2}
        return rollout.Rollout(world, world, [tmp_path / "overlay.json"], services, replicas, "storefront", 1)

    return made


def test_rolling_starts_one_before_it_stops_one(deploying):
    world = World(["old", "old"])

    assert deploying(world).deploy({"catalog": "new"}, rolling=True, seconds=1) == 2
    assert world.steps == ["+ new", "- old", "+ new", "- old"]


def test_a_bad_patch_that_is_rolled_out_leaves_the_old_ones_and_the_way_back_only_removes_it(deploying):
    world = World(["old", "old"], ready=False)
    rolled = deploying(world)

    with pytest.raises(LabError, match=r"(?s)catalog exited 10 times.*a bad patch"):
        rolled.deploy({"catalog": "new"}, rolling=True, seconds=1)
    assert sorted(each.image for each in world.containers()) == ["new", "old", "old"]

    assert rolled.deploy({"catalog": "old"}, rolling=True, seconds=1) == 0
    assert world.steps == ["+ new", "- new"]


def test_recreating_stops_all_before_it_starts_any(deploying):
    world = World(["old", "old"])

    assert deploying(world).deploy({"catalog": "new"}, rolling=False, seconds=1) == 2
    assert world.steps == ["- old", "- old", "+ new", "+ new"]


def test_what_is_no_process_of_the_shop_cannot_be_deployed(deploying, tmp_path):
    with pytest.raises(Unsupported, match="edge cannot be deployed"):
        deploying(World([])).deploy({"edge": "new"}, rolling=True, seconds=1)
    with pytest.raises(Unsupported, match="only containers can be deployed"):
        LocalParts(replace(MONO), tmp_path).deploy({"mono": "new"})
