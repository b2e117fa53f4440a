"""The docker runtime; the marked tests run containers of `python:3.13-slim`."""

import contextlib
import subprocess
import uuid
from dataclasses import replace

import pytest

from twinshop.lab.environments import external
from twinshop.lab.environments.deployments import choose
from twinshop.lab.environments.docker import docker, project
from twinshop.lab.environments.docker.docker import container
from twinshop.lab.environments.docker.lifecycle import ComposeDeployment
from twinshop.lab.environments.docker.project import Project
from twinshop.lab.errors import LabError
from twinshop.lab.shapes import COMPONENTS, group, parse
from twinshop.testing.groupings import grouping

ROW = {"Name": "shop-cart-1", "Service": "cart", "State": "running", "Health": "healthy", "ExitCode": 0}
READY = "mkdir /tmp/w && cd /tmp/w && echo ok > readyz && exec python -m http.server 8000"


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({}, "ready"),
        ({"Health": ""}, "ready"),
        ({"Health": "starting"}, "starting"),
        ({"Health": "unhealthy"}, "not ready"),
        ({"State": "created"}, "starting"),
        ({"State": "restarting", "ExitCode": 1}, "restarting"),
        ({"State": "exited", "ExitCode": 137}, "crashed"),
        ({"State": "exited"}, "stopped"),
    ],
)
def test_the_state_of_a_container_is_told_in_the_words_of_all_runtimes(row, state):
    assert container(ROW | row).state == state


@pytest.fixture
def engine(monkeypatch):
    """An engine with a project whose removal takes a number of looks; Compose says at once that it is removed."""

    def has(looks):
        asked = iter(range(looks))

        def run(command, **_):
            there = command[1] == "ps" and next(asked, None) is not None
            return subprocess.CompletedProcess(command, 0, "2a8226ca6d7d\n" if there else "", "")

        monkeypatch.setattr(external, "run", run)
        monkeypatch.setattr(docker, "run", run)
        monkeypatch.setattr(project.time, "sleep", lambda _: None)

    return has


def test_a_project_is_removed_when_the_engine_has_nothing_of_it_any_more(engine, tmp_path):
    engine(looks=2)
    Project("lesson", tmp_path, tmp_path, {}).remove()

    engine(looks=99)
    with pytest.raises(LabError, match="lesson cannot be removed:\nstill there: 2a8226ca6d7d"):
        Project("lesson", tmp_path, tmp_path, {}).remove()


def test_a_container_is_shown_with_the_port_it_publishes():
    publishers = [{"PublishedPort": 8100, "TargetPort": 8000}, {"PublishedPort": 0, "TargetPort": 9000}]
    assert container({**ROW, "Publishers": publishers}).where == "container shop-cart-1, port 8100"


def test_both_forms_of_composes_json_are_understood():
    assert docker.rows('[{"a": 1}, {"a": 2}]') == docker.rows('{"a": 1}\n{"a": 2}\n') == [{"a": 1}, {"a": 2}]


def test_of_a_very_long_line_both_ends_are_shown():
    shown = external.tail(f"short\n{{'message': '{'x' * 10_000}', 'reason': 'no password'}}")
    assert "short" in shown
    assert "'reason': 'no password'" in shown
    assert len(shown) < 500


def test_a_refused_password_is_told_with_a_next_step_that_keeps_the_data():
    assert docker.password_hint("all is well", "twinshop-mono") == ""
    hint = docker.password_hint('FATAL:  password authentication failed for user "twinshop"', "twinshop-mono")
    assert "`docker compose -p twinshop-mono down`, which keeps the data" in hint
    assert not {"delete", "clean", "--volumes", "-v"} & set(hint.replace("`", " ").split())


@pytest.fixture
def without_docker(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))


def test_without_docker_the_shop_runs_locally_and_says_why(root, without_docker, said):
    chosen = choose(parse("mono", 8600), "auto", root, said.append)
    assert chosen.title == "mono-8600 on the local runtime"
    assert said == ["Docker cannot be used (there is no `docker` command): the shop runs without it."]


def test_docker_that_was_asked_for_and_is_not_there_is_an_error(root, without_docker):
    with pytest.raises(LabError, match="there is no `docker` command"):
        choose(parse("mono"), "docker", root)


