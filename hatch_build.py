"""Bundles the screens' script and style while the package is built; an install takes it along."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundleAssets(BuildHookInterface[Any]):
    """Runs `npm ci` and esbuild into `web/static/`; a bundle already there will do without npm."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the base class's signature
        """Build `web/static/`. Raises SystemExit, saying what is missing, without npm."""
        root = Path(self.root)
        npm = shutil.which("npm")
        if npm is None:
            if (root / "src/hornbook/web/static/hornbook.js").is_file():
                self.app.display_warning("npm is missing: the bundle built earlier is used.")
                return
            raise SystemExit(
                "npm is not on the PATH: install Node 20, which bundles the screens of Hornbook."
            )
        # What an older bundle left behind would be shipped for ever.
        shutil.rmtree(root / "src/hornbook/web/static", ignore_errors=True)
        for step in (["ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["run", "build"]):
            subprocess.run([npm, *step], cwd=root, check=True)  # noqa: S603 - fixed words
