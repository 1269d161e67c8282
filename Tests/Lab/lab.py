"""The scenario framework. `run` starts this file in a guest, once for all scenarios of a boot.

A scenario is one file in `scenarios/`: `async def scenario(lab)`, its first docstring line is its title. It gets a fresh
`Lab`: a new hci0, a new folder, no daemons. What it starts through `lab` is ended after it. It fails by an exception, by
a kernel BUG in the log of the kernel, or by an event that its peripherals call an error; everything that helps to
understand a failure is then copied to `.lab/failed/SCENARIO/`.

Environment: LAB_SLOWNESS (default 3) multiplies every limit; VITALS_BIN is where vitalsd and vitals are.
"""
import asyncio
import base64
import contextlib
import ctypes
import datetime
import importlib.util
import json
import logging
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import time
import traceback
import urllib.parse
import urllib.request

import peripherals
from journal import Journal, describe
from kernel import KernelLog, Management, Trace
from markers import BEARER_TOKEN, CITIZEN_NUMBER, FAMILY_NAME, INSURANCE_NUMBER, Markers
from radio import Radio

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
SLOWNESS = float(os.environ.get("LAB_SLOWNESS", "3"))
BINARIES = pathlib.Path(os.environ.get("VITALS_BIN", PROJECT / ".build" / "debug"))
RECEIVERS = PROJECT / "Tests" / "Receivers"
OUT = pathlib.Path(os.environ.get("LAB_OUT", "/lab/out"))


class Failure(AssertionError):
    """What the scenario expected and did not get, in a sentence."""


def yaml(value, indent=0):
    """Plain YAML of dicts, lists and scalars (strings quoted as JSON, which YAML contains)."""
    pad = "  " * indent
    if isinstance(value, dict):
        return "".join(
            f"{pad}{key}:\n{yaml(item, indent + 1)}" if isinstance(item, (dict, list)) and item
            else f"{pad}{key}: {json.dumps(item)}\n" for key, item in value.items())
    if isinstance(value, list):
        out = ""
        for item in value:
            if isinstance(item, (dict, list)) and item:
                out += f"{pad}- " + yaml(item, indent + 1).lstrip()
            else:
                out += f"{pad}- {json.dumps(item)}\n"
        return out
    return f"{pad}{json.dumps(value)}\n"


class Result:
    """What a command said: `status`, `out`, `err`, and `json` (parsed output; Failure when it is none)."""

    def __init__(self, words, status, out, err):
        self.words, self.status, self.out, self.err = words, status, out, err

    @property
    def json(self):
        try:
            return json.loads(self.out)
        except ValueError:
            raise Failure(f"'{' '.join(self.words)}' printed no JSON (status {self.status}): "
                          f"{self.out[:400]!r} {self.err[-400:]!r}") from None


class Program:
    """A child process with its output in a file. It can be started again with the same words."""

    def __init__(self, lab, name, words, environment=None):
        self.lab, self.name, self.words, self.environment = lab, name, [str(word) for word in words], environment
        self.log_path = lab.folder / f"{name}.log"
        self.process = None

    def spawn(self):
        if not shutil.which(self.words[0]) and not pathlib.Path(self.words[0]).exists():
            raise Failure(f"there is no {self.words[0]}: build it first (VITALS_BIN says where, now {BINARIES})")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.words, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=self.lab.folder,
                env={**os.environ, "LANG": "en_US.UTF-8", **(self.environment or {})}, start_new_session=True)
        self.lab.say(f"{self.name} started, process {self.process.pid}")
        return self

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def signal(self, number):
        if self.running:
            self.process.send_signal(number)

    async def ended(self, limit=30):
        """Wait until the process is no more; its exit status (negative: the signal)."""
        await self.lab.until(lambda: not self.running, limit, f"the end of {self.name}")
        return self.process.returncode

    async def stop(self, limit=30):
        """SIGTERM, and what a service manager does when that is not enough."""
        if self.running:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                await self.ended(limit)
            except TimeoutError:
                self.process.kill()
                await self.ended()
                raise Failure(f"{self.name} did not end within {limit * SLOWNESS:.0f} s of SIGTERM") from None
            self.lab.say(f"{self.name} ended with status {self.process.returncode}")

    async def kill(self):
        """SIGKILL: the process may die at any point."""
        if self.running:
            self.process.kill()
            await self.ended()
            self.lab.say(f"{self.name} killed")

    def memory(self):
        """KiB of the process; see the function of this name."""
        return memory(self.pid)

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)


