"""The image of the translator with the extra `neural`: as a command on texts and files, and as a service."""

import os

import pytest

from twinshop.translate.models import main
from twinshop.translate.neural.demo import PAIR, VERSIONS

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

IMAGE = "twinshop/translate:neural-test"
_, NEW = VERSIONS


@pytest.fixture(scope="module")
def image(docker):
    docker("build", "-q", "-f", "services/translate/Dockerfile", "--build-arg", "EXTRAS=neural", "-t", IMAGE, ".")
    yield IMAGE
    docker("rmi", IMAGE)


@pytest.fixture
def folder(tmp_path):
    """Models, and texts to translate; the image's user may read them."""
    assert main(["--folder", str(tmp_path / "models"), "demo"]) == 0
    (tmp_path / "notes.txt").write_text("the red pan\n\nwater for tea\n")
    tmp_path.chmod(0o755)
    return tmp_path


@pytest.fixture
def run(docker, image, folder):
    """Runs a command in a new container; what it prints."""

    def run(*command):
        variables = ("-e", "TRANSLATE_ENGINE=neural", "-e", "TRANSLATE_MODELS=/texts/models")
        user = ("--user", str(os.getuid()))
        return docker("run", "--rm", "-v", f"{folder}:/texts", *user, *variables, image, *command)

    return run


def test_the_command_translates_a_text_by_a_model(run):
    assert run("translate", "-t", "the red pan", "-s", "en", "-d", "es") == "la roja sartén"


def test_the_command_translates_a_file_by_a_model(run, folder):
    run("translate", "-i", "/texts/notes.txt", "-o", "/texts/notas.txt", "-d", "es")
    assert (folder / "notas.txt").read_text() == "la roja sartén\n\nagua para té\n"


def test_a_version_is_put_to_use_from_the_image(run):
    run("python", "-m", "twinshop.translate.models", "use", "-".join(PAIR), NEW)
    assert run("translate", "-t", "the red pan", "-d", "es") == "la roja pan"
