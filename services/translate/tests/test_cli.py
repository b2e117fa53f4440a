"""The command `translate`, as a process."""

import asyncio
import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import uvicorn

from twinshop.contracts.translate import MAX_TEXT_LENGTH
from twinshop.kit.app import create_app
from twinshop.kit.settings import ServerSettings
from twinshop.translate.app import build
from twinshop.translate.cli import main

pytestmark = pytest.mark.integration

COMMAND = Path(sys.executable).with_name("translate")


@pytest.fixture
def translate(environment):
    """Runs the command; its exit code, output and messages."""

    def run(*arguments, text=None, **more):
        answer = subprocess.run(
            [COMMAND, *arguments],
            input=None if text is None else text.encode(),
            stdin=subprocess.DEVNULL if text is None else None,
            env={**environment, **more},
            capture_output=True,
            timeout=100,
            check=False,
        )
        return answer.returncode, answer.stdout.decode(), answer.stderr.decode()

    return run


@pytest.fixture
def translate_here(environment, monkeypatch, capfd):
    """As `translate`, in this process: for what is the same in every process, and asked often."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments):
        try:
            code = main(arguments)
        except SystemExit as end:  # the parser's
            code = end.code
        return code, *capfd.readouterr()

    return run


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "in.txt"
    path.write_bytes(b"Kitchen\r\n\r\n  hello <b>world</b>\n42")
    return path


TRANSLATED = "KITCHEN\r\n\r\n  HELLO <b>WORLD</b>\n42"


@pytest.fixture
def served(settings):
    """The service under uvicorn in a thread; its URL."""
    app = create_app([build(settings)], ServerSettings(), title="translate")
    server = uvicorn.Server(uvicorn.Config(app, http="httptools", lifespan="on", log_config=None, access_log=False))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=asyncio.run, args=[server.serve([listener])])
        thread.start()
        yield "http://{}:{}".format(*listener.getsockname())
        server.should_exit = True
        thread.join()


def test_a_text_of_the_memory_is_translated(translate):
    assert translate("-t", "Kitchen", "-s", "en", "-d", "es") == (0, "Cocina\n", "")


def test_a_text_is_translated_by_machine(translate):
    assert translate("-t", "hello world", "-d", "pt") == (0, "HELLO WORLD\n", "")


def test_verbose_says_who_translated_on_standard_error(translate):
    assert translate("-v", "-t", "hello world", "-d", "it") == (
        0,
        "HELLO WORLD\n",
        "translate: apertium eng-por + por-ita: 1 line\n",
    )


def test_what_cannot_be_translated_is_printed_as_it_is_and_counted(translate):
    code, output, messages = translate("-t", "Kitchen\nhello\n1\nthere", "-d", "es")
    assert (code, output) == (1, "Cocina\nhello\n1\nthere\n")
    assert messages == "translate: 2 lines could not be translated and stayed as in the original\n"


def test_a_file_goes_in_and_out(translate, file, tmp_path):
    out = tmp_path / "out.txt"
    assert translate("-i", str(file), "-o", str(out), "-d", "pt") == (0, "", "")
    assert out.read_bytes().decode() == TRANSLATED


def test_standard_input_and_output_are_files_too(translate):
    assert translate("-i", "-", "-o", "-", "-d", "pt", text="hello\nworld") == (0, "HELLO\nWORLD", "")


def test_a_file_may_be_translated_in_its_place(translate, file):
    file.chmod(0o640)
    assert translate("-i", str(file), "-o", str(file), "-d", "pt")[0] == 0
    assert file.read_bytes().decode() == TRANSLATED
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_link_stays_a_link(translate, file, tmp_path):
    link = tmp_path / "link.txt"
    link.symlink_to(file)
    assert translate("-t", "hello", "-d", "pt", "-o", str(link))[0] == 0
    assert (link.is_symlink(), file.read_text()) == (True, "HELLO")


def test_a_new_file_has_the_usual_permissions(translate, tmp_path):
    os.umask(mask := os.umask(0o022))
    out = tmp_path / "out.txt"
    translate("-t", "hello", "-d", "pt", "-o", str(out))
    assert stat.S_IMODE(out.stat().st_mode) == 0o666 & ~mask


def test_a_device_is_written_as_it_is(translate):
    assert translate("-t", "hello", "-d", "pt", "-o", "/dev/stdout") == (0, "HELLO", "")


def test_a_large_file_comes_out_whole(translate, tmp_path):
    source, out = tmp_path / "in.txt", tmp_path / "out.txt"
    text = "".join(f"line {n}\n" for n in range(1000)) + "A sentence. " * (MAX_TEXT_LENGTH // 4) + "x" * 25_000
    source.write_text(text)
    assert translate("-i", str(source), "-o", str(out), "-d", "pt")[0] == 0
    assert out.read_text() == text.upper()


def test_a_failure_leaves_the_old_file_and_no_half_one(translate, file, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    old = folder / "out.txt"
    old.write_text("old")
    assert translate("-i", str(file), "-o", str(old), "-d", "xx")[0] == 2
    assert ([path.name for path in folder.iterdir()], old.read_text()) == (["out.txt"], "old")


def test_a_full_disk_leaves_no_half_file(environment, file, tmp_path):
    """The limit on the size of files stands for the disk."""
    folder = tmp_path / "folder"
    folder.mkdir()
    file.write_text("hello\n" * 10_000)
    script = f"ulimit -f 8; trap '' XFSZ; exec '{COMMAND}' -i '{file}' -o '{folder}/out.txt' -d pt"
    answer = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, check=False)
    assert (answer.returncode, list(folder.iterdir())) == (2, [])
    assert b"cannot write" in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-d", "es"], "required"),
        (["-t", "x"], "-d"),
        (["-t", "x", "-i", "y", "-d", "es"], "not allowed"),
        (["-t", "x", "-d", "xx"], "knows en, es, fr, it, pt"),
        (["-t", "", "-d", "xx"], "knows en, es, fr, it, pt"),
        (["-t", "x", "-d", "spanish"], "target"),
        (["-i", "/nonexistent/in.txt", "-d", "es"], "cannot read /nonexistent/in.txt: No such file"),
        (["-t", "x", "-d", "pt", "-o", "/nonexistent/out.txt"], "cannot write /nonexistent/out.txt: No such file"),
        (["-t", "x", "-d", "pt", "-o", "nosuch://bucket/out.txt"], "nosuch"),
        (["-t", "x", "-d", "pt", "--url", "ftp://localhost"], "http://"),
        (["-t", "x", "-d", "pt", "--url", "localhost:8000"], "http://"),
    ],
)
def test_what_makes_no_sense_is_explained_in_one_line(translate_here, arguments, message):
    code, output, messages = translate_here(*arguments)
    assert (code, output) == (2, "")
    assert message in messages.splitlines()[-1]


def test_a_file_that_is_no_text_is_refused(translate, file):
    file.write_bytes(b"caf\xe9")
    code, _, messages = translate("-i", str(file), "-d", "es")
    assert (code, messages) == (2, f"translate: {file} is not text in UTF-8\n")


def test_languages_are_listed(translate):
    code, output, _ = translate("--languages")
    assert code == 0
    assert "en -> es  memory only\n" in output
    assert "en -> it  apertium eng-por + por-ita\n" in output


def test_a_reader_who_has_gone_gets_no_traceback(environment):
    read, write = os.pipe()
    os.close(read)
    command = [COMMAND, "-t", "hello", "-d", "pt"]
    answer = subprocess.run(command, env=environment, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (answer.returncode, answer.stderr) == (1, b"")


def test_a_running_service_may_translate_instead(translate, served, file):
    """This process has no modes, so it could not."""
    answer = translate("-v", "-i", str(file), "-d", "pt", "--url", served, TRANSLATE_APERTIUM_MODES="/nonexistent")
    assert answer == (0, TRANSLATED, "translate: apertium eng-por: 2 lines\ntranslate: same: 2 lines\n")


def test_a_running_service_lists_its_languages(translate, served):
    code, output, _ = translate("--languages", "--url", f"{served}/", TRANSLATE_APERTIUM_MODES="/nonexistent")
    assert code == 0
    assert "en -> pt  apertium eng-por\n" in output


def test_a_language_that_the_service_does_not_know_is_explained(translate, served):
    code, _, messages = translate("-t", "x", "-d", "xx", "--url", served)
    assert (code, messages) == (2, "translate: The translator knows en, es, fr, it, pt.\n")


def test_a_portion_of_the_oddest_characters_is_not_too_large_for_a_service(translate, served, tmp_path):
    path = tmp_path / "odd.txt"
    path.write_text(text := ("\x01" * 9_000 + "🎉" * 900 + "\n") * 5)
    assert translate("-i", str(path), "-d", "pt", "--url", served) == (0, text, "")


def test_a_service_that_is_not_there_is_explained(translate):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = "http://{}:{}".format(*probe.getsockname())
    code, output, messages = translate("-t", "x", "-d", "es", "--url", url)
    assert (code, output) == (1, "")
    assert messages.startswith(f"translate: The translate service at {url} does not answer:")


def test_what_is_no_translate_service_is_explained(translate, served):
    code, output, messages = translate("-t", "x", "-d", "es", "--url", f"{served}/elsewhere")
    assert (code, output) == (1, "")
    assert len(messages.splitlines()) == 1


@pytest.mark.parametrize("text", ["\ufeffKitchen\n", "\ufeff\ufeffKitchen\n"])
def test_a_byte_order_mark_does_not_hide_the_first_line(translate, text):
    assert translate("-i", "-", "-d", "es", text=text)[:2] == translate("-i", "-", "-d", "es", text="Kitchen\n")[:2]


def test_nor_do_those_of_files_put_together(translate, tmp_path):
    file = tmp_path / "both.txt"
    file.write_text("\ufeffKitchen\n\ufeffGarden\n", encoding="utf-8")
    assert translate("-i", str(file), "-d", "es")[1] == "Cocina\nJardín\n"
    assert translate("-t", "\ufeffKitchen", "-d", "es")[1] == "Cocina\n"