class Daemon(Program):
    """A real vitalsd on its own data folder."""

    def __init__(self, lab, config, name="vitalsd"):
        self.config_path = lab.folder / f"{name}.yaml"
        self.data = lab.folder / "data"
        self.socket = lab.folder / "vitals.sock"
        self.came_up = False
        self.data.mkdir(exist_ok=True)
        self.config_path.write_text(yaml(config))
        super().__init__(lab, name, [BINARIES / "vitalsd", "run", "--config", self.config_path, "--log-level", "debug"])

    async def start(self, limit=60):
        self.spawn()
        await self.ready(limit)
        return self

    async def ready(self, limit=60):
        """Until it answers on its socket."""
        async def answers():
            if not self.running:
                raise Failure(f"vitalsd ended with status {self.process.returncode} at start:\n{self.log()[-2000:]}")
            return self.socket.exists() and (await self.lab.vitals("status", "--json", check=False)).status == 0
        await self.lab.until(answers, limit, "vitalsd to answer on its socket")
        self.came_up = True

    async def restart(self, limit=60):
        await self.stop()
        await self.start(limit)

    @property
    def database(self):
        return self.data / "vitals.sqlite"

    def query(self, sql, *arguments, database=None):
        """Rows of the database, read-only, as dicts."""
        database = database or self.database
        if not database.exists():
            raise Failure(f"there is no database {database}")
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, arguments)]

    def on_disk(self, folder=None):
        """The bytes (hex) of what is stored, oldest first: also while the daemon is dead, and in a copy of its folder."""
        rows = self.query("SELECT content FROM observations ORDER BY seq", database=folder and folder / "vitals.sqlite")
        contents = [json.loads(row["content"]) for row in rows]
        return [bytes(content["provenance"]["bytes"]).hex() for content in contents]

    @contextlib.contextmanager
    def locked(self):
        """Hold the database's write lock: nothing can be committed until the block ends."""
        connection = sqlite3.connect(self.database, timeout=10, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("BEGIN IMMEDIATE")
            self.lab.say("database locked")
            yield
            connection.execute("ROLLBACK")
            self.lab.say("database released")
        finally:
            connection.close()


class Receiver(Program):
    """A receiver of Tests/Receivers: its own port, a journal file of JSON lines; down and up again on the same port.
    What it holds is in its memory: a receiver that was stopped has forgotten, one that is told to be down has not."""

    def __init__(self, lab, name, script, arguments):
        self.journal_path = lab.folder / f"{name}.jsonl"
        self.port = lab.port()
        super().__init__(lab, name, [sys.executable, RECEIVERS / script, "--port", self.port,
                                     "--journal", self.journal_path, *arguments])

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    async def start(self, limit=90):
        self.spawn()

        async def listens():
            if not self.running:
                raise Failure(f"{self.name} ended with status {self.process.returncode}:\n{self.log()[-2000:]}")
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return True
        await self.lab.until(listens, limit, f"{self.name} to listen")
        return self

    async def request(self, path, body=None):
        """GET, or POST of JSON; the answer's JSON."""
        def ask():
            data = None if body is None else json.dumps(body).encode()
            with urllib.request.urlopen(urllib.request.Request(self.url + path, data), timeout=self.lab.limit(30)) as answer:
                return json.loads(answer.read() or b"null")
        return await asyncio.get_running_loop().run_in_executor(None, ask)

    async def mode(self, mode, **more):
        """`up`, `down`, a status, `lose-answer`, `slow`: see Tests/Receivers/receiver.py."""
        await self.request("/_control", {"mode": mode, **more})
        self.lab.say(f"{self.name} is {mode}")

    def entries(self):
        """What arrived, in order, also in earlier runs."""
        if not self.journal_path.exists():
            return []
        lines = self.journal_path.read_text().splitlines()
        return [json.loads(line) for line in lines if line.strip().endswith("}")]

    def refused(self):
        return [entry["refused"] for entry in self.entries() if entry.get("refused")]


class FHIRReceiver(Receiver):
    """`validate`: every Bundle goes through the FHIR checks, which is slow in a guest."""

    BLOOD_PRESSURE, HEART_RATE = "85354-9", "8867-4"

    def __init__(self, lab, validate=False):
        super().__init__(lab, "fhir", "fhir_receiver.py", [] if validate else ["--no-validate"])

    async def observations(self, code=BLOOD_PRESSURE):
        """The Observations with this LOINC code, in the order of their making. Each once, however often it was made."""
        made = [made for entry in self.entries() for made in entry.get("created", []) if made["type"] == "Observation"]
        found = []
        for one in made:
            identifier = urllib.parse.quote(f"{one['system']}|{one['value']}", safe="")
            for item in (await self.request(f"/Observation?identifier={identifier}"))["entry"]:
                if code in {coding.get("code") for coding in item["resource"]["code"]["coding"]}:
                    found.append(item["resource"])
        return found

    async def systolics(self):
        return [self.component(observation, "8480-6") for observation in await self.observations()]

    @staticmethod
    def component(observation, code):
        """The value of a component with this LOINC code."""
        for part in observation.get("component", []):
            if code in {coding.get("code") for coding in part["code"]["coding"]}:
                return part.get("valueQuantity", {}).get("value")
        return None

    async def receives(self, count, limit=60):
        """Until there are this many blood pressures; more is a failure. The Observations in order."""
        async def enough():
            found = await self.observations()
            self.lab.check(not self.refused(), f"the FHIR receiver refused: {self.refused()[:1]}")
            self.lab.check(len(found) <= count, f"{len(found)} blood pressures at the FHIR receiver, {count} were taken")
            return found if len(found) == count else None
        return await self.lab.until(enough, limit, f"{count} blood pressures at the FHIR receiver", every=0.5)


class WebhookReceiver(Receiver):
    SECRET = "whsec_bGFiLXNlY3JldC1sYWItc2VjcmV0LWxhYi1zZWNyZXQ="

    def __init__(self, lab):
        lab.markers.secret("the webhook's secret", self.SECRET.removeprefix("whsec_"))
        lab.markers.secret("the webhook's key", octets=base64.b64decode(self.SECRET.removeprefix("whsec_")))
        self.secret_file = lab.folder / "webhook.secret"
        self.secret_file.write_text(self.SECRET + "\n")
        self.secret_file.chmod(0o600)
        super().__init__(lab, "webhook", "webhook_receiver.py", ["--secret", self.SECRET])

    def verified(self):
        """Messages with a good signature, the first time each came, in order."""
        return [entry for entry in self.entries() if entry.get("verified") and entry.get("new")]

    def firing(self, value):
        """The messages that tell of a crisis of this value, the first time each came."""
        return [entry for entry in self.verified()
                if entry["message"]["type"] == "alert.firing" and entry["message"]["data"].get("value") == value]

    def resolved(self):
        return [entry for entry in self.verified() if entry["message"]["type"] == "alert.resolved"]

    def told_again(self, told):
        """What came later under the id of a message that said that it is not stored, and says so no longer."""
        return [entry for entry in self.entries()
                if entry.get("id") == told["id"] and entry["message"]["data"].get("stored") is None]


class NtfyReceiver(Receiver):
    """An ntfy server whose topic `answers` is protected."""

    TOKEN = "tk_lab4nswers"

    def __init__(self, lab):
        lab.markers.secret("ntfy's token", self.TOKEN)
        super().__init__(lab, "ntfy", "ntfy_receiver.py", ["--token", self.TOKEN, "--protect", "answers"])

    def published(self, topic):
        """What was written to a topic, in order."""
        return [entry["event"] for entry in self.entries() if entry.get("published") == topic]

    def subscriptions(self):
        return [entry for entry in self.entries() if entry.get("subscribed")]

    async def press(self, message):
        """What a telephone does when the button of a message is pressed."""
        answer = await self.request(f"/_press/{message}", {})
        self.lab.equal(answer["answered"], 200, "what the topic answered the button")

    async def write(self, topic, text):
        """Somebody who has the token writes to a topic."""
        def send():
            request = urllib.request.Request(f"{self.url}/{topic}", text.encode(),
                                             {"Authorization": f"Bearer {self.TOKEN}"})
            with urllib.request.urlopen(request, timeout=self.lab.limit(30)) as answer:
                return answer.status
        return await asyncio.get_running_loop().run_in_executor(None, send)


class Conversation:
    """A command on a pseudo-terminal, as a person has it."""

    def __init__(self, lab, words):
        self.lab, self.words, self.text, self._read_to = lab, words, "", 0
        self._controller, terminal = os.openpty()
        os.set_blocking(self._controller, False)
        self.process = subprocess.Popen(
            words, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True, cwd=lab.folder,
            env={**os.environ, "LANG": "en_US.UTF-8", "TERM": "dumb", "VITALS_SOCKET": str(lab.socket)})
        os.close(terminal)

    def _pump(self):
        with contextlib.suppress(BlockingIOError, OSError):
            while chunk := os.read(self._controller, 4096):
                self.text += chunk.decode(errors="replace")

    async def expect(self, pattern, limit=60):
        """Until the terminal shows a match, after what was matched before. Gives the match."""
        async def shown():
            self._pump()
            found = re.compile(pattern, re.IGNORECASE).search(self.text, self._read_to)
            if found:
                self._read_to = found.end()
                return found
            if self.process.poll() is not None:
                self._pump()
                if not re.compile(pattern, re.IGNORECASE).search(self.text, self._read_to):
                    raise Failure(f"'{' '.join(self.words[1:])}' ended with status {self.process.returncode} before it said "
                                  f"'{pattern}'; the terminal:\n{self.text[-2000:]}")
            return None
        try:
            return await self.lab.until(shown, limit, f"the terminal to say '{pattern}'")
        except TimeoutError as error:
            raise TimeoutError(f"{error}; it shows:\n{self.text[-2000:]}") from None

    def type(self, line):
        os.write(self._controller, (line + "\n").encode())

    async def ended(self, limit=60):
        def over():
            self._pump()
            return self.process.poll() is not None
        await self.lab.until(over, limit, "the conversation to end")
        self._pump()
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._pump()
        os.close(self._controller)
        (self.lab.folder / "terminal.txt").open("a").write(f"$ {' '.join(self.words)}\n{self.text}\n")


class Bluetoothd(Program):
    """Debian's own Bluetooth service, the rival."""

    def __init__(self, lab):
        super().__init__(lab, "bluetoothd", ["/usr/sbin/bluetoothd" if os.path.exists("/usr/sbin/bluetoothd")
                                             else "/usr/libexec/bluetooth/bluetoothd", "-n"])

    async def start(self, limit=30):
        shutil.rmtree("/var/lib/bluetooth", ignore_errors=True)
        os.makedirs("/var/lib/bluetooth")
        self.spawn()
        await self.lab.until(self.owns_its_name, limit, "org.bluez on the bus")
        return self

    async def owns_its_name(self):
        answer = await self.lab.command("dbus-send", "--system", "--dest=org.freedesktop.DBus", "--print-reply", "/",
                                        "org.freedesktop.DBus.NameHasOwner", "string:org.bluez")
        return "boolean true" in answer.out


def memory(pid):
    """KiB of a process: `rss`, `private` (pages that no other process maps), `written` (those of them that it has changed) and
    `pss` (shared ones divided among those who share them)."""
    values = {}
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        if rest.strip().endswith("kB"):
            values[name] = int(rest.split()[0])
    return {"rss": values["Rss"], "pss": values["Pss"], "private": values["Private_Clean"] + values["Private_Dirty"],
            "written": values["Private_Dirty"]}


class Lab:
    """What a scenario has in its hands."""

    ADAPTER, OTHER_ADAPTER = "C0:00:00:00:00:01", "C0:00:00:00:00:02"

    def __init__(self, name, folder, long=False, seed=1, events=None):
        self.name, self.folder, self.long, self.seed = name, folder, long, seed
        self.random = random.Random(f"{name} {seed}")
        self.journal = Journal(events or folder / "events.jsonl")
        self.radio = Radio(self.ADAPTER, self.journal)
        self.programs, self.conversations, self.peripherals = [], [], []
        self.daemon = None
        self.markers, self.people = Markers(), {}
        self.note = ""
        self._ports = iter(range(18080, 18180))
        self.errors_expected = False

    # The scenario's own words

    def say(self, text, **more):
        self.journal.write("scenario", "says", text=text, **more)

    def round(self, done, of, what="rounds"):
        """N of M, printed on the closing line."""
        self.note = f"{done} of {of} {what}"
        self.say(self.note)

    def count(self, sample, long):
        """How often to do something: a sample, or all of it with --long."""
        return long if self.long else sample

    # Waiting and comparing

    def limit(self, seconds):
        return seconds * SLOWNESS

    def window(self, seconds):
        """A peripheral's own time, such as how long it advertises: true to life, but no shorter than this machine can."""
        return seconds * max(1.0, SLOWNESS / 3)

    async def until(self, condition, limit=30, what="something", every=0.1):
        """Until the condition (a function, or one to be awaited) is true; its value. TimeoutError past the limit."""
        deadline = time.monotonic() + self.limit(limit)
        while True:
            value = condition()
            if asyncio.iscoroutine(value):
                value = await value
            if value:
                return value
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {self.limit(limit):.0f} s for {what}")
            await asyncio.sleep(every)

    async def event(self, who, event, limit=30, **more):
        """An event of a peripheral (or of a name); see Journal.wait."""
        return await self.journal.wait(getattr(who, "name", who), event, limit=self.limit(limit), **more)

    async def holds(self, condition, seconds, what):
        """Something that must stay true for a while; the one place where a time is waited out, for what must NOT happen."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            value = condition()
            if asyncio.iscoroutine(value):
                value = await value
            self.check(value, f"{what}: no longer")
            await asyncio.sleep(0.2)

    def check(self, condition, sentence):
        if not condition:
            raise Failure(sentence)

    def equal(self, actual, expected, what):
        if actual != expected:
            raise Failure(f"{what}: expected {expected!r}, got {actual!r}")

    # Programs

    def port(self):
        return next(self._ports)

    @property
    def socket(self):
        return self.folder / "vitals.sock"

    async def command(self, *words, check=False, limit=60, stdin=None):
        words = [str(word) for word in words]
        process = await asyncio.create_subprocess_exec(
            *words, stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, cwd=self.folder,
            env={**os.environ, "LANG": "en_US.UTF-8", "VITALS_SOCKET": str(self.socket)})
        try:
            out, err = await asyncio.wait_for(
                process.communicate(stdin.encode() if stdin is not None else None), self.limit(limit))
        except TimeoutError:
            process.kill()
            out, err = await process.communicate()
            raise TimeoutError(f"'{' '.join(words)}' ran past {self.limit(limit):.0f} s: {out.decode()[-800:]} "
                               f"{err.decode()[-800:]}") from None
        result = Result(words, process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))
        self.markers.heard(words, result.out, result.err)
        if check and result.status:
            raise Failure(f"'{' '.join(words)}' ended with status {result.status}: {result.out[-800:]} {result.err[-800:]}")
        return result

    async def vitals(self, *words, check=True, limit=60, stdin=None):
        """The command line, against this scenario's daemon."""
        if not (BINARIES / "vitals").exists():
            raise Failure(f"there is no vitals in {BINARIES} (VITALS_BIN says where to look)")
        return await self.command(BINARIES / "vitals", *self.named(words), check=check, limit=limit, stdin=stdin)

    async def vitalsd(self, destinations=(), rules=None, start=True, **more):
        """A daemon on this scenario's data folder. `rules`: a list, default one severe systolic threshold."""
        rules_folder = self.folder / "rules"
        rules_folder.mkdir(exist_ok=True)
        if rules is None:
            rules = [{"id": "severe-systolic", "kind": "threshold", "component": "systolic", "at-least": 180,
                      "clear-below": 170, "severity": "urgent", "source": "lab"}]
        (rules_folder / "rules.yaml").write_text(yaml({"rules": rules}))
        config = {"data": str(self.folder / "data"), "socket": str(self.socket),
                  "profiles": [str(self.profiles())], "rules": str(rules_folder),
                  "bluetooth": {"enabled": True}, "simulation": {"enabled": "never"},
                  "destinations": list(destinations), **more}
        self.daemon = Daemon(self, config)
        self.programs.append(self.daemon)
        if start:
            await self.daemon.start()
        return self.daemon

    def profiles(self, quiet=2):
        """The project's profiles. What they wait for before they subscribe again is stretched as all limits are: on a slow
        machine a cuff that kept its subscription takes longer to show it. After its first value a cuff's visit waits for
        more for `quiet` seconds, stretched as well, instead of twenty that every scenario would sit out after every reading;
        None leaves it as it is shipped, for scenarios that need the link to stay. The first call decides."""
        folder = self.folder / "profiles"
        if not folder.exists():
            shutil.copytree(PROJECT / "DeviceProfiles", folder, ignore=lambda directory, names: [
                name for name in names if not (pathlib.Path(directory) / name).is_dir() and name != "profile.yaml"])
            for file in folder.rglob("profile.yaml"):
                file.write_text(re.sub(r"(?m)^(  grace: )([0-9.]+)$",
                                       lambda found: f"{found[1]}{float(found[2]) * max(1.0, SLOWNESS):g}", file.read_text()))
            if quiet is not None:
                file = folder / "sig/blood-pressure/profile.yaml"
                text, found = re.subn(r"(?m)^  idle: 20$", f"  idle: 20\n  quiet: {quiet * max(1.0, SLOWNESS):g}",
                                      file.read_text())
                self.check(found == 1 and text.count("  quiet:") == 1, f"{file} waits otherwise than the lab takes it to")
                file.write_text(text.replace("sources:\n", 'sources:\n  session.quiet: "the lab: nobody has to wait"\n'))
        return folder

    def fhir_destination(self, receiver, name="record"):
        return {"name": name, "kind": "fhir", "url": receiver.url, "patient-system": "urn:lab:patients",
                "token-file": str(self.bearer_token()), "retry": {"first": "1s", "most": "3s"},
                "pace": {"rate": 0, "spread": "0s"}}

    def bearer_token(self):
        """The file of a token that records are shown."""
        file = self.folder / "record.token"
        file.write_text(self.markers.secret("the record's token", BEARER_TOKEN) + "\n")
        file.chmod(0o600)
        return file

    def webhook_destination(self, receiver, name="family"):
        return {"name": name, "kind": "webhook", "url": receiver.url, "secret-file": str(receiver.secret_file),
                "values": True, "retry": {"first": "1s", "most": "3s"}, "allow-private": True}

    async def fhir(self, start=True, validate=False):
        receiver = FHIRReceiver(self, validate)
        self.programs.append(receiver)
        return await receiver.start() if start else receiver

    async def webhook(self, start=True):
        receiver = WebhookReceiver(self)
        self.programs.append(receiver)
        return await receiver.start() if start else receiver

    async def ntfy(self):
        receiver = NtfyReceiver(self)
        self.programs.append(receiver)
        return await receiver.start()

    async def bluetoothd(self):
        """Start the rival; `.stop()` ends it."""
        program = Bluetoothd(self)
        self.programs.append(program)
        return await program.start()

    # What a person types, in one place

    async def patient(self, name="An"):
        """Add a person; commands take the name. At the gateway they are called `called(name)`, which no log may hold."""
        full = self.called(name)
        await self.vitals("patients", "add", full)
        self.people[name] = full
        self.markers.stored(name, full)
        return name

    def called(self, name="An"):
        """The whole name of a person of the lab, as the gateway has it."""
        return f"{name} {FAMILY_NAME}"

    def named(self, words):
        """The words of a command, with whole names in place of short ones."""
        return [self.people.get(word, word) for word in words]

    async def erase(self, name="An"):
        """Erase a person, as somebody who types the name; from then on nothing of them may stand in any file."""
        await self.vitals("erase", name, "--yes")
        self.markers.erase(name)

    async def consent(self, patient="An", destination="record"):
        # People write such numbers where there is room for words.
        who, relationship = f"the lab {CITIZEN_NUMBER}", f"daughter {INSURANCE_NUMBER}"
        await self.vitals("consent", "grant", "--patient", patient, "--destination", destination,
                          "--who", who, "--relationship", relationship)
        self.markers.stored(patient, who)
        self.markers.stored(patient, relationship)

    async def pair(self, peripheral, patient="An", check=True, limit=90, stdin=None, more=()):
        """`vitals pair` for scripts."""
        address = peripheral.seen_as if peripheral.private else peripheral.address
        arguments = ["pair", "--yes", "--address", address, "--patient", patient, *more]
        if stdin is not None:
            arguments.append("--passkey-stdin")
        return await self.vitals(*arguments, check=check, limit=limit, stdin=stdin)

    async def paired_cuff(self, systolic=128, diastolic=81, **more):
        """A cuff that An has paired, with its first reading stored and confirmed, and gone to sleep again."""
        cuff = self.cuff(**more)
        await cuff.measure(systolic, diastolic)
        await self.pair(cuff)
        await self.event(cuff, "memory sent")
        await self.asleep(cuff)
        return cuff

    async def asleep(self, peripheral, limit=60):
        """Until its link has ended, as a session ends by itself once all is read."""
        await self.until(lambda: peripheral.connection is None, limit, f"the link with {peripheral.name} to end")

    async def delivered(self, cuff, since, limit=60):
        """Until the cuff got a confirmation since that place in the journal; the event."""
        return await self.event(cuff, "confirmed", since=since, limit=limit)

    def terminal(self, *words):
        """`vitals …` on a pseudo-terminal."""
        conversation = Conversation(self, [str(BINARIES / "vitals"), *self.named(words)])
        self.conversations.append(conversation)
        return conversation

    async def readings(self, *words):
        return (await self.vitals("readings", "--json", "--limit", "100000", *words)).json

    async def readings_become(self, count, limit=60):
        """Until there are this many readings; more is a failure. The readings."""
        async def enough():
            readings = await self.readings()
            self.check(len(readings) <= count, f"{len(readings)} readings where at most {count} were taken")
            return readings if len(readings) == count else None
        return await self.until(enough, limit, f"{count} readings", every=0.5)

    async def status(self):
        return (await self.vitals("status", "--json")).json

    async def warning(self, pattern, limit=60):
        """Until `vitals status` warns of this (a pattern over id, title and remedy). The warning."""
        async def warned():
            return await self.warnings(pattern)
        return (await self.until(warned, limit, f"a warning like '{pattern}'", every=0.5))[0]

    async def no_warning(self, pattern, limit=60):
        async def gone():
            return not await self.warnings(pattern)
        await self.until(gone, limit, f"the warning '{pattern}' to go", every=0.5)

    async def warnings(self, pattern="."):
        return [warning for warning in (await self.status())["warnings"]
                if re.search(pattern, " ".join(str(warning.get(k, "")) for k in ("id", "title", "remedy")), re.IGNORECASE)]

    # The air

    async def plug(self, address=None):
        """Plug the adapter in, and wait until the kernel has it. A guest that gets no processor for two seconds answers one
        of the kernel's first commands too late, and then the kernel leaves the adapter alone for good: that says nothing of
        the gateway, and the adapter is plugged in once more."""
        for attempt in range(5):
            kernel_log = KernelLog()
            try:
                await self.radio.plug(address)
                if await self._kernel_has_adapter(kernel_log):
                    return
            finally:
                kernel_log.close()
            self.say(f"the kernel gave the adapter up (try {attempt + 1}); it is plugged in again")
            await self.radio.unplug()
        raise Failure("the kernel did not take the adapter five times")

    async def _kernel_has_adapter(self, kernel_log):
        management = Management()
        try:
            deadline = time.monotonic() + self.limit(5)
            while time.monotonic() < deadline:
                # Read Controller Index List: a count, and the indexes of those whose set-up worked.
                count, *_ = struct.unpack_from("<H", await management.command(0x0003, index=0xFFFF))
                if count:
                    return True
                if any("failed: -110" in line for line in kernel_log.read()):
                    return False
                await asyncio.sleep(0.1)
            return False
        finally:
            management.close()

    async def unplug(self):
        await self.radio.unplug()

    def _peripheral(self, kind, *arguments, **more):
        peripheral = kind(self.radio, self.journal, *arguments, **more)
        self.peripherals.append(peripheral)
        return peripheral

    def peripheral(self, kind, *arguments, **more):
        """One of any kind that `peripherals` has."""
        return self._peripheral(kind, *arguments, **more)

    def cuff(self, *arguments, **more):
        return self._peripheral(peripherals.Cuff, *arguments, **more)

    def strap(self, *arguments, **more):
        return self._peripheral(peripherals.Strap, *arguments, **more)

    def sensor(self, *arguments, **more):
        return self._peripheral(peripherals.Sensor, *arguments, **more)

    def stranger(self, *arguments, **more):
        return self._peripheral(peripherals.Stranger, *arguments, **more)

    def silent(self, *arguments, **more):
        return self._peripheral(peripherals.Silent, *arguments, **more)

    # The guest's clock

    @contextlib.contextmanager
    def wrong_clock(self, at):
        """The guest's clock shows `at` (seconds since 1970, not less than its uptime), and the kernel knows that nobody set
        it; afterwards it is right again. Gives by how many seconds it is behind, and what sets it right before the end."""
        right = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)

        def put_right():
            time.clock_settime(time.CLOCK_REALTIME, right + time.clock_gettime(time.CLOCK_BOOTTIME))
            declare_clock(right=True)
        behind = time.time() - at
        time.clock_settime(time.CLOCK_REALTIME, at)
        declare_clock(right=False)
        self.say(f"the clock is {behind:.0f} s behind")
        try:
            yield behind, put_right
        finally:
            put_right()

    # Ends

    async def close(self):
        for conversation in self.conversations:
            conversation.close()
            self.markers.heard(conversation.words, conversation.text, "")
        problem = None
        for program in reversed(self.programs):
            try:
                await program.stop()
            except Failure as failure:
                problem = problem or failure
        for peripheral in self.peripherals:
            with contextlib.suppress(Exception):
                await peripheral.off()
        await self.radio.unplug()
        await asyncio.sleep(0)
        self.journal.close()
        if problem:
            raise problem

    def leaks(self):
        """What the logs hold that they must not, after all ended; see Markers."""
        for peripheral in self.peripherals:
            for key in peripheral.keys:
                self.markers.secret(f"a key that {peripheral.name} made", octets=key)
        # Not by its class: a scenario that imports this file has a second one.
        daemons = [program for program in self.programs if hasattr(program, "came_up")]
        database = next((daemon.database for daemon in daemons if daemon.came_up), None)
        # Daemons one after the other write one log.
        logs = {daemon.log_path: daemon for daemon in sorted(daemons, key=lambda one: one.came_up)}
        return self.markers.faults(list(logs.values()), database)


