"""A small memory, engines with known answers, and a folder of modes whose one program misbehaves on request."""

import json
import os
import sys
from pathlib import Path

import pytest

from twinshop.translate.apertium import ApertiumEngine, discover
from twinshop.translate.settings import TranslateSettings
from twinshop.translate.wiring import assemble

SPANISH = {"Kitchen": "Cocina", "Garden": "Jardín", "Garden chair": "Silla de jardín", "Cart": "Cesta"}
MORE_SPANISH = {"Basket": "Cesta", "Heart": "Corazón"}
FRENCH = {"Kitchen": "Cuisine", "Heart": "Cœur", "Basket": "Panier"}

PROGRAM = r'''#!{python}
"""Stands in for a translation program: gives words back in capitals, and misbehaves when a word asks for it."""
import os, re, sys, time
from pathlib import Path

once = Path({once!r})
out = sys.stdout.buffer

def pieces():
    rest = b""
    while chunk := os.read(0, 65536):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole

def answer(piece):
    return re.sub(r"\[[^]]*\]|[^\W\d_]+", lambda m: m[0] if m[0][0] == "[" else m[0].upper(), piece.decode()).encode()

for piece in pieces():
    if b"dieonce" in piece and not once.exists():
        once.touch()
        sys.exit(1)
    if b"diealways" in piece:
        sys.exit(1)
    if b"hang" in piece:
        time.sleep(3600)
    if b"twoanswers" in piece:
        out.write(b"one.[]\0two.[]\0")
    elif b"noanswer" in piece:
        pass
    elif b"endless" in piece:
        while True:
            out.write(b"x" * 65536)
            time.sleep(0.02)  # a flood that leaves other tests a processor
    elif b"latin" in piece:
        out.write(b"\xff\xfe.[]\0")
    elif b"reserved" in piece:
        out.write(b"^word<n>$.[]\0")
    elif b"swap" in piece and b"[1]" in piece:
        out.write(answer(piece.replace(b"[0]", b"[x]").replace(b"[1]", b"[0]").replace(b"[x]", b"[1]")) + b"\0")
    elif b"marks" in piece:
        out.write(b"*unknown @untranslated #ungenerated and\\/or.[]\0")
    else:
        out.write(answer(piece) + b"\0")
    out.flush()
'''


@pytest.fixture
def memory_folder(tmp_path):
    folder = tmp_path / "memory"
    for name, texts in {"es/catalogue": SPANISH, "es/more": MORE_SPANISH, "fr/catalogue": FRENCH}.items():
        path = folder / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(texts), encoding="utf-8")
    return folder


@pytest.fixture
def modes_folder(tmp_path):
    """Modes for en-pt and pt-it (so en-it goes by way of pt), in the layout of an installed Apertium."""
    program = tmp_path / "program"
    program.write_text(PROGRAM.replace("{python}", sys.executable).replace("{once!r}", repr(str(tmp_path / "once"))))
    program.chmod(0o755)
    folder = tmp_path / "modes"
    folder.mkdir()
    for name in ("eng-por", "por-ita"):
        (folder / f"{name}.mode").write_text(f"'{program}' $1 | '{program}' -g $2\n")
    return folder


@pytest.fixture
def settings(memory_folder, modes_folder):
    return TranslateSettings(memory=memory_folder, apertium_modes=modes_folder, engine_seconds=60)


@pytest.fixture
async def service(settings):
    service = assemble(settings)
    yield service
    await service.close()


@pytest.fixture
async def engine(modes_folder):
    """Patient enough for a busy machine, impatient enough for a test that waits for a hang."""
    engine = ApertiumEngine(discover(modes_folder), seconds=60, patience=1)
    yield engine
    await engine.close()


@pytest.fixture(scope="session")
def installed_modes():
    """What the real Apertium of this machine can do."""
    modes = discover(TranslateSettings.model_fields["apertium_modes"].default)
    if ("en", "es") not in modes:
        pytest.skip("Apertium is not installed: apt-get install apertium apertium-eng-spa")
    return modes


@pytest.fixture
def alive():
    """Whether a process runs; one that has ended and waits to be collected does not."""

    def check(pid):
        try:
            return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
        except FileNotFoundError:
            return False

    return check


@pytest.fixture
def environment(settings):
    """For the programs of the package in processes of their own."""
    return {
        **os.environ,
        "TRANSLATE_MEMORY": str(settings.memory),
        "TRANSLATE_APERTIUM_MODES": str(settings.apertium_modes),
        "TRANSLATE_ENGINE_SECONDS": "60",
    }
