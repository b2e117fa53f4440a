import sys

import pytest

from twinshop.kit.imports import absent


def test_a_hidden_module_looks_as_if_it_were_not_installed():
    sys.modules.pop("antigravity", None)
    with absent("antigravity"), pytest.raises(ImportError):
        import antigravity  # noqa: F401, PLC0415

    assert "antigravity" not in sys.modules


def test_a_module_that_is_imported_already_stays():
    with absent("json"):
        import json  # noqa: PLC0415

        assert json.loads("1") == 1
    assert sys.modules["json"] is json


def test_a_hidden_module_can_be_imported_afterwards():
    sys.modules.pop("this_is_no_module", None)
    with pytest.raises(RuntimeError), absent("this_is_no_module"):
        raise RuntimeError

    assert "this_is_no_module" not in sys.modules