@pytest.mark.integration
def test_a_docker_that_does_not_answer_is_told(root, tmp_path, monkeypatch):
    fake = tmp_path / "docker"
    fake.write_text("#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert docker.unusable() == "`docker info` says: Cannot connect to the Docker daemon"


@pytest.fixture
def podman(tmp_path, monkeypatch):
    """Docker's client at Podman's socket: what it was seen to print with Debian 12's and 13's."""
    fake = tmp_path / "docker"
    monkeypatch.setenv("PATH", str(tmp_path))

    def made(version, runtime):
        engine = f"{version} Podman Engine Conmon OCI Runtime ({runtime}) Engine"
        fake.write_text(f"""#!/bin/sh
case $1 in version) echo "{engine}" ;; info) echo {version} ;; *) echo "2.26.1-4 $DOCKER_BUILDKIT" ;; esac
""")
        fake.chmod(0o755)

    return made


@pytest.mark.integration
def test_podman_of_debian_12_is_too_old(podman):
    podman("4.3.1", "runc")
    assert docker.unusable(podman=True) == (
        "the engine is Podman 4.3.1: Podman 5 or Docker's own engine is required (docs/platforms.md)"
    )


@pytest.mark.integration
@pytest.mark.parametrize("version", ["5.4.2", "10.0.0-dev"])
def test_podman_from_version_5_on_is_used_and_builds_without_buildkit(podman, tmp_path, version):
    podman(version, "crun")
    assert docker.unusable(podman=True) is None
    Project("p", tmp_path, tmp_path, {"PATH": str(tmp_path)}).build(())
    assert (tmp_path / "build.log").read_text() == "2.26.1-4 0\n"


@pytest.mark.integration
def test_no_podman_is_measured(podman):
    podman("5.4.2", "crun")
    assert docker.unusable() == (
        "the engine is Podman 5.4.2: faults and measurements need Docker's own engine (docs/platforms.md)"
    )


@pytest.mark.integration
def test_docker_s_own_engine_builds_with_the_client_s_default(tmp_path, monkeypatch):
    fake = tmp_path / "docker"
    fake.write_text("#!/bin/sh\necho 20.10.24 Engine containerd runc docker-init\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert docker.builder() == {}


def test_podman_without_docker_s_client_is_named(tmp_path, monkeypatch):
    podman = tmp_path / "podman"
    podman.write_text("#!/bin/sh\n")
    podman.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert docker.unusable() == "Podman needs Docker's client and Compose in front of it (docs/platforms.md)"


def test_a_checkout_without_compose_files_is_told(root):
    with pytest.raises(LabError, match=r"compose/mono\.yaml is missing"):
        ComposeDeployment(parse("mono"), root).up(10)


@pytest.mark.parametrize(
    ("shape", "name", "service"),
    [
        ("mono", "cart", "monolith"),
        ("mono", "mono", "monolith"),
        ("mono", "redis", "redis"),
        ("micro", "cart", "cart"),
        (grouping("storefront+cart", "catalog+payment"), "payment", "catalog-payment"),
    ],
)
@pytest.mark.integration
def test_logs_of_a_component_are_those_of_the_service_that_hosts_it(
    root, tmp_path, monkeypatch, capfd, shape, name, service
):
    (root / "compose").mkdir()
    fake = tmp_path / "docker"
    fake.write_text('#!/bin/sh\necho "$*"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    ComposeDeployment(parse(shape), root).logs([name, name])
    assert capfd.readouterr().out.endswith(f" logs --tail 50 {service}\n")


@pytest.fixture
def containers(root, free_port, said):
    """Bring up what a compose file says; everything is gone after the test."""
    shape = group(f"test-{uuid.uuid4().hex[:8]}", [COMPONENTS], free_port)
    (root / "compose").mkdir()
    with contextlib.ExitStack() as stack:

        def up(command, *, service=""):
            (root / "compose" / f"{shape.name}.yaml").write_text(
                "services:\n  edge:\n    image: python:3.13-slim\n    init: true\n"
                f"    command: [sh, -c, '{command}']\n"
                f"    ports: ['127.0.0.1:${{TWINSHOP_PORT}}:8000']\n{service}"
            )
            deployment = ComposeDeployment(shape, root, said.append)
            stack.callback(deployment.down, delete=True)
            return deployment, deployment.up(60)

        yield up


@pytest.mark.docker
def test_containers_come_up_once_and_go_down(containers):
    deployment, started = containers(READY)
    assert started
    assert [(each.name, each.state) for each in deployment.ps()] == [("edge", "ready")]
    assert not deployment.up(60)
    assert deployment.down()
    assert deployment.ps() == []
    assert not deployment.down()


@pytest.mark.docker
def test_another_shape_of_the_same_name_is_brought_up_in_its_place(containers, root):
    deployment, _ = containers(READY)
    other = replace(deployment.shape, processes=(replace(deployment.shape.processes[0], workers=3),))
    assert ComposeDeployment(other, root, lambda _: None).up(60)
    assert not ComposeDeployment(other, root, lambda _: None).up(60)


@pytest.mark.docker
def test_down_with_delete_leaves_no_volume_of_an_earlier_grouping(containers, root):
    volume = "    volumes: ['earlier:/data']\nvolumes: {earlier: {}}\n"
    deployment, _ = containers(READY, service=volume)
    containers(READY)
    label = f"label=com.docker.compose.project=twinshop-{deployment.shape.name}"
    listing = ["docker", "volume", "ls", "--quiet", "--filter", label]
    assert external.run(listing).stdout.split() == [f"twinshop-{deployment.shape.name}_earlier"]
    deployment.down(delete=True)
    assert external.run(listing).stdout.split() == []


@pytest.mark.docker
def test_compose_gets_its_secrets_from_a_file_nobody_else_may_read(containers, root):
    environment = "    environment: {SECRET: '${TWINSHOP_SECRET:?}', PASSWORD: '${TWINSHOP_DB_PASSWORD:?}'}\n"
    containers(READY, service=environment)
    assert (root / ".run" / "docker.env").stat().st_mode & 0o777 == 0o600


@pytest.mark.docker
def test_a_container_that_crashes_is_told_with_its_last_lines(containers):
    with pytest.raises(LabError) as caught:
        containers("echo no such setting; exit 3")
    assert "edge: crashed, exit code 3" in str(caught.value)
    assert "The last lines of edge:\n    no such setting" in str(caught.value)


@pytest.mark.docker
def test_an_image_that_cannot_be_built_is_told_with_the_end_of_the_build(containers, root):
    (root / "compose" / "Dockerfile").write_text("FROM python:3.13-slim\nRUN echo broken wheel && false\n")
    with pytest.raises(LabError, match=r"(?s)The images cannot be built:.*broken wheel"):
        containers(READY, service="    build: {context: .}\n    pull_policy: build\n")
