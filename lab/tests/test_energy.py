"""Joules, from a folder like the kernel's."""

from math import isnan

import pytest

from twinshop.lab.measurement.energy import counters, joules


@pytest.fixture
def powercap(tmp_path):
    """Two packages, one of them with a part; and a function that sets their counters."""

    def put(**values):
        for name, energy in values.items():
            folder = tmp_path / f"intel-rapl:{name[1:].replace('_', ':')}"
            folder.mkdir(exist_ok=True)
            (folder / "energy_uj").write_text(f"{energy}\n")
            (folder / "max_energy_range_uj").write_text("9999999\n")
        return counters(tmp_path)

    return put


def test_the_packages_add_up_and_their_parts_do_not_count_again(powercap):
    before = powercap(p0=1_000_000, p1=2_000_000, p0_0=5)
    after = powercap(p0=1_500_000, p1=4_000_000, p0_0=900_000)

    assert joules(before, after) == pytest.approx(2.5)


def test_a_counter_that_began_again_did_so_once(powercap):
    assert joules(powercap(p0=9_000_000), powercap(p0=500_000)) == pytest.approx(1.5)


def test_without_counters_nothing_is_known(powercap, tmp_path):
    assert counters(tmp_path / "nowhere") == {}
    assert isnan(joules({}, powercap(p0=1)))
    (tmp_path / "intel-rapl:0" / "energy_uj").write_text("")
    assert counters(tmp_path) == {}
