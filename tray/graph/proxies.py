"""Which proxy a request goes through: the variables as curl reads them, else the proxy that the system is set to.

Everything here speaks HTTPS, or plain HTTP to this computer, which no proxy ever sees; `http_proxy` is therefore not
read. Sources: https://curl.se/docs/manpage.html#ENVIRONMENT and lib/noproxy.c of curl.
"""

import ipaddress
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from tray.errors import BadSettings
from tray.messages import settings as words

if sys.platform != "linux":  # there it has nothing to tell, and loads a megabyte
    import urllib.request

if sys.platform == "win32":
    import winreg

    INTERNET_SETTINGS = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"

VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")  # the first that has a value counts
PORTS = {"http": 1080, "https": 443}  # curl's, for a proxy that is named without one
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def proxy_for(scheme: str, host: str, port: int, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the address of the proxy for a server, with scheme and port; `None` when it is reached directly.

    Raise `BadSettings` with the variable's name when it names a proxy that cannot be used.
    """
    if scheme != "https" or is_loopback(host):
        return None
    name = next((name for name in VARIABLES if environ.get(name, "").strip()), None)
    if name is None:
        return _of_the_system(host)
    if _is_direct(host, port, environ.get("no_proxy") or environ.get("NO_PROXY") or ""):
        return None
    return _checked(environ[name].strip(), name.upper())


def is_loopback(host: str) -> bool:
    """Tell whether a host is this computer."""
    host = host.rstrip(".").lower()
    address = _address(host)
    return address.is_loopback if address else host == "localhost" or host.endswith(".localhost")


def system_wants_a_script() -> bool:
    """Tell whether the system finds its proxy by a script (PAC), which nothing here can run."""
    if sys.platform == "win32":
        with suppress(OSError), winreg.OpenKey(winreg.HKEY_CURRENT_USER, INTERNET_SETTINGS) as key:
            return bool(winreg.QueryValueEx(key, "AutoConfigURL")[0])
        return False
    kde = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config", "kioslaverc")
    with suppress(OSError):
        if re.search(r"(?m)^ProxyType=[23]\s*$", kde.read_text(encoding="utf-8", errors="replace")):
            return True
    return _gnome_mode() == "'auto'"


def _gnome_mode() -> str:
    command = ["gsettings", "get", "org.gnome.system.proxy", "mode"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=3).stdout.strip()  # noqa: S603  a fixed program
    except (OSError, subprocess.SubprocessError):
        return ""


def _of_the_system(host: str) -> str | None:
    """Return the proxy of Windows' or macOS' settings; elsewhere only the variables count."""
    if sys.platform != "linux":
        named = urllib.request.getproxies().get("https")
        if named and not urllib.request.proxy_bypass(host):
            return _checked(named, words.system_proxy())
    return None


def _checked(named: str, source: str) -> str:
    """Return a proxy's address in full; raise `BadSettings` when it could not be used."""
    try:
        parts = urlsplit(named if "://" in named else f"http://{named}")
        port, host = parts.port, _as_dns_has_it(parts.hostname or "")
    except ValueError as exc:
        raise BadSettings(*words.bad_proxy(source)) from exc
    if parts.scheme.startswith("socks"):
        raise BadSettings(*words.socks_proxy(source))
    if parts.scheme not in PORTS or not host or not re.fullmatch(r"[\w.-]+|[\w.:%-]*:[\w.:%-]*", host, re.ASCII):
        raise BadSettings(*words.bad_proxy(source))
    login, at, _ = parts.netloc.rpartition("@")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{login}{at}{shown}:{port or PORTS[parts.scheme]}"


def _as_dns_has_it(host: str) -> str:
    """Return a name in the letters of DNS; raise `ValueError` for one that cannot be a name."""
    return host if ":" in host else host.encode("idna").decode("ascii")


def _is_direct(host: str, port: int, no_proxy: str) -> bool:
    """Tell whether `NO_PROXY` names a server: by `*`, name, address or range, each perhaps with a port."""
    host = host.rstrip(".").lower()
    return any(_names(entry.lower(), host, port) for entry in re.split(r"[,\s]+", no_proxy) if entry)


def _names(entry: str, host: str, port: int) -> bool:
    entry, for_port = _split_port(entry.rpartition("://")[2].rstrip("/"))
    if for_port not in {None, port}:
        return False
    if entry == "*":
        return True
    address = _address(host)
    if address is None:  # a name: of the server itself, or of a domain above it
        name = entry.removeprefix("*").strip(".")
        return bool(name) and (host == name or host.endswith(f".{name}"))
    try:
        return address in ipaddress.ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return False


def _split_port(entry: str) -> tuple[str, int | None]:
    """Split `name:443` and `[::1]:443`; an address of IPv6 without brackets has no port."""
    found = re.fullmatch(r"(\[.*\][^:]*|[^:]*):(\d{1,5})", entry)
    return (found[1], int(found[2])) if found else (entry, None)


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
