"""The command `translate` on buckets: real protocol servers for S3 and Google Cloud Storage, in this process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

COMMAND = Path(sys.executable).with_name("translate")
TEXT, TRANSLATED = "hello\nworld\n", "HELLO\nWORLD\n"


@pytest.fixture
def translate(environment):
    def run(*arguments, **more):
        answer = subprocess.run(
            [COMMAND, *arguments, "-d", "pt"],
            env={**environment, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=100,
            check=False,
        )
        return answer.returncode, answer.stdout.decode(), answer.stderr.decode()

    return run


@pytest.fixture
def s3(monkeypatch):
    """A client of a server with one bucket that holds one file; the environment leads the command there, too."""
    import boto3  # noqa: PLC0415 - slow to import, and each worker collects these tests
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    for name, value in {
        "AWS_ENDPOINT_URL": "http://{}:{}".format(*server.get_host_and_port()),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="texts")
    client.put_object(Bucket="texts", Key="in.txt", Body=TEXT.encode())
    yield client
    client.close()
    server.stop()


def test_a_file_goes_in_and_out_of_s3(translate, s3):
    aws = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    assert translate("-i", "s3://texts/in.txt", "-o", "s3://texts/deep/out.txt", **aws) == (0, "", "")
    assert s3.get_object(Bucket="texts", Key="deep/out.txt")["Body"].read().decode() == TRANSLATED


@pytest.mark.parametrize("place", ["-i s3://texts/absent.txt", "-t x -o s3://no-such-bucket/out.txt"])
def test_what_is_not_in_s3_is_explained_in_one_line(translate, s3, place):
    aws = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    code, output, messages = translate(*place.split(), **aws)
    assert (code, output, len(messages.splitlines())) == (2, "", 1)
    assert place.split()[-1] in messages


@pytest.fixture
def google():
    """The URL of a server with one bucket that holds one file."""
    from gcp_storage_emulator.server import create_server  # noqa: PLC0415 - as above

    server = create_server("127.0.0.1", 0, in_memory=True, default_bucket="texts")
    server.start()
    host, port = server._api._httpd.socket.getsockname()
    yield f"http://{host}:{port}"
    server.stop()


def test_a_file_goes_in_and_out_of_google_cloud_storage(translate, google, tmp_path):
    local = tmp_path / "out.txt"
    # Without credentials, and without the question for the bucket's type, which goes past the emulator.
    place = {
        "STORAGE_EMULATOR_HOST": google,
        "FSSPEC_GS_TOKEN": "anon",
        "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",
    }
    assert translate("-t", TEXT, "-o", "gs://texts/deep/in.txt", **place) == (0, "", "")
    assert translate("-i", "gs://texts/deep/in.txt", "-o", str(local), **place) == (0, "", "")
    assert local.read_text() == TRANSLATED


def test_without_the_extra_the_message_names_it(environment, tmp_path):
    """An interpreter to which the library is absent."""
    absent = "import sys; sys.modules['fsspec.core'] = None; from twinshop.translate.cli import main; sys.exit(main())"
    answer = subprocess.run(
        [sys.executable, "-c", absent, "-t", "hello", "-d", "pt", "-o", "s3://texts/out.txt"],
        env=environment,
        capture_output=True,
        check=False,
    )
    assert answer.returncode == 2
    assert b"twinshop-translate[cloud]" in answer.stderr


def test_the_command_imports_no_bucket_library_unless_it_needs_one(environment):
    run = "import sys; from twinshop.translate.cli import main; main(['-t', 'hello', '-d', 'pt'])"
    imported = f"{run}; print(sorted(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", imported], env=environment, capture_output=True, check=True, text=True
    )
    loaded = answer.stdout.splitlines()[1]
    assert [name for name in ("fsspec", "s3fs", "gcsfs", "botocore", "fastapi") if f"'{name}'" in loaded] == []
