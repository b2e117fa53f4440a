"""`twinshop layers`: on answers of engines as they were given, and on a real image."""

import json
from pathlib import Path

import pytest

from twinshop.lab.__main__ import main
from twinshop.lab.environments import external, sources
from twinshop.lab.environments.docker import layers
from twinshop.lab.environments.docker.build import counted
from twinshop.lab.environments.docker.images import IMAGES, chosen, own_instructions
from twinshop.lab.environments.docker.layers import Layer
from twinshop.lab.errors import LabError
from twinshop.lab.layers.report import amount

ROOT = Path(__file__).parents[2]
EMPTY = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"


def row(made_by, size=0, comment="buildkit.dockerfile.v0"):
    return {"CreatedBy": made_by, "Size": str(size), "Comment": comment}


BUILDKIT = [
    row('CMD ["python" "-m" "twinshop.cart"]'),
    row("WORKDIR /tmp"),
    row("USER 10001:10001"),
    row("COPY /code /code # buildkit", 70),
    row("RUN /bin/sh -c apt-get update  && true # buildkit", 500),
    row('CMD ["python3"]'),
    row("", 1000, "Imported from -"),
]


def test_each_layer_is_told_with_the_instruction_that_made_it():
    found = layers.from_history("cart", BUILDKIT, ["sha256:a", "sha256:b", "sha256:c", EMPTY], own=5)

    assert [(layer.instruction, layer.bytes, layer.content, layer.base) for layer in found] == [
        ("Imported from -", 1000, "sha256:a", True),
        ("RUN apt-get update && true", 500, "sha256:b", False),
        ("COPY /code /code", 70, "sha256:c", False),
        ("WORKDIR /tmp", 0, EMPTY, False),
    ]


def test_the_old_builders_history_is_understood_too():
    history = [
        row('/bin/sh -c #(nop)  CMD ["bash"]', comment=""),
        row("/bin/sh -c #(nop) WORKDIR /tmp", comment=""),
        row("|1 VERSION=2 /bin/sh -c make install", 40, ""),
        row("/bin/sh -c #(nop) ADD file:0a1b in / ", 1000, ""),
    ]
    found = layers.from_history("old", history, ["sha256:a", "sha256:b"], own=0)
    assert [layer.instruction for layer in found] == ["ADD file:0a1b in /", "RUN make install"]


def test_a_history_that_does_not_fit_the_image_is_refused():
    with pytest.raises(LabError, match="tells of 3 layers, and the image has 4"):
        layers.from_history("odd", [row("RUN a", 1), row("RUN b", 2), row("RUN c", 3)], list("abcd"), own=0)


def test_the_chain_is_that_of_the_image_specification():
    found = layers.from_history("x", [row("RUN b", 1), row("RUN a", 1)], ["sha256:a", "sha256:b"], own=0)
    # printf 'sha256:a sha256:b' | sha256sum
    assert found[1].chain == "sha256:970a948bffa8de94d6e22d747ba8c95030e6e546909f98f54e99a13005e173a8"


def layer(name, bytes_, on=""):
    return Layer(f"RUN {name}", bytes_, name, f"{on}/{name}", base=False)


BASE, APP = layer("base", 100), layer("app", 20, "base")
TRANSLATE, CART = [BASE, APP, layer("t", 3, "base/app")], [BASE, layer("app", 20, "other"), layer("c", 5, "other/app")]


def test_a_layer_is_shared_only_if_what_lies_under_it_is_the_same():
    images = {"translate": TRANSLATE, "cart": CART}

    assert layers.shared_with("translate", images) == [["cart"], [], []]
    assert layers.unique_bytes("translate", images) == 23
    assert layers.disk_bytes(images) == 100 + 23 + 25
    assert layers.unique_bytes("translate", {"translate": TRANSLATE}) == 123


def test_what_has_to_be_sent_are_the_layers_with_new_content():
    assert [each.instruction for each in layers.new_layers(TRANSLATE, CART)] == ["RUN c"]


def test_steps_of_all_stages_are_counted_and_those_from_the_cache():
    output = """\
#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s
#4 [dependencies  1/14] FROM docker.io/library/python:3.13-slim
#4 CACHED
#6 [dependencies  8/14] COPY services/cart/pyproject.toml services/cart/
#6 CACHED
#22 [code 4/4] RUN uv pip install --no-deps --target /code ./kit
#22 0.4 #6 CACHED is no news
#22 DONE 0.5s
#26 [2/5] WORKDIR /tmp
#26 DONE 0.0s
#27 exporting to image
#27 DONE 0.0s
"""
    assert counted(output) == (3, 1)