def load(path):
    spec = importlib.util.spec_from_file_location(f"scenario_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def play(path, long, seed):
    """One scenario: None, or the reason of its failure."""
    name = path.stem
    folder = pathlib.Path("/tmp/lab") / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # These two leave the guest as they are written: they tell the tale when it does not come to an end.
    live = OUT / "live" / name
    live.mkdir(parents=True, exist_ok=True)
    # Bumble's own complaints belong to the scenario, not to the terminal.
    logging.basicConfig(filename=folder / "bumble.log", level=logging.WARNING, force=True,
                        format="%(asctime)s %(levelname)s %(name)s %(message)s")
    module = load(path)
    kernel_log, trace = KernelLog(), Trace(live / "hci.btsnoop")
    lab = Lab(name, folder, long, seed, live / "events.jsonl")
    begun = time.monotonic()
    reason = None
    longest = getattr(module, "LIMIT_LONG" if long else "LIMIT", getattr(module, "LIMIT", 240)) * SLOWNESS
    try:
        await lab.plug()
        await asyncio.wait_for(module.scenario(lab), longest)
    except TimeoutError as error:
        reason = str(error) or f"not done after {longest:.0f} s\n{_where(error)}"
        reason += _where(error) if str(error) else ""
    except Exception as error:
        reason = f"{str(error) or repr(error)}{_where(error)}"
    took = time.monotonic() - begun
    try:
        await asyncio.wait_for(lab.close(), 120 * SLOWNESS)
    except Exception as error:
        reason = reason or f"while clearing up: {error!r}"
    try:
        leaks = lab.leaks()
    except Exception as error:
        leaks = [f"the markers could not be looked for: {error!r}"]
    if leaks:
        reason = (reason + "\n" if reason else "") + "\n".join(leaks[:5])
    trace.close()
    bad = kernel_log.bad(known_fault_allowed=getattr(module, "LINKS_END_UNDER_US", False))
    if kernel_log.known_faults:
        build = os.uname().version.split("Debian ")[-1].split()[0]
        lab.note = f"{lab.note or ''}  (kernel {build} hit its own fault {kernel_log.known_faults} times)".strip()
    if bad:
        reason = (reason + "\n" if reason else "") + "the kernel complained: " + " | ".join(bad[:5])
    errors = [] if lab.errors_expected else lab.journal.find(event="error")
    if errors and not reason:
        reason = "; ".join(describe(error) for error in errors[:3])
    for file in live.iterdir():
        shutil.move(file, folder / file.name)
    (folder / "dmesg.txt").write_text("\n".join(kernel_log.lines) + "\n")
    kernel_log.close()
    (folder / "reason.txt").write_text((reason or "passed") + "\n")
    return reason, took, lab.note, folder


def _where(error):
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "scenarios" in frame.filename]
    return f"  ({pathlib.Path(frames[-1].filename).name}:{frames[-1].lineno}: {frames[-1].line})" if frames else ""


