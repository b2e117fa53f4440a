"""The operator's command for models: toys, comparisons, rollouts, and packages fetched from a server here."""

import hashlib
import io
import json
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from twinshop.translate.models import main
from twinshop.translate.neural import demo, fetch, folder
from twinshop.translate.neural.folder import InUse
from twinshop.translate.neural.model import Model

PAIR = ("en", "es")
VERSION = "argos-1.0"


@pytest.fixture(scope="session")
def package(tmp_path_factory):
    """The toy as Argos packs it: one folder, the model in a folder of its own, and data for another library."""
    made = demo.make(tmp_path_factory.mktemp("made"), "toy-1", demo.SIZES["small"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        root = "translate-en_es-1_0"
        for name in ("model.bin", "config.json", "shared_vocabulary.json"):
            package.write(made / name, f"{root}/model/{name}")
        # One tokenizer for both languages, as Argos has it.
        package.write(made / "source.spm", f"{root}/sentencepiece.model")
        package.writestr(f"{root}/metadata.json", json.dumps({"package_version": "1.0", "from_code": "en"}))
        package.writestr(f"{root}/README.md", "A toy.")
        package.writestr(f"{root}/stanza/en/tokenize/ewt.pt", "not needed")
    return packed.getvalue()


class Server(ThreadingHTTPServer):
    """Gives one file, in ranges too; `lose` ends the first answer after so many bytes."""

    daemon_threads = True
    content = b""
    lose: int | None = None
    ranges = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/en_es.argosmodel"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self):
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        content = self.server.content
        begin = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.server.ranges else 0
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(content) - begin))
        self.end_headers()
        lose, self.server.lose = self.server.lose, None
        self.wfile.write(content[begin:] if lose is None else content[begin : begin + lose])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(package):
    with Server() as server:
        server.content = package
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def place(tmp_path):
    return tmp_path / "models"


@pytest.fixture
def run(place, capsys):
    """Runs the command; its exit code, output and messages."""

    def run(*arguments):
        code = main(["--folder", str(place), *arguments])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def listed(server, package, tmp_path):
    """Writes a list of packages with one that the server has; its path."""

    def write(**changed):
        source = {
            "pair": "en-es",
            "version": VERSION,
            "urls": [server.url],
            "bytes": len(package),
            "sha256": hashlib.sha256(package).hexdigest(),
            "licence": "Apache-2.0",
            **changed,
        }
        path = tmp_path / "sources.json"
        path.write_text(json.dumps([source]))
        return str(path)

    return write


@pytest.mark.integration
class TestFetch:
    def test_a_package_becomes_a_version_that_is_in_use(self, run, listed, place):
        code, output, _ = run("fetch", "es", "--sources", listed())
        path = folder.path_of(place, PAIR, VERSION)
        assert code == 0
        assert "its licence: Apache-2.0" in output
        assert {each.name for each in path.iterdir()} == {
            "model.bin", "config.json", "shared_vocabulary.json", "sentencepiece.model", "metadata.json", "README.md",
            "origin.json",
        }  # fmt: skip
        assert folder.in_use(place) == {PAIR: InUse(version=VERSION)}
        assert Model(path).translate(["the red"]) == ["la roja"]
        assert [each.name for each in place.rglob("*.part")] == []

    def test_what_is_there_is_not_fetched_again(self, run, listed, server):
        run("fetch", "es", "--sources", listed())
        assert run("fetch", "es", "--sources", listed())[0] == 0
        assert server.asked == [None]

    def test_a_second_version_is_not_put_to_use(self, run, listed, place):
        run("fetch", "es", "--sources", listed())
        run("fetch", "es", "--sources", listed(version="argos-1.1"))
        assert folder.versions(place) == {PAIR: [VERSION, "argos-1.1"]}
        assert folder.in_use(place) == {PAIR: InUse(version=VERSION)}

    @pytest.mark.parametrize("ranges", [True, False])
    def test_a_download_that_broke_off_is_completed(self, run, listed, server, place, ranges):
        server.lose, server.ranges = 1000, ranges
        code, _, message = run("fetch", "es", "--sources", listed())
        assert code == 2
        assert "broke off" in message or "IncompleteRead" in message
        assert not folder.path_of(place, PAIR, VERSION).exists()

        assert run("fetch", "es", "--sources", listed())[0] == 0
        assert server.asked == [None, "bytes=1000-"]

    def test_other_bytes_than_meant_are_refused_and_leave_nothing(self, run, listed, server, place):
        server.content = b"x" * len(server.content)
        code, _, message = run("fetch", "es", "--sources", listed())
        assert code == 2
        assert "checksum" in message
        assert [each for each in place.rglob("*") if each.is_file()] == []

    def test_the_next_address_is_tried(self, run, listed, server):
        nobody = "http://127.0.0.1:1/en_es.argosmodel"
        assert run("fetch", "es", "--sources", listed(urls=[nobody, server.url]))[0] == 0

    def test_without_a_network_it_says_what_to_do(self, run, listed):
        code, _, message = run("fetch", "es", "--sources", listed(urls=["http://127.0.0.1:1/en_es.argosmodel"]))
        assert code == 2
        assert "refused" in message
        assert "models demo" in message

    def test_without_a_checksum_it_asks_for_one(self, run, listed, package):
        code, _, message = run("fetch", "es", "--sources", listed(sha256=None, bytes=None))
        assert code == 2
        assert "--sha256" in message
        digest = hashlib.sha256(package).hexdigest()
        assert run("fetch", "es", "--sources", listed(sha256=None, bytes=None), "--sha256", digest)[0] == 0

    @pytest.mark.parametrize("files", [{"a/bpe.model": "x", "a/model/model.bin": "x"}, {"a/readme": "x"}])
    def test_a_package_without_the_files_of_a_model_is_refused(self, run, listed, server, place, files):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as package:
            for name, content in files.items():
                package.writestr(name, content)
        server.content = packed.getvalue()
        digest = hashlib.sha256(server.content).hexdigest()
        code, _, message = run("fetch", "es", "--sources", listed(sha256=digest, bytes=None))
        assert code == 2
        assert "has no" in message
        assert folder.versions(place) == {}

    def test_a_name_in_a_package_chooses_no_place(self, run, listed, server, package, place):
        packed = io.BytesIO(package)
        with zipfile.ZipFile(packed, "a") as changed:
            changed.writestr("../../model/../model/evil.bin", "x")
        server.content = packed.getvalue()
        digest = hashlib.sha256(server.content).hexdigest()
        assert run("fetch", "es", "--sources", listed(sha256=digest, bytes=None))[0] == 0
        assert [each.parent for each in place.parent.rglob("evil.bin")] == [folder.path_of(place, PAIR, VERSION)]


