"""Show that every planted fault is caught: each patch must turn the test it names red.

A patch begins with lines `Fault: what goes wrong` and `Test: the pytest node that notices`. The tree
is copied once; a patch is applied, its test is run and must fail, and the patch is taken back. The
same tests are run first without any fault and must pass, so that a test broken anyway proves nothing.
Where a patch touches the screens' script or style, these are bundled anew.

Names as arguments choose patches (`06` all that begin with it); `-v` prints what the test said.
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
ASSETS = "src/hornbook/web/assets/"
FAILED_TESTS = 1
SECONDS_A_TEST_MAY_TAKE = 180


class DoesNotFit(Exception):
    """The code has changed where the patch would change it."""


@dataclass(frozen=True)
class Planted:
    """One fault and the test that has to notice it."""

    patch: Path
    fault: str
    test: str


@dataclass(frozen=True)
class Outcome:
    """Whether the test turned red, and why, or why not."""

    is_caught: bool
    reason: str


def read(patch: Path) -> Planted:
    """The fault a patch file describes."""
    text = patch.read_text(encoding="utf-8")
    fault, test = (re.search(rf"^{name}: (.+)$", text, re.MULTILINE) for name in ("Fault", "Test"))
    if not fault or not test:
        sys.exit(f"{patch.name}: needs a line 'Fault:' and a line 'Test:' before the diff")
    return Planted(patch, fault[1], test[1])


def apply(planted: Planted, tree: Path, *, back: bool = False) -> None:
    """Put the fault into the tree, or take it out; raises DoesNotFit."""
    options = ["-C1", "--recount", *(["--reverse"] if back else [])]
    done = subprocess.run(
        ["git", "apply", *options, str(planted.patch)],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DoesNotFit(done.stderr.strip())
    if ASSETS in planted.patch.read_text(encoding="utf-8"):
        subprocess.run(["npm", "run", "--silent", "build"], cwd=tree, check=True)


def run_tests(
    tests: list[str], tree: Path, *, seconds: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the tests on the tree's own sources."""
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    return subprocess.run(
        command,
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )


def try_out(planted: Planted, tree: Path) -> Outcome:
    """Plant the fault, run its test, and take the fault back."""
    try:
        apply(planted, tree)
    except DoesNotFit as error:
        return Outcome(is_caught=False, reason=f"the patch does not fit any more\n{error}")
    try:
        done = run_tests([planted.test], tree, seconds=SECONDS_A_TEST_MAY_TAKE)
    except subprocess.TimeoutExpired:
        return Outcome(is_caught=False, reason="the test does not end")
    finally:
        apply(planted, tree, back=True)
    said = re.search(r"^E +(.+)$", done.stdout, re.MULTILINE)
    if done.returncode == FAILED_TESTS:
        return Outcome(is_caught=True, reason=said[1] if said else "")
    return Outcome(
        is_caught=False, reason="the test passes" if not done.returncode else done.stdout
    )


def chosen(names: list[str]) -> list[Planted]:
    """The faults whose names begin with one of these, or all."""
    patches = sorted(HERE.glob("*.patch"))
    return [read(one) for one in patches if not names or one.stem.startswith(tuple(names))]


def main() -> int:
    """Print a line for each fault; 0 when every one is caught."""
    is_verbose = "-v" in sys.argv
    faults = chosen([name for name in sys.argv[1:] if name != "-v"])
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        (tree / "node_modules").symlink_to(ROOT / "node_modules")
        sound = run_tests(sorted({fault.test for fault in faults}), tree)
        if sound.returncode:
            print(sound.stdout[-3000:])
            sys.exit("the tests fail without any fault: mend that first")
        missed = 0
        for fault in faults:
            outcome = try_out(fault, tree)
            missed += not outcome.is_caught
            word = "caught" if outcome.is_caught else "MISSED"
            print(f"{word}  {fault.patch.stem}: {fault.fault}", flush=True)
            if is_verbose or not outcome.is_caught:
                print(f"        {outcome.reason}", flush=True)
    print(f"{len(faults) - missed} passed, {missed} failed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
