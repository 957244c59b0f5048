"""Faults at the N-th file event of a command and all its processes.

Python imports this module at the start of every process that finds it on PYTHONPATH,
the fork server and the children of a command included: the program under test knows
nothing of it. ``FAULT`` in the environment is JSON:

* ``below``: folders whose events count.
* ``log``: file that takes a line of fixed length an event; its length is the count.
* ``at``: the event that is disturbed, from 1; 0 only counts.
* ``what``: ``kill`` (the process of the event), ``kill-main``, ``kill-server`` or
  ``kill-all``; ``stop`` (SIGSTOP of it); a name of an errno, such as ``ENOSPC``;
  ``late`` (the N-th renaming is seen half a second after it returned) or ``stale``
  (it fails once with ESTALE).
  ``vanish`` takes the files of ``paths`` away.
* ``on``: how often: ``once``, or ``always`` from that event on.
* ``reads``: whether opening to read counts, too.
* ``only``: part of the names that count; all when it is not there.
* ``clock``: seconds by which `time.time` is shifted.
"""

# At the start of every process, and at every event: no pathlib.
# ruff: noqa: PTH104, PTH109, PTH110, PTH115, PTH118, PTH119, PTH120
import errno
import json
import os
import signal
import sys
import threading
import time

LINE = 240

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

ON_NAMES = {
    "os.rename": 2,
    "os.remove": 1,
    "os.mkdir": 1,
    "os.rmdir": 1,
    "os.link": 2,
    "os.symlink": 2,
    "os.truncate": 1,
    "shutil.rmtree": 1,
    "shutil.copyfile": 2,
}
"""Events, and how many of their arguments are paths."""


class Fault:
    """Counts events, and disturbs one."""

    def __init__(self, spec):
        self.spec = spec
        self.below = tuple(os.path.realpath(path) + os.sep for path in spec["below"])
        self.log = os.open(spec["log"], os.O_RDWR | os.O_CREAT | os.O_APPEND)
        os.set_inheritable(self.log, True)
        self.inside = threading.local()

    def __call__(self, event, args):
        if event != "open" and event not in ON_NAMES:
            return
        if getattr(self.inside, "now", False):
            return
        self.inside.now = True
        try:
            paths = self.paths(event, args)
            if paths:
                self.happened(event, paths)
        finally:
            self.inside.now = False

    def paths(self, event, args):
        """Name what an event is about, if it counts."""
        if event == "open":
            path, mode, flags = args
            writes = bool(flags & WRITES) or set(str(mode)) & set("wax+")
            if not isinstance(path, (str, bytes, os.PathLike)):
                return []
            named = [path] if writes or self.spec.get("reads") else []
        else:
            # A file that is truncated may be named by its number.
            named = [
                os.readlink(f"/proc/self/fd/{p}") if isinstance(p, int) else p
                for p in args[: ON_NAMES[event]]
            ]
        folder = self.folder(event, args)
        full = [os.path.join(folder, os.fsdecode(p)) for p in named]
        full = [os.path.normpath(os.path.join(os.getcwd(), p)) for p in full]
        only = self.spec.get("only", "")
        counts = [(p + os.sep).startswith(self.below) and only in p for p in full]
        return full if any(counts) else []

    def folder(self, event, args):
        """Resolve the folder that a relative name counts from."""
        number = args[-1] if event in ("os.remove", "os.mkdir", "os.rmdir") else -1
        if not isinstance(number, int) or number < 0:
            return ""
        try:
            return os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            return ""

    def happened(self, event, paths):
        """Count an event; disturb it if it is its turn."""
        short = " ".join(p[-90:] for p in paths)
        line = f"{os.getpid()} {event} {short}".encode("ascii", "backslashreplace")
        os.write(self.log, line[: LINE - 1].ljust(LINE - 1) + b"\n")
        count = os.lseek(self.log, 0, os.SEEK_CUR) // LINE
        at = self.spec.get("at", 0)
        if at and (count == at or (count > at and self.spec.get("on") == "always")):
            self.disturb(paths)

    def disturb(self, paths):
        what = self.spec["what"]
        if what == "vanish":
            for path in self.spec["paths"]:
                if os.path.exists(path):
                    os.rename(path, f"{path}.gone")
        elif what == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        elif what.startswith("kill"):
            for number in self.victims(what):
                os.kill(number, signal.SIGKILL)
            time.sleep(60)
        else:
            number = getattr(errno, what)
            raise OSError(number, os.strerror(number), paths[0])

    def victims(self, what):
        own, main = os.getpid(), int(os.environ.get("FAULT_MAIN", "0")) or os.getpid()
        if what == "kill-main":
            return [main]
        if what == "kill-server":
            return [os.getppid() if own != main else own]
        return [own]


class LateRenames:
    """A network disk: the N-th renaming returns, and is seen later, or not at once.

    Args:
        spec: ``at`` counts renamings below the folders here.
    """

    def __init__(self, spec):
        self.spec, self.count = spec, 0
        self.below = tuple(os.path.realpath(path) + os.sep for path in spec["below"])
        self.real = os.rename

    def __call__(self, old, new, **folders):
        old, new = os.fsdecode(old), os.fsdecode(new)
        full = os.path.join(os.getcwd(), new)
        if full.startswith(self.below):
            self.count += 1
            if self.count == self.spec["at"]:
                if self.spec["what"] == "stale":
                    raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), old)
                return self.later(old, full)
        return self.real(old, new, **folders)

    def later(self, old, new):
        hidden = os.path.join(os.path.dirname(new), f".nfs-{os.path.basename(new)}")
        self.real(old, hidden)
        after = threading.Timer(0.5, lambda: self.real(hidden, new))
        after.start()


def install(spec):
    """Disturb this process, and those that are forked from it."""
    os.environ.setdefault("FAULT_MAIN", str(os.getpid()))
    shift = spec.get("clock", 0)
    if shift:
        real = time.time
        time.time = lambda: real() + shift
    if spec.get("what") in ("late", "stale"):
        os.rename = os.replace = LateRenames(spec)
    else:
        sys.addaudithook(Fault(spec))


if os.environ.get("FAULT"):
    install(json.loads(os.environ["FAULT"]))
