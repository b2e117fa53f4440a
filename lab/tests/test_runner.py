"""The runner: random order, nothing lost, one bad trial does not end the run."""

from dataclasses import dataclass, field

import pytest

from twinshop.lab.errors import LabError, Unsupported
from twinshop.lab.experiments.api import Request
from twinshop.lab.experiments.order import seed_of, shuffled
from twinshop.lab.experiments.progress import Watch, duration
from twinshop.lab.experiments.runner import MOST_FAILURES, execute, plan
from twinshop.lab.results.run import new_run
from twinshop.lab.results.trial import Outcome, Spec

REQUEST = Request("smoke", ("local",))
SPECS = [Spec("fake", arm, block) for block in range(20) for arm in ("mono", "micro")]


@dataclass
class Fake:
    """Measures nothing; fails where it is told to."""

    specs: list = field(default_factory=lambda: SPECS)
    name: str = "fake"
    question: str = "Does the runner work?"
    trouble: dict = field(default_factory=dict)
    seen: list = field(default_factory=list)

    def plan(self, request):
        return self.specs if request.repeats is None else self.specs[: 2 * request.repeats]

    def expected_seconds(self, spec, request):
        return 2.0

    def run(self, spec, request, bench):
        self.seen.append((spec, bench.seed, bench.folder))
        error = self.trouble.get(len(self.seen) - 1)
        if error is not None:
            raise error
        return Outcome({"seconds_s": 1.0})


@pytest.fixture
def run(tmp_path):
    made = new_run(tmp_path, "test")
    made.describe()
    return made


def execute_all(fake, run, tmp_path):
    chosen = plan([fake], REQUEST, seed=3)
    with Watch([seconds for _, _, seconds in chosen.trials]) as watch:
        execute(chosen, run, tmp_path, watch)


def test_blocks_stay_together_and_arms_change_places():
    order = shuffled(SPECS, 5)

    pairs = [order[at : at + 2] for at in range(0, len(order), 2)]
    assert all(first.block == second.block for first, second in pairs)
    assert {first.arm for first, _ in pairs} == {"mono", "micro"}
    assert [first.block for first, _ in pairs] != sorted(first.block for first, _ in pairs)
    assert sorted(order, key=SPECS.index) == SPECS


def test_the_same_seed_gives_the_same_order_and_another_another():
    assert shuffled(SPECS, 5) == shuffled(SPECS, 5) != shuffled(SPECS, 6)
    assert seed_of(1, "a") == seed_of(1, "a") != seed_of(1, "b")


def test_every_trial_is_kept_in_its_place_and_the_arms_of_a_block_share_a_seed(run, tmp_path):
    fake = Fake()
    execute_all(fake, run, tmp_path)

    kept = run.trials()
    assert [trial.spec for trial in kept] == [spec for spec, _, _ in fake.seen]
    assert [trial.position for trial in kept] == list(range(40))
    seeds = {}
    for spec, seed, _ in fake.seen:
        seeds.setdefault(spec.block, set()).add(seed)
    assert {len(each) for each in seeds.values()} == {1}
    assert len({seed for each in seeds.values() for seed in each}) == 20
    assert all(
        folder == run.folder / "trials" / trial.id for trial, (_, _, folder) in zip(kept, fake.seen, strict=True)
    )


def test_single_experiments_may_have_their_own_number_of_blocks():
    chosen = plan([Fake(), Fake(name="other")], REQUEST, 3, {"other": 4})

    assert [(request.repeats, name) for name, request in chosen.requests.items()] == [(None, "fake"), (4, "other")]
    assert sum(each.name == "other" for each, _, _ in chosen.trials) == 8


def test_a_trial_that_fails_is_void_with_its_reason_and_the_others_go_on(run, tmp_path):
    execute_all(Fake(trouble={4: LabError("no port")}), run, tmp_path)

    voids = [trial for trial in run.trials() if not trial.valid]
    assert [(trial.position, trial.outcome.void) for trial in voids] == [(4, "failed: no port")]
    assert len(run.trials()) == 40


def test_what_keeps_failing_is_left_out_with_a_reason(run, tmp_path):
    fake = Fake(trouble=dict.fromkeys(range(2, 40), LabError("broken")))
    execute_all(fake, run, tmp_path)

    assert len(fake.seen) == len(run.trials()) == 2 + MOST_FAILURES
    assert "skipped" in run.skipped("fake")[0]


def test_what_cannot_be_done_here_is_told_and_no_trial(run, tmp_path):
    execute_all(Fake(trouble={0: Unsupported("no docker")}), run, tmp_path)

    assert run.skipped("fake") == ["no docker"]
    assert len(run.trials()) == 39


def test_an_interrupted_run_keeps_what_it_has(run, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        execute_all(Fake(trouble={3: KeyboardInterrupt()}), run, tmp_path)

    assert len(run.trials()) == 3


def test_the_time_left_learns_from_the_time_taken(monkeypatch):
    now = iter([0.0, 4.0])
    monkeypatch.setattr("twinshop.lab.experiments.progress.time.monotonic", lambda: next(now))
    watch = Watch([2.0, 2.0, 3.0])
    with watch.trial("first"):
        pass

    assert watch.left == 10.0


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (89, "89 s"), (720, "12 min"), (7500, "2 h 05 min"), (5940, "99 min")]
)
def test_durations_are_told_in_words(seconds, text):
    assert duration(seconds) == text
