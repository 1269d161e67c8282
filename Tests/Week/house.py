"""The simulated house around a real vitalsd: its clock, its programs, what they leave behind."""
import asyncio
import contextlib
import json
import mmap
import os
import pathlib
import signal
import socket
import sqlite3
import struct
import subprocess
import time
import urllib.request

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARIES = pathlib.Path(os.environ.get("VITALS_BIN", PROJECT / ".build" / "debug"))
RECEIVERS = PROJECT / "Tests" / "Receivers"
VENV = PROJECT / ".lab" / "venv" / "bin" / "python"
# What is skipped at once where nobody says otherwise, in seconds: less than the limits that the daemon gives to others.
STRIDE = 10


class Failure(Exception):
    """What was expected and is not so, in a sentence."""


class Clock:
    """Real time plus what was skipped (struct state in house.c)."""

    LAYOUT = struct.Struct("<qqqiiii")

    def __init__(self, path, begin):
        path.write_bytes(bytes(64))
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 64)
        self.date = int((begin - time.time()) * 1e9)
        self.skipped = self.wrong = self.unsynchronised = self.card = self.planted = 0
        self.write()

    def write(self):
        refused = self.refused
        self.LAYOUT.pack_into(
            self.memory, 0, self.skipped, self.date, self.wrong, self.unsynchronised, self.card, self.planted, refused)

    @property
    def refused(self):
        """How many writes the card has refused."""
        return self.LAYOUT.unpack_from(self.memory)[6]

    @property
    def now(self):
        """The right time."""
        return time.time() + (self.date + self.skipped) / 1e9


