"""Show that every planted fault is caught: each patch must turn the test it names red.

A patch begins with lines `Fault: what goes wrong` and `Test: the pytest node that notices`. The tree
is copied once; a patch is applied, its test is run and must fail, and the patch is taken back. The
same tests are run first without any fault and must pass, so that a test broken anyway proves nothing.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "__pycache__", "data", ".*_cache"
)
FAILED_TESTS = 1


@dataclass(frozen=True)
class Planted:
    """One fault and the test that has to notice it."""

    patch: Path
    fault: str
    test: str


def read(patch: Path) -> Planted:
    """The fault a patch file describes."""
    text = patch.read_text(encoding="utf-8")
    fault, test = (re.search(rf"^{name}: (.+)$", text, re.MULTILINE) for name in ("Fault", "Test"))
    if not fault or not test:
        sys.exit(f"{patch.name}: needs a line 'Fault:' and a line 'Test:' before the diff")
    return Planted(patch, fault[1], test[1])


def apply(planted: Planted, tree: Path, *, back: bool = False) -> None:
    """Put the fault into the tree, or take it out; a patch that no longer fits is an error."""
    command = [
        "git",
        "apply",
        "-C1",
        "--recount",
        *(["--reverse"] if back else []),
        str(planted.patch),
    ]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{planted.patch.name} does not fit the code any more:\n{done.stderr}")


def run_tests(tests: list[str], tree: Path) -> subprocess.CompletedProcess[str]:
    """Run the tests on the tree's own sources."""
    environment = {**os.environ, "PYTHONPATH": str(tree / "src")}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    return subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False
    )


def is_caught(planted: Planted, tree: Path) -> bool:
    """Whether the fault turns its test red."""
    apply(planted, tree)
    try:
        return run_tests([planted.test], tree).returncode == FAILED_TESTS
    finally:
        apply(planted, tree, back=True)


def main() -> int:
    """Print a line for each fault; 0 when every one is caught."""
    chosen = sys.argv[1:]
    faults = [read(patch) for patch in sorted(HERE.glob("*.patch"))]
    faults = [fault for fault in faults if not chosen or fault.patch.stem in chosen]
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        sound = run_tests(sorted({fault.test for fault in faults}), tree)
        if sound.returncode:
            print(sound.stdout[-3000:])
            sys.exit("the tests fail without any fault: mend that first")
        missed = 0
        for fault in faults:
            caught = is_caught(fault, tree)
            missed += not caught
            print(
                f"{'caught' if caught else 'MISSED'}  {fault.patch.stem}: {fault.fault}", flush=True
            )
    print(f"{len(faults) - missed} passed, {missed} failed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
