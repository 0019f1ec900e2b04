"""A stand-in for the registry of Windows."""

from pathlib import Path


class Registry:
    """A registry in memory."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], object] = {}

    def get(self, key: str, value: str) -> object:
        return self.values.get((key, value))

    def set(self, key: str, value: str, data: str) -> None:
        self.values[key, value] = data

    def delete(self, key: str, value: str) -> None:
        self.values.pop((key, value), None)

    def is_file(self, path: str) -> bool:
        return Path(path.replace("\\", "/")).is_file()