def test_a_language_that_is_not_listed_is_told(run):
    code, _, message = run("fetch", "xx")
    assert code == 2
    assert "en-es" in message


def test_the_shipped_list_pins_what_is_fetched_by_default():
    by_pair = {source.pair: source for source in fetch.sources()}
    assert {"en-es", "en-fr", "en-de", "en-ca"} == set(by_pair)
    assert all(by_pair[f"en-{language}"].sha256 for language in ("es", "fr", "de"))
    assert all(url.startswith("https://") for source in by_pair.values() for url in source.urls)


def test_a_toy_is_made_compared_tried_rolled_out_and_rolled_back(run, place, tmp_path):
    assert run("demo")[0] == 0
    assert run("list")[1].splitlines() == ["en-es  toy-1            in use", "en-es  toy-2"]

    texts = tmp_path / "texts"
    texts.write_text("the red pan\nwater for tea\n")
    assert run("compare", "en-es", "toy-1", "toy-2", "--texts", str(texts))[1].splitlines() == [
        "the red pan",
        "  toy-1      la roja sartén",
        "  toy-2      la roja pan",
        "1 of 2 texts differ",
    ]
    (first, _) = json.loads(run("compare", "en-es", "toy-1", "toy-2", "--texts", str(texts), "--json")[1])
    assert first == {"text": "the red pan", "old": "la roja sartén", "new": "la roja pan", "reference": None}

    assert run("canary", "en-es", "toy-2", "--percent", "20")[0] == 0
    assert run("list")[1].splitlines()[1] == "en-es  toy-2            canary, 20 %"
    assert run("use", "en-es", "toy-2")[0] == 0
    assert folder.in_use(place) == {PAIR: InUse(version="toy-2")}
    assert run("use", "en-es", "toy-1")[0] == 0
    assert folder.in_use(place) == {PAIR: InUse(version="toy-1")}


def test_versions_are_compared_with_what_people_wrote(run):
    run("demo")
    last = run("compare", "en-es", "toy-1", "toy-2")[1].splitlines()[-1]
    assert last.startswith("similarity to the references: toy-1 0.")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["use", "en-es", "toy-9"], "versions here: toy-1, toy-2"),
        (["use", "english", "toy-1"], "write it as en-es"),
        (["canary", "en-es", "toy-2", "--percent", "200"], "from 0 to 100"),
        (["canary", "en-es", "toy-1"], "translates already"),
        (["compare", "en-es", "toy-1", "toy-2", "--texts", "/no/such/file"], "cannot read"),
    ],
)
def test_wrong_usage_is_told(run, arguments, told):
    run("demo")
    code, _, message = run(*arguments)
    assert code == 2
    assert told in message