@pytest.mark.parametrize(("bytes_", "text"), [(12, "12 B"), (494_742, "494.7 kB"), (549_248_357, "549.2 MB")])
def test_sizes_are_told_in_powers_of_ten(bytes_, text):
    assert amount(bytes_) == text


def test_images_are_meant_by_name_or_tag_and_others_are_refused():
    assert [image.name for image in chosen(["twinshop/cart:latest", "cart", "monolith"])] == ["cart", "monolith"]
    assert [image.name for image in chosen([])] == list(IMAGES)
    with pytest.raises(LabError, match="unknown image 'basket'"):
        chosen(["basket"])


@pytest.mark.parametrize("image", IMAGES.values(), ids=list(IMAGES))
def test_every_image_has_its_dockerfile_and_the_code_of_its_parts(image):
    keywords = own_instructions(ROOT / image.dockerfile)
    assert keywords.count("COPY") == 2
    assert keywords[-1] == "CMD"
    assert all(sources.package(ROOT, part).is_dir() for part in image.parts)


def test_a_line_changes_in_the_copy_only_and_only_for_a_while():
    name = "services/cart/src/twinshop/cart/__init__.py"
    before = (ROOT / name).read_text()
    with sources.copied(ROOT) as copy:
        with sources.changed_line(copy, "cart", "abc"):
            changed = (copy / name).read_text().splitlines()
        assert (copy / name).read_text() == before
    lines = before.splitlines()
    assert [at for at, line in enumerate(lines) if line != changed[at]] == [1]
    assert len(changed) == len(lines)
    assert "(patch abc)" in changed[1]
    compile("\n".join(changed), name, "exec")
    assert (ROOT / name).read_text() == before
    assert not copy.exists()


def test_with_a_bad_line_a_package_cannot_be_imported_for_a_while():
    with sources.copied(ROOT) as copy:
        file = copy / "services/cart/src/twinshop/cart/__init__.py"
        before = file.read_text()
        with sources.bad_line(copy, "cart", "abc"), pytest.raises(RuntimeError, match="a bad patch: abc"):
            exec(compile(file.read_text(), str(file), "exec"), {})
        assert file.read_text() == before


def test_without_docker_the_reason_is_told(root, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["layers"]) == 3
    assert "to build images, and cannot be used: there is no `docker` command." in capsys.readouterr().err
    assert not (root / "results").exists()


@pytest.mark.docker
@pytest.mark.timeout(600)
def test_a_changed_line_rebuilds_the_code_layer_of_a_real_image_alone(monkeypatch, capsys):
    with sources.copied(ROOT) as copy:
        monkeypatch.chdir(copy)
        assert main(["layers", "cart"]) == 0
        (file,) = (copy / "results").glob("layers-*/layers.json")
        data = json.loads(file.read_text())
    images = external.run(
        ["docker", "image", "inspect", "twinshop/cart", "--format", "{{.Size}} {{len .RootFS.Layers}}"]
    )
    size, count = map(int, images.stdout.split())

    (cart,) = data["images"]
    assert len(cart["layers"]) == count
    assert cart["bytes"] == sum(each["bytes"] for each in cart["layers"])
    driver = external.run(["docker", "info", "--format", "{{.Driver}}"]).stdout.strip()
    assert cart["bytes"] == size or driver != "overlay2"  # the newer image store counts the compressed layers as well
    base = external.run(["docker", "image", "inspect", "python:3.13-slim", "--format", "{{json .RootFS.Layers}}"])
    assert [each["content"] for each in cart["layers"] if each["base"]] == json.loads(base.stdout)

    assert [(each["part"], each["rebuilt"]) for each in data["changes"]] == [
        ("cart", ["COPY /code /code"]),
        ("contracts", ["COPY /code /code"]),
    ]
    code = next(each["bytes"] for each in cart["layers"] if each["instruction"] == "COPY /code /code")
    assert all(0 < each["new_bytes"] - code < 1000 for each in data["changes"])
    unchanged = next(each for each in data["builds"] if each["kind"] == "unchanged")
    assert unchanged["cached"] == unchanged["steps"] > max(each["cached"] for each in data["changes"])
    assert external.run(["docker", "image", "inspect", data["changes"][0]["id"]]).returncode == 1
    assert "One changed line" in capsys.readouterr().out
