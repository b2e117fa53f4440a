"""One secret for all shops of a checkout; passwords that belong to nobody's shell."""

import json
import sys

import pytest

from twinshop.lab import repository
from twinshop.lab.environments.docker.lifecycle import ComposeDeployment
from twinshop.lab.shapes import parse

pytestmark = pytest.mark.integration

SHOW = (
    f"#!{sys.executable}\n"
    "import json, os, pathlib, sys\n"
    "names = ('TWINSHOP_SECRET', 'TWINSHOP_DB_PASSWORD', 'TWINSHOP_OWNER_PASSWORD', 'TWINSHOP_CALL_KEY')\n"
    "seen = {name: os.environ[name] for name in names if name in os.environ}\n"
    "file = pathlib.Path(sys.argv[sys.argv.index('--env-file') + 1])\n"
    "kept = dict(line.split('=', 1) for line in file.read_text().splitlines())\n"
    "print(json.dumps({'environment': seen, 'file': kept}))\n"
)


@pytest.fixture
def told(root, tmp_path, monkeypatch, capfd):
    """What Compose is told: by its environment, and by the file that its environment comes before."""
    (root / "compose").mkdir()
    docker = tmp_path / "docker"
    docker.write_text(SHOW)
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("TWINSHOP_SECRET", *repository.MADE_ONCE):
        monkeypatch.delenv(name, raising=False)

    def ask():
        ComposeDeployment(parse("mono"), root).logs()
        return json.loads(capfd.readouterr().out)

    return ask


def test_shops_in_containers_and_local_ones_have_the_same_secret(told, root):
    seen = told()
    assert seen["environment"]["TWINSHOP_SECRET"] == seen["file"]["TWINSHOP_SECRET"] == repository.shop_secret(root)
    assert (root / ".run" / "secret").stat().st_mode & 0o777 == 0o600


def test_the_secret_of_a_shell_does_not_lose_the_carts(told, root, monkeypatch):
    before = told()["environment"]["TWINSHOP_SECRET"]
    monkeypatch.setenv("TWINSHOP_SECRET", "a" * 32)
    assert told()["environment"]["TWINSHOP_SECRET"] == before


def test_carts_of_containers_of_an_earlier_version_stay_readable(told, root):
    base = repository.folder(root, ".")
    (base / "docker.env").write_text("TWINSHOP_SECRET=earlier\nTWINSHOP_DB_PASSWORD=kept\n")
    file = told()["file"]
    made = {name: file.pop(name) for name in ("TWINSHOP_CALL_KEY", "TWINSHOP_OWNER_PASSWORD")}  # that version had none
    assert file == {"TWINSHOP_SECRET": "earlier", "TWINSHOP_DB_PASSWORD": "kept"}
    assert {len(each) for each in made.values()} == {64}
    assert told()["file"].items() >= made.items()
    assert repository.shop_secret(root) == "earlier"


def test_the_secret_of_local_shops_wins_over_one_that_only_containers_had(told, root):
    base = repository.folder(root, ".")
    (base / "secret").write_text("local\n")
    (base / "docker.env").write_text("TWINSHOP_SECRET=earlier\nTWINSHOP_DB_PASSWORD=kept\n")
    file = told()["file"]
    made = {name: file.pop(name) for name in ("TWINSHOP_CALL_KEY", "TWINSHOP_OWNER_PASSWORD")}  # that version had none
    assert file == {"TWINSHOP_SECRET": "local", "TWINSHOP_DB_PASSWORD": "kept"}
    assert {len(each) for each in made.values()} == {64}
    assert told()["file"].items() >= made.items()
    assert told()["environment"]["TWINSHOP_SECRET"] == "local"


@pytest.mark.parametrize("password", ["p@s/s:w#o%r$d ?&'\"\\", "plain"])
def test_a_password_of_the_shell_is_the_databases_from_this_start_on(told, monkeypatch, password):
    monkeypatch.setenv("TWINSHOP_DB_PASSWORD", password)
    assert told()["environment"]["TWINSHOP_DB_PASSWORD"] == password


@pytest.mark.parametrize("name", repository.MADE_ONCE)
def test_without_one_the_kept_secret_is_taken(told, monkeypatch, name):
    kept = told()["file"][name]
    assert len(kept) == 64

    monkeypatch.setenv(name, "")  # set, but empty: as if it were not
    seen = told()
    assert name not in seen["environment"]
    assert seen["file"][name] == kept
