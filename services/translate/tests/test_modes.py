"""Which pairs are installed."""

import shutil

import pytest

from twinshop.translate.apertium.modes import Mode, discover, parse
from twinshop.translate.settings import TranslateSettings

CAT = shutil.which("cat")
TEE = shutil.which("tee")


@pytest.fixture
def folder(tmp_path):
    def fill(**modes):
        for name, text in modes.items():
            (tmp_path / f"{name.replace('__', '-')}.mode").write_text(text)
        return tmp_path

    return fill


def test_a_mode_is_found_under_its_short_language_codes(folder):
    assert discover(folder(eng__spa="cat 'a file'")) == {("en", "es"): Mode("eng-spa", ((CAT, "-z", "a file"),))}


def test_the_stages_are_told_to_answer_at_a_nul_and_to_leave_unknown_words_unmarked():
    assert parse("cat -w '/a/b.bin' | tee -g $2 x|cat $1 y") == (
        (CAT, "-z", "-w", "/a/b.bin"),
        (TEE, "-z", "-g", "x"),
        (CAT, "-z", "-n", "y"),
    )


def test_a_program_that_answers_at_a_nul_anyway_is_not_told(tmp_path, monkeypatch):
    program = tmp_path / "vislcg3"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert parse("vislcg3 --grammar x") == ((str(program), "--grammar", "x"),)


def test_modes_with_two_letter_names_are_found(folder):
    assert set(discover(folder(en__es="cat"))) == {("en", "es")}


def test_variants_and_modes_that_are_no_pair_are_left_out(folder):
    assert not discover(folder(eng__spa_US="cat", eng__morph="cat", eng__xyz="cat", eng="cat", eng__en="cat"))


@pytest.mark.parametrize(
    "text",
    ["no-such-program x", "cat | | cat", "", "cat > file", "cat; cat", "cat && cat", "cat $HOME", "cat 'open"],
)
def test_a_mode_that_cannot_run_is_left_out_and_logged(folder, caplog, text):
    assert not discover(folder(eng__spa=text))
    assert "eng-spa.mode is left out" in caplog.text


def test_without_apertium_there_are_no_pairs(tmp_path):
    assert not discover(tmp_path / "absent")


def test_the_installed_modes_can_all_run(installed_modes, caplog):
    discover(TranslateSettings.model_fields["apertium_modes"].default)
    assert caplog.text == ""