def declare_clock(right):
    """What the kernel holds of its clock (adjtimex(2)): set by somebody who knows, or by nobody."""
    timex = bytearray(208)
    # ADJ_STATUS, ADJ_MAXERROR and ADJ_ESTERROR, all to 0; or the status STA_UNSYNC.
    struct.pack_into("=I", timex, 0, 0x10 | (0x04 | 0x08 if right else 0))
    struct.pack_into("=i", timex, 40, 0 if right else 0x40)
    if ctypes.CDLL(None, use_errno=True).adjtimex((ctypes.c_char * 208).from_buffer(timex)) < 0:
        raise OSError(ctypes.get_errno(), "adjtimex")


def prepare_guest():
    """What a booted Debian has and a guest has not: a system bus, a clock zone that is not UTC, and a clock of which the
    kernel knows that it is right (a gateway that doubts its own sets no device's)."""
    declare_clock(right=True)
    os.environ.setdefault("TZ", "Asia/Ho_Chi_Minh")
    time.tzset()
    if not os.path.exists("/run/dbus/system_bus_socket"):
        os.makedirs("/run/dbus", exist_ok=True)
        subprocess.run(["dbus-daemon", "--system", "--fork", "--nopidfile"], check=True)


async def main(arguments):
    long = "--long" in arguments
    seed = next((a.split("=", 1)[1] for a in arguments if a.startswith("--seed=")), "1")
    names = [a for a in arguments if not a.startswith("--")]
    prepare_guest()
    failed = 0
    print(f"kernel {os.uname().release}, slowness {SLOWNESS:g}, seed {seed}, {datetime.datetime.now():%H:%M:%S}", flush=True)
    for name in names:
        print(f"begin {name}", flush=True)
        reason, took, note, folder = await play(HERE / "scenarios" / f"{name}.py", long, seed)
        if reason or os.environ.get("LAB_KEEP"):
            kept = OUT / "kept" / name
            kept.parent.mkdir(exist_ok=True)
            shutil.copytree(folder, kept, dirs_exist_ok=True, ignore_dangling_symlinks=True,
                            ignore=lambda directory, entries: [e for e in entries if e.endswith(".sock")])
        shutil.rmtree(folder, ignore_errors=True)
        failed += reason is not None
        print(f"{'FAIL' if reason else 'PASS'} {name} {took:.1f} s{'  ' + note if note else ''}", flush=True)
        if reason:
            print("\n".join("     " + line for line in reason.splitlines()), flush=True)
    return min(failed, 99)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
