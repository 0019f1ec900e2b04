"""Writes what is inside a frozen program, as a bill of materials and as licence texts.

    python inside.py RUNTIME FROZEN BILL VERSION [PYTHON LICENCE]

RUNTIME is the interpreter of the environment that was frozen, FROZEN the folder it was frozen into; PYTHON and LICENCE
are the version and the licence of the Python in it, where that is not this one.
"""

import json
import platform
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from bundled import Part, in_wheel
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

NAME = "presence-tray"
LICENCES = re.compile(r"licen[cs]e|copying|notice|authors", re.IGNORECASE)
RULE = "=" * 100


def main(  # noqa: PLR0913, PLR0917  the command line's arguments
    runtime: str, frozen: str, bill: str, version: str, python: str = platform.python_version(), licence: str = ""
) -> None:
    """Write the bill, and the licences into the program's folder."""
    system = sorted(system_packages(Path(frozen)))
    own = [Part("python", python, f"pkg:generic/python@{python}"), start_of_the_program()]
    inner = [part for package in packages(runtime) for part in in_wheel(package, Path(frozen))]
    write_bill(runtime, Path(bill), version, [*own, *system, *inner])
    texts = "\n".join([of_python(python, licence), *of_packages(runtime), *of_system(system)])
    (Path(frozen) / "third-party-licences.txt").write_text(texts, "utf-8")


def start_of_the_program() -> Part:
    """Return PyInstaller, whose loader starts every frozen program."""
    pinned = (Path(__file__).parent / "freezing.txt").read_text("utf-8")
    (version,) = re.findall(r"(?m)^pyinstaller==(\S+)", pinned)
    return Part("pyinstaller", version, f"pkg:pypi/pyinstaller@{version}")


def system_packages(frozen: Path) -> Iterator[Part]:
    """Yield Debian's packages whose libraries lie beside the program; nothing on other systems."""
    if sys.platform != "linux":
        return
    libraries = (file.name for file in (frozen / "_internal").glob("lib*.so*"))
    wanted = [f"*/{name}" for name in libraries if not name.startswith("libpython")]  # it may be another than Debian's
    if not wanted:  # frozen for another system
        return
    found = subprocess.run(["dpkg-query", "--search", *wanted], check=False, capture_output=True, text=True).stdout
    for package in {line.partition(": ")[0] for line in found.splitlines() if not line.startswith("diversion")}:
        shown = ["dpkg-query", "--show", "--showformat=${Package}\t${Version}", package]
        name, version = subprocess.run(shown, check=True, capture_output=True, text=True).stdout.split("\t")
        yield Part(name, version, f"pkg:deb/debian/{name}@{version}")


def write_bill(runtime: str, bill: Path, version: str, beside: list[Part]) -> None:
    """Write the CycloneDX bill: Python's packages, then Python itself and all native libraries.

    Raise `ValueError` if the bill does not fit CycloneDX's schema.
    """
    options = ["--output-reproducible", "--short-PURLs", "--mc-type", "application", "--output-file", str(bill)]
    pyproject = Path(__file__).parent.parent / "pyproject.toml"
    command = [sys.executable, "-m", "cyclonedx_py", "environment", *options, "--pyproject", str(pyproject), runtime]
    subprocess.run(command, check=True)
    told = json.loads(bill.read_text("utf-8"))
    root = told["metadata"]["component"] | {"version": version, "purl": f"pkg:pypi/{NAME}@{version}"}
    told["metadata"]["component"] = root
    libraries = {part.purl: part.component() for part in beside}
    told["components"] = sorted([*told["components"], *libraries.values()], key=lambda each: each["bom-ref"])
    text = json.dumps(told, indent=2, sort_keys=True) + "\n"
    if wrong := JsonStrictValidator(SchemaVersion.from_version(told["specVersion"])).validate_str(text):
        raise ValueError(wrong)
    bill.write_text(text, "utf-8")


def of_python(version: str, licence: str) -> str:
    """Return Python's own licence, from the given file or from where this Python keeps it."""
    own = [Path(sysconfig.get_path("stdlib")) / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE.txt"]
    for file in [Path(licence)] if licence else own:
        if file.exists():
            return titled(f"Python {version}", "PSF-2.0", file.read_text("utf-8"))
    raise FileNotFoundError("Python's own LICENSE.txt")


def packages(runtime: str) -> list[Distribution]:
    """Return the packages in the environment, without this project."""
    asked = [runtime, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    folder = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    found = sorted(distributions(path=[folder]), key=lambda each: each.name.casefold())
    return [package for package in found if package.name.casefold() != NAME]


def of_packages(runtime: str) -> Iterator[str]:
    """Yield the licence of each package in the environment."""
    for package in packages(runtime):
        yield titled(f"{package.name} {package.version}", _named(package), *_texts(package))


def _named(package: Distribution) -> str:
    told = package.metadata
    classified = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier", []) if line.startswith("License")]
    return told.get("License-Expression") or "; ".join(classified) or told.get("License", "").partition("\n")[0]


def _texts(package: Distribution) -> Iterator[str]:
    files = [file for file in package.files or [] if ".dist-info/" in str(file) and LICENCES.search(file.name)]
    yield from (file.read_text("utf-8") for file in sorted(files))


def of_system(system: list[Part]) -> Iterator[str]:
    """Yield Debian's copyright files of its libraries."""
    for name, version, *_rest in system:
        text = Path("/usr/share/doc", name, "copyright").read_text("utf-8")
        yield titled(f"{name} {version} (Debian)", "as below", text)


def titled(name: str, licence: str, *texts: str) -> str:
    """Return licence texts under a heading."""
    return "\n".join([RULE, f"{name}: {licence}", RULE, "", *texts])


if __name__ == "__main__":
    main(*sys.argv[1:])
