"""Put on PYTHONPATH, no Python of a run can reach beyond this machine: every try is refused and written down.

Python imports it by its name when it starts, in kernels and workers too. Unix sockets and the loopback stay.
"""

import ipaddress
import os
import sys

LOG = os.environ.get("CAPE_KIT_GUARD", "")


def _here(host):
    """Whether a host is this machine itself."""
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False


def _tried(event, given):
    """The host somebody is asking for, where it is another machine."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = given[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = given[0]
    else:
        return None
    return None if _here(host) else host


def _refuse(event, given):
    host = _tried(event, given)
    if host is not None:
        _write(f"tried {event} {host}")
        raise OSError(f"no network in this test: {event} {host}")


def _write(line):
    log = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(log, f"{line}\n".encode())
    os.close(log)


if LOG:
    _write(f"began {os.getpid()}")
    sys.addaudithook(_refuse)
