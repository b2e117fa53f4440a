"""`twinshop … --runtime cluster`: the shop brought up by a command, and what is said when there is no such cluster."""

import os
import socket

import pytest
import yaml

from twinshop.lab.__main__ import main
from twinshop.lab.environments.kubernetes.access import Access
from twinshop.lab.environments.kubernetes.forwards import Forward
from twinshop.lab.environments.kubernetes.kubectl import Kubectl, find
from twinshop.lab.errors import LabError

pytestmark = pytest.mark.integration

ISOLATION = ("run", "isolation", "--runtime", "cluster", "--forecast")


def said(capsys, *arguments):
    assert main([str(each) for each in arguments]) in {2, 3}
    return capsys.readouterr().err


def test_there_is_no_kubeconfig(settings, capsys):
    assert f"no kubeconfig at {settings}/.kube/config" in said(capsys, "up", "mono", "--runtime", "cluster")
    assert f"no kubeconfig at {settings}/nowhere" in said(capsys, *ISOLATION, "--kubeconfig", settings / "nowhere")


def test_the_kubeconfig_is_none(settings, capsys):
    (settings / "notes").write_text("a: [b")
    assert "The kubeconfig is not valid" in said(capsys, *ISOLATION, "--kubeconfig", settings / "notes")


def test_the_context_does_not_exist(config, cluster, capsys):
    assert "no such context" in said(capsys, *ISOLATION, "--context", "another")
    assert cluster.requests == []


def test_nobody_answers(config, capsys):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        known = yaml.safe_load(config.read_text())
        known["clusters"][0]["cluster"]["server"] = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        config.write_text(yaml.safe_dump(known))
        assert "The cluster does not answer" in said(capsys, *ISOLATION)


def test_the_credentials_are_not_accepted(config, cluster, capsys):
    cluster.logged_in = False
    assert "does not accept the kubeconfig's credentials" in said(capsys, *ISOLATION)


def test_the_cluster_is_too_old(config, cluster, capsys):
    cluster.version = {"major": "1", "minor": "29", "gitVersion": "v1.29.0"}
    assert "Kubernetes 1.29; the shop needs 1.30" in said(capsys, *ISOLATION)


def test_what_the_user_may_not_do_is_told_and_nothing_stays(config, cluster, capsys):
    cluster.forbidden.add(("POST", "namespaces"))
    told = said(capsys, "up", "mono", "--runtime", "cluster")
    assert "The cluster forbids it" in told
    assert "namespaces is forbidden" in told
    assert cluster.of("deployments") == {}


def test_an_experiment_that_needs_this_machine_is_refused(config, cluster, capsys):
    told = said(capsys, "run", "isolation", "tax", "--runtime", "cluster", "--forecast")
    assert "tax cannot run on a cluster" in told
    assert "isolation" in told


def test_isolation_is_what_runs_there(config, cluster, capsys):
    assert main(["run", "--runtime", "cluster", "--forecast", "--effort", "smoke"]) == 0
    assert capsys.readouterr().out.split()[0] == "isolation"
    assert {path for _, path, _ in cluster.requests} == {"version"}


def test_a_shape_is_brought_up_looked_at_and_taken_down(config, cluster, capsys, door):
    micro = ("micro", "--runtime", "cluster")
    assert main(["up", *micro, "--registry", "registry.example.com/"]) == 0
    assert f"http://127.0.0.1:{door}" in capsys.readouterr().out
    assert set(cluster.of("namespaces")) == {"twinshop-micro"}
    assert main(["up", *micro]) == 0
    assert "already running" in capsys.readouterr().out
    assert main(["ps", *micro]) == 0
    assert capsys.readouterr().out.count("ready") == 8
    assert main(["logs", *micro, "--component", "cart"]) == 0
    assert "twinshop-cart" in capsys.readouterr().out
    assert main(["down", *micro]) == 0
    assert cluster.of("namespaces") == {}
    assert main(["down", *micro]) == 0
    assert "Nothing was running" in capsys.readouterr().out


def test_a_port_that_cannot_be_forwarded_is_told(config, cluster):
    """The fake cluster forwards none."""
    with pytest.raises(LabError, match="port-forward"):
        Forward(Kubectl(Access.of({"KUBECONFIG": str(config)}), "default"), "pod/nobody")


FORWARDING = """#!/bin/sh
# Says what kubectl says, and stays.
case "$*" in
  *port-forward*) echo "Forwarding from 127.0.0.1:{port} -> 8000"; echo $$ >> "{pids}"; exec sleep 600 ;;
  *) exec "{kubectl}" "$@" ;;
esac
"""


def test_forwarded_ports_are_opened_once_for_a_pod_and_closed_with_the_site(
    opened, cluster, door, tmp_path, path_first, monkeypatch
):
    folder = tmp_path / "commands"
    folder.mkdir()
    (folder / "kubectl").write_text(FORWARDING.format(port=door, pids=tmp_path / "pids", kubectl=find()))
    (folder / "kubectl").chmod(0o755)
    path_first(folder)
    monkeypatch.setenv("LAB_EXPOSE", "forward")
    with opened() as environment:
        environment.create()
        environment.start()
        environment.wait_pods(60)
        assert environment.control_urls("mono") == (f"http://127.0.0.1:{door}",)
        assert environment.control_urls("mono") == (f"http://127.0.0.1:{door}",)
        first = (tmp_path / "pids").read_text().split()
        environment.crash("mono")
        environment.wait_pods(60)
        environment.control_urls("mono")
        pids = (tmp_path / "pids").read_text().split()
        assert (len(first), len(pids)) == (1, 2)
        assert environment.control_urls("redis") == ()
    assert [pid for pid in pids if _runs(int(pid))] == []


def _runs(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