class House:
    def __init__(self, folder, begin):
        self.folder = folder
        self.clock = Clock(folder / "state", begin)
        self.library = folder / "house.so"
        subprocess.run(["clang" if _is_there("clang") else "cc", "-shared", "-fPIC", "-O1", "-o", self.library,
                        pathlib.Path(__file__).with_name("house.c"), "-ldl", "-lpthread"], check=True)
        self.data, self.socket_path, self.config = folder / "data", folder / "vitals.sock", folder / "vitalsd.yaml"
        (folder / "tmp").mkdir()
        self.daemon = None
        self.bell = None
        self.programs = []
        self.is_busy = lambda: False
        self.stride = lambda: STRIDE  # asked before each skip
        self.skipped = lambda: None  # told after it
        self.skips = 0

    def environment(self, **more):
        return {**os.environ, "LD_PRELOAD": str(self.library), "WEEK_STATE": str(self.folder / "state"), "TZ": "UTC",
                "LANG": "en_US.UTF-8", **more}

    # Programs

    async def start(self, limit=120):
        """A real vitalsd, until it answers on its socket."""
        loop = asyncio.get_running_loop()
        path = self.folder / "bell"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK) as listener:
            listener.bind(str(path))
            listener.listen(1)
            with open(self.folder / "vitalsd.log", "ab") as log:
                self.daemon = subprocess.Popen(
                    [str(BINARIES / "vitalsd"), "run", "--config", str(self.config), "--log-level", "debug"], stdout=log,
                    stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder, start_new_session=True,
                    env=self.environment(
                        WEEK_FOLDER=str(self.folder), WEEK_BELL=str(path), TMPDIR=str(self.folder / "tmp"),
                        # As systemd/vitalsd.service has it.
                        MALLOC_ARENA_MAX="1",
                        # What a thread keeps for its next request (some 150 KiB) would count as asked for.
                        GLIBC_TUNABLES="glibc.malloc.tcache_count=0", DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={self.folder}/no-bus"))
            self.bell, _ = await asyncio.wait_for(loop.sock_accept(listener), limit)
        await self.until(lambda: self._answers(), limit, "vitalsd to answer on its socket")

    def _answers(self):
        if self.daemon.poll() is not None:
            raise Failure(f"vitalsd ended with status {self.daemon.returncode} at its start")
        with contextlib.suppress(OSError):
            return self.ask("/v1/status") is not None
        return False

    async def stop(self, number=signal.SIGTERM, limit=120):
        self.daemon.send_signal(number)
        deadline = time.monotonic() + limit
        while self.daemon.poll() is None:
            if time.monotonic() > deadline:
                self.daemon.kill()
                raise Failure(f"vitalsd did not end within {limit} s of signal {number}")
            await asyncio.sleep(0.01)
        if self.bell:
            self.bell.close()
            self.bell = None
        return self.daemon.returncode

    def receiver(self, name, script, *arguments):
        """A receiver of Tests/Receivers on the right time. Gives its port."""
        python = str(VENV) if VENV.exists() else "python3"
        process = subprocess.Popen(
            # With a stack trace for each connection that a fault cut.
            [python, str(RECEIVERS / script), "--until-stdin-ends", "--journal", str(self.folder / f"{name}.jsonl"), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open(self.folder / f"{name}.log", "w"), text=True,
            env=self.environment(WEEK_RIGHT="1"))
        self.programs.append(process)
        line = process.stdout.readline()
        if not line.startswith("listening on"):
            raise Failure(f"the receiver {name} did not start")
        return int(line.rsplit(":", 1)[1])

    def journal(self, name):
        path = self.folder / f"{name}.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    async def vitals(self, *words, check=True):
        process = await asyncio.create_subprocess_exec(
            str(BINARIES / "vitals"), *words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            env=self.environment(VITALS_SOCKET=str(self.socket_path)))
        out, _ = await asyncio.wait_for(process.communicate(), 120)
        if check and process.returncode:
            raise Failure(f"'vitals {' '.join(words)}' ended with status {process.returncode}: {out.decode()[-500:]}")
        return out.decode()

    def ask(self, path, limit=60):
        """GET at the daemon's own socket; None where the answer is not 200."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(limit)
            connection.connect(str(self.socket_path))
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: vitals\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        head, _, body = answer.partition(b"\r\n\r\n")
        return body if b" 200 " in head.split(b"\r\n")[0] else None

    def close(self):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.kill()
            self.daemon.wait()
        for process in self.programs:
            process.stdin.close()
            process.wait(30)

    # Time

    async def until(self, condition, limit, what):
        """Real time: for what does not wait for the clock."""
        deadline = time.monotonic() + limit
        while not condition():
            if time.monotonic() > deadline:
                raise Failure(f"waited {limit} s for {what}")
            await asyncio.sleep(0.02)

    async def ring(self):
        """The daemon's timers that were passed ring. Gives the seconds until the next one."""
        answer = await self._ask_bell(b"!")
        return STRIDE if answer is None else answer / 1e9

    async def _ask_bell(self, question):
        """The number that the daemon's side of house.c answers; None without a daemon."""
        if not self.bell or self.daemon.poll() is not None:
            return None
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_sendall(self.bell, question)
            answer = await asyncio.wait_for(loop.sock_recv(self.bell, 8), 60)
        except OSError:
            return None
        return struct.unpack("<q", answer)[0] if len(answer) == 8 else None

    async def jump(self, seconds):
        """All clocks at once, whatever is going on: a box that was asleep."""
        self.clock.skipped += int(seconds * 1e9)
        self.clock.write()
        self.skips += 1
        self.skipped()
        return await self.ring()

    async def advance(self, seconds):
        """Lets simulated time pass. What goes on has its real time: it is waited for before each skip."""
        end = self.clock.now + seconds
        following = 0
        while True:
            await self.settle()
            left = end - self.clock.now
            if left <= 0:
                return
            following = await self.jump(min(left, max(self.stride(), following)))

    async def settle(self, limit=2):
        """Until the daemon waits for nothing but time, or `limit` real seconds are over: then time is what it has to bear."""
        deadline = time.monotonic() + limit
        quiet = 0
        while quiet < 2 and time.monotonic() < deadline:
            await asyncio.sleep(0.0005)
            quiet = 0 if self.is_busy() or self._runs() else quiet + 1

    def _runs(self):
        if self.daemon.poll() is not None:
            return False
        folder = f"/proc/{self.daemon.pid}/task"
        with contextlib.suppress(OSError):
            for thread in os.listdir(folder):
                with contextlib.suppress(OSError), open(f"{folder}/{thread}/stat", "rb") as file:
                    if file.read().rpartition(b")")[2].split()[0] in (b"R", b"D"):
                        return True
        return False

    # What is left behind

    async def footprint(self):
        """What the daemon holds now: a dict of counts and KiB. `heap` is what it asked of malloc and has not given back,
        `sqlite` SQLite's part of that and not in it; `memory` is what the system gave it (proc(5), RssAnon), without what
        malloc only keeps."""
        sqlite = await self._ask_bell(b"s") or 0
        heap = (await self._ask_bell(b"m") or 0) - sqlite
        process = f"/proc/{self.daemon.pid}"
        links = []
        for name in os.listdir(f"{process}/fd"):
            with contextlib.suppress(OSError):
                links.append(os.readlink(f"{process}/fd/{name}"))
        threads = []
        for name in os.listdir(f"{process}/task"):
            with contextlib.suppress(OSError):
                threads.append(pathlib.Path(f"{process}/task/{name}/comm").read_text().strip())
        # Those of libdispatch's pool bear the name of their queue: they come and go with what there is to do.
        pool = [name for name in threads if "qos" in name]
        status = dict(line.split(":", 1) for line in pathlib.Path(f"{process}/status").read_text().splitlines())
        names = [name for _, _, found in os.walk(self.data) for name in found]
        return {
            "descriptors": len(links), "sockets": sum(link.startswith("socket:") for link in links),
            "threads": len(threads) - len(pool), "pool": len(pool), "heap": heap // 1024, "sqlite": sqlite // 1024,
            "memory": int(status["RssAnon"].split()[0]),
            "log": max([(self.data / name).stat().st_size for name in names if name.endswith("-wal")
                        and (self.data / name).exists()] + [0]) // 1024,
            "files": len(list((self.folder / "tmp").iterdir())) + len(names),
            "links": sorted(links),
        }

    def stored(self):
        """What is on disk, in order; read from outside."""
        with contextlib.closing(sqlite3.connect(f"file:{self.data}/vitals.sqlite?mode=ro", uri=True, timeout=30)) as database:
            rows = database.execute("SELECT content FROM observations ORDER BY seq").fetchall()
        return [json.loads(content) for content, in rows]

    def waiting(self, destination="%", reason=None):
        """How many deliveries wait, for a destination or because of a reason (patterns of SQL)."""
        with contextlib.closing(sqlite3.connect(f"file:{self.data}/vitals.sqlite?mode=ro", uri=True, timeout=30)) as database:
            return database.execute(
                "SELECT count(*) FROM outbox WHERE state = 'waiting' AND destination LIKE ? AND (? IS NULL OR reason LIKE ?)",
                (destination, reason, reason)).fetchone()[0]


def get(port, path, body=None):
    """GET, or POST of JSON, at a receiver."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{path}", data), timeout=60) as answer:
        return json.loads(answer.read() or b"null")


def _is_there(program):
    return any(os.access(os.path.join(folder, program), os.X_OK) for folder in os.environ["PATH"].split(":"))
