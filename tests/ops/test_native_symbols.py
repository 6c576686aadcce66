"""Object files compiled for an instruction set must not give code to the rest of the program.

An inline function of the library, compiled with AVX-512 flags, is a weak symbol that the linker may use everywhere: the
program then crashes on machines without AVX-512, in code that has nothing to do with kernels.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OBJECTS = sorted(ROOT.glob("build/cp*/CMakeFiles/isa_*.dir/native/isa/*.o"))


@pytest.mark.skipif(not shutil.which("nm"), reason="needs nm of binutils")
@pytest.mark.skipif(not OBJECTS, reason="needs the object files of an editable installation")
@pytest.mark.parametrize("path", OBJECTS, ids=lambda path: path.stem)
def test_an_instruction_set_exports_its_table_and_nothing_else(path: Path) -> None:
    lines = subprocess.run(["nm", "-C", str(path)], capture_output=True, text=True, check=True).stdout.splitlines()
    symbols = [line[17:].split(" ", 1) for line in lines]  # 16 hexadecimal digits or blanks, the kind, the name
    exported = [name for kind, name in symbols if kind.isupper() and kind != "U"]
    assert exported == [f"quatre::{path.name.split('.')[0]}_kernels"]
    assert not [name for kind, name in symbols if kind in "vwu"]
