"""Put NiiVue into the wheel; where it cannot be fetched, say so and go on."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Hook(BuildHookInterface):  # type: ignore[misc]
    """Fetches it before a wheel is built; not for an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch what the wheel takes along."""
        del build_data
        if version == "editable":
            return
        reason = runpy.run_path(str(Path(__file__).with_name("niivue.py")))["fetch"]()
        if reason:
            self.app.display_warning(f"the wheel lacks NiiVue: {reason}")
