"""What `pip install .` requires: requirements.in, which script/lock also reads."""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface


class RequirementsHook(MetadataHookInterface):
    def update(self, metadata: dict[str, object]) -> None:
        lines = (Path(self.root) / "requirements.in").read_text().splitlines()
        requirements = [line.partition("  #")[0].strip() for line in lines]
        metadata["dependencies"] = [
            name for name in requirements if name and not name.startswith("#")
        ]
