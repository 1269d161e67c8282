#!/usr/bin/env python3
"""How long a reading takes and what waiting costs: vitalsd beside PyPI's bleak on Debian's bluetoothd, in one guest. And what
a reading over a cable costs, on this machine.

    bench.py [--rounds N] [--only vitalsd|bleak|cable|rules|crisis|weeks|commits|wear] [--kernel 6.12]

Same kernel, same emulated cuff, same machine in one run: the ratios count, the seconds are those of an emulation. The
cuff itself takes the times: from its first advertisement, and from the link, to the confirmation of its reading, which
vitalsd stores before it confirms; and it counts the ATT requests that came before. VITALS_BIN is where the built
programs are (default .build/release, else .build/debug). Writes .lab/bench.json.

Of a cable (Tests/Bench): a cuff in the process itself, that answers at once, gives 500 readings to the driver. Processor
time is that of the driver beside that of the same transfers without one; transfers are counted beside the fewest that the
cuff's protocol allows. What decoding IEEE 11073 costs is counted in instructions by valgrind, the difference of two runs.

`rules` runs on this machine, without a guest: what evaluating a new reading costs with up to 1,000 rules of all kinds over
100,000 stored readings, as a ratio to the rest of the transaction that keeps it. Writes .lab/bench-rules.json.

`crisis` runs on this machine too: from a cuff's indication of a severe reading (the cuff simulated at the other end of a
socket pair) to the first octets of the signed webhook at a receiver on loopback, with the parts of that time; beside it in
turns, a bare commit that waits for the disk and a bare POST. Writes .lab/bench-crisis.json.

`weeks` runs on this machine too: six weeks of a household of four without a way out (WeeksBench), what they take on disk,
and how fast they leave when a receiver answers at once, beside a bare client in Python that posts as many Observations in as
many transactions to the same receiver. Then what a vitalsd's memory grows by while it gives the last day of them, and all, to
`vitals export`: the same, if it holds a page at a time. Writes .lab/bench-weeks.json.

`commits` runs on this machine too: readings a second that are committed one by one and several in a transaction, by the store
(CommitBench) and, in turns, by a program that makes the same rows by SQLite's C interface alone (commit_peer.c). Writes
.lab/bench-commits.json.

`wear`: what a day writes to a card, in a guest with a disk of its own (WearBench), beside the ceilings of the page "Wear", and
the daemon itself, idle for --idle seconds. Writes .lab/bench-wear.json.
"""
import argparse
import asyncio
import datetime
import http.client
import json
import os
import pathlib
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

import wear

here = pathlib.Path(__file__).resolve().parent
project = here.parent.parent
KINDS = (("first", "first connect"), ("known", "known cuff, keeps its subscription"),
         ("forgets", "known cuff, forgets its subscription"))


# In the guest

def measured(cuff, since, confirmed):
    """Seconds and requests of one reading, from the cuff's own journal."""
    advertised = cuff.events("advertising", since=since)[0]
    linked = [e for e in cuff.events("connected", since=since) if e["n"] < confirmed["n"]]
    # Pairing may cost a link of its own: from the first link on is what the person waits for.
    return {"advertising": confirmed["t"] - advertised["t"], "link": confirmed["t"] - linked[0]["t"],
            "requests": len([e for e in cuff.events("request", since=since) if e["n"] < confirmed["n"]])}


async def of_vitalsd(lab, rounds):
    results = {kind: [] for kind, _ in KINDS}
    daemon = await lab.vitalsd()
    await lab.patient()
    cuff = None
    for number in range(max(2, rounds // 3)):
        if cuff:
            await cuff.off()
        cuff = lab.cuff(name=f"LAB-BENCH-{number}", address=f"F0:F1:F2:F3:F5:{number:02X}")
        begin = lab.journal.here
        pairing = asyncio.ensure_future(lab.pair(cuff, limit=120))
        # It listens before the cuff is switched on, as a person would have it.
        await searching(lab)
        await cuff.measure(120 + number, 80)
        confirmed = await lab.event(cuff, "confirmed", since=begin, limit=120)
        results["first"].append(measured(cuff, begin, confirmed))
        await pairing
        await lab.asleep(cuff)
    for kind, keeps in (("known", True), ("forgets", False)):
        cuff.keeps_subscriptions = keeps
        for number in range(rounds):
            begin = lab.journal.here
            await cuff.measure(130 + number, 85)
            confirmed = await lab.event(cuff, "confirmed", since=begin, limit=120)
            results[kind].append({**measured(cuff, begin, confirmed), "given": 1})
            await lab.asleep(cuff)
    await settled(lab, lambda: daemon.memory()["rss"])
    return results, {"vitalsd": daemon.memory()}


async def of_bleak(lab, rounds):
    results = {kind: [] for kind, _ in KINDS}
    rival = await lab.bluetoothd()
    await lab.command("btmgmt", "--timeout", "10", "power", "on")
    cuff = reader = None
    from lab import Program

    def said(event):
        lines = [json.loads(line) for line in reader.log().splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == event]

    for number in range(max(2, rounds // 3)):
        if cuff:
            await reader.stop()
            await cuff.off()
        cuff = lab.cuff(name=f"LAB-BENCH-{number}", address=f"F0:F1:F2:F3:F6:{number:02X}")
        reader = Program(lab, f"bleak-{number}", [sys.executable, here / "bleak_reader.py", cuff.address])
        lab.programs.append(reader)
        reader.spawn()
        await lab.until(lambda: said("ready"), 60, "bleak to be ready")
        await searching(lab)
        begin = lab.journal.here
        await cuff.measure(120 + number, 80)
        confirmed = await lab.event(cuff, "confirmed", since=begin, limit=120)
        results["first"].append(measured(cuff, begin, confirmed))
        await lab.asleep(cuff)
    for kind, keeps in (("known", True), ("forgets", False)):
        cuff.keeps_subscriptions = keeps
        for number in range(rounds):
            await searching(lab)
            begin = lab.journal.here
            value = await cuff.measure(130 + number, 85)
            confirmed = await lab.event(cuff, "confirmed", since=begin, limit=120)
            result = measured(cuff, begin, confirmed)
            await lab.asleep(cuff)
            # bluetoothd confirms what nobody has subscribed to yet: was the reading ever given to the program?
            result["given"] = int(value.hex() in [line["value"] for line in said("reading")])
            results[kind].append(result)
    await searching(lab)
    await settled(lab, lambda: reader.memory()["rss"])
    bus = int((await lab.command("pgrep", "-n", "dbus-daemon")).out)
    from lab import memory
    return results, {"bluetoothd": memory(rival.pid), "bleak script": reader.memory(), "dbus-daemon": memory(bus)}


async def searching(lab):
    """Until the adapter scans: both sides wait for the cuff in their own way."""
    await lab.until(lambda: lab.radio.adapter and lab.radio.adapter.le_scan_enable, 60, "a scan")


async def settled(lab, value):
    """Until a number has not grown for some seconds: idle."""
    last, since = value(), 0
    while since < 10:
        await asyncio.sleep(0.5)
        now = value()
        since, last = (since + 1, last) if now <= last else (0, now)


async def in_guest(arguments):
    import lab as framework
    framework.prepare_guest()
    answer = {}
    for name, run in (("bleak", of_bleak), ("vitalsd", of_vitalsd)):
        if arguments.only not in (None, name):
            continue
        folder = pathlib.Path("/tmp/lab") / f"bench-{name}"
        folder.mkdir(parents=True)
        trace = framework.Trace(folder / "hci.btsnoop")
        bench = framework.Lab(f"bench-{name}", folder)
        try:
            await bench.plug()
            results, idle = await asyncio.wait_for(run(bench, arguments.rounds), 1500 * framework.SLOWNESS)
            answer[name] = {"results": results, "memory": idle}
            print(f"measured {name}", flush=True)
        finally:
            try:
                await bench.close()
            finally:
                trace.close()
                shutil.copytree(folder, framework.OUT / name,
                                ignore=lambda directory, names: [n for n in names if n.endswith(".sock")])
                (framework.OUT / "bench.json").write_text(json.dumps({"kernel": os.uname().release, **answer}, indent=1))


# On this machine: the cable

BANKS = (250, 250)  # HIDBench.counts


def fewest_transfers(banks):
    """Of a visit that reads all of a HEM-790IT's memory: libomron's notes on the protocol. Reports carry seven octets, and
    every reading has to be asked for by its number."""
    def reports(octets):
        return -(-octets // 7)
    mode = 1                                              # Set_Report, feature
    synchronise = reports(12) + reports(len("OK"))        # twelve zeros
    count = reports(len("GDC") + 5) + reports(3 + 4 + 1)  # OK 0, four octets, checksum
    reading = reports(len("GME") + 5) + reports(3 + 13 + 1)
    end = reports(len("END") + 2) + reports(5)            # OFF CR LF
    return mode + synchronise + sum(count + reading * bank for bank in banks) + end


def of_cable(binaries, rounds):
    program = binaries / "vitals-bench"
    if not program.exists():
        raise SystemExit(f"bench: there is no {program}; run: make release")

    def asked(*words):
        return json.loads(subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True).stdout)

    answer = {"hid": {**asked(program, "hid", max(3, rounds)), "fewest": fewest_transfers(BANKS)}}
    if answer["hid"]["readings"] != sum(BANKS):
        raise SystemExit(f"bench: {answer['hid']['readings']} readings where {sum(BANKS)} are in the cuff's memory")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        # Debian 12's valgrind gives up at DWARF 5, which Swift writes; what is counted does not depend on it.
        bare = pathlib.Path(folder, "vitals-bench")
        subprocess.run(["strip", "--strip-debug", "-o", bare, program], check=True)
        counted = {}
        for count in (2000, 6000, 10000):
            words = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", bare, "x73", count]
            run = subprocess.run([str(word) for word in words], capture_output=True, text=True)
            found = re.search(r"Collected : (\d+)", run.stderr)
            if run.returncode or not found:
                raise SystemExit(f"bench: valgrind could not count: {run.stderr[-2000:]}")
            counted[count] = int(found[1])
    (few, middle, many) = sorted(counted)
    answer["x73"] = {
        "instructions": {str(count): number for count, number in counted.items()},
        "perAPDU": [(counted[b] - counted[a]) / (b - a) for a, b in ((few, middle), (middle, many))]}
    return answer


def cable_table(answer):
    hid, x73 = answer["hid"], answer["x73"]
    bare, driver, stored = (statistics.median(hid[name]) for name in ("bare", "driver", "stored"))
    print(f"\na memory of {hid['readings']} readings over HID; medians of {hid['visits']} visits")
    print(f"{'':42}{'vitalsd':>12}{'least':>12}{'times':>9}")
    print(f"    {'transfers, everything new':38}{hid['transfers']:>12}{hid['fewest']:>12}"
          f"{hid['transfers'] / hid['fewest']:>9.3f}")
    print(f"    {'    of them without an answer':38}{hid['emptyTransfers']:>12}{0:>12}")
    print(f"    {'transfers, everything known':38}{hid['transfersKnown']:>12}")
    print(f"{'processor time of a reading, µs':42}{'vitalsd':>12}{'bare':>12}{'times':>9}")
    for words, value in (("driver, readings kept in memory", driver), ("driver, each reading committed to disk", stored)):
        print(f"    {words:38}{value:>12.1f}{bare:>12.1f}{value / bare:>9.1f}")
    print("    bare: the same transfers without a driver; the cuff itself is in both, and is taken off the first")
    print(f"{'an event report of IEEE 11073':42}{'vitalsd':>12}")
    print(f"    {'instructions, octets to measurements':38}{statistics.mean(x73['perAPDU']):>12.0f}"
          f"    (two differences: {', '.join(f'{value:.0f}' for value in x73['perAPDU'])})")


# On this machine: the guest's answers

def rules(programs, rounds=100, stored=100_000, counts=(0, 10, 100, 1000)):
    """A new reading is kept with so many rules, turn by turn. What the rules cost is the difference to none at all; the
    commit is all the rest: the row, its outbox row, waiting for the disk."""
    program = pathlib.Path(programs) / "RuleBench"
    with tempfile.TemporaryDirectory(prefix="bench-rules-", dir=project / ".lab") as folder:
        subprocess.run([program, "fill", folder, "--readings", str(stored)], check=True)
        words = [program, "measure", folder, "--rules", *map(str, counts)]
        # The first runs make each rule's state.
        subprocess.run([*words, "--rounds", "4"], check=True, stdout=subprocess.DEVNULL)
        said = subprocess.run([*words, "--rounds", str(rounds)], check=True, stdout=subprocess.PIPE, text=True).stdout
        times = {int(count): values for count, values in json.loads(said).items()}
        instructions = {count: instructions_of_commit(program, folder, count) for count in counts}

    def row(count):
        middle, calm = ({kind: statistics.median(values) for kind, values in times[one].items()} for one in (count, 0))
        return {**middle, "p99": sorted(times[count]["wall"])[int(rounds * 0.99)],
                "evaluation": {kind: middle[kind] - calm[kind] for kind in middle},
                "ratio": {kind: (middle[kind] - calm[kind]) / calm[kind] for kind in ("wall", "processor")},
                "instructions": instructions[count]}

    answer = {"readings": stored, "rounds": rounds, "build": pathlib.Path(programs).resolve().name,
              "rules": {count: row(count) for count in counts}}
    (project / ".lab/bench-rules.json").write_text(json.dumps(answer, indent=1))
    return answer


def instructions_of_commit(program, folder, count):
    """Of one transaction, by the processor's counter: a run of several beside a run of one, so that opening the store
    cancels out. None where there is no counter, as in many virtual machines, or no perf."""
    def run(rounds):
        counted = subprocess.run(
            ["perf", "stat", "-x,", "-e", "instructions:u", program, "measure", folder, "--rounds", str(rounds),
             "--rules", str(count)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True).stderr
        return int(next(line for line in counted.splitlines() if "instructions" in line).split(",")[0])

    if not shutil.which("perf"):
        return None
    try:
        return (run(9) - run(1)) // 8
    except ValueError:  # <not supported>
        return None


def rules_table(answer):
    print(f"\na new reading, {answer['readings']:,} stored, {answer['build']} build; medians of {answer['rounds']}")
    print(f"{'':8}{'transaction':>13}{'':12}{'evaluation':>13}{'':11}{'to commit':>13}{'':25}{'tick':>11}")
    print(f"{'rules':8}{'wall':>13}{'p99':>12}{'wall':>13}{'processor':>11}{'wall':>13}{'processor':>11}{'instructions':>14}"
          f"{'processor':>11}")
    for count, row in answer["rules"].items():
        counted = "–" if row["instructions"] is None else f"{row['instructions']:,}"
        evaluation, ratio = row["evaluation"], row["ratio"]
        print(f"{count:<8}{row['wall'] * 1e3:>10.2f} ms{row['p99'] * 1e3:>9.2f} ms{evaluation['wall'] * 1e3:>10.2f} ms"
              f"{evaluation['processor'] * 1e3:>8.2f} ms{ratio['wall']:>13.2f}{ratio['processor']:>11.2f}{counted:>14}"
              f"{row['tick'] * 1e3:>8.2f} ms")
    print("    evaluation: what the transaction takes beyond one without rules; to commit: as a ratio to that one;")
    print("    instructions: of the whole transaction, where the machine counts them; tick: a look at the time and at gateway and")
    print("    devices that are well, with the same rules")


# On this machine: how soon an emergency is told

SECRET = "whsec_Y3Jpc2lzLWJlbmNoLWNyaXNpcy1iZW5jaC0="
PARTS = (("decoded", "indicated", "decoded", "cuff's indication to decoded"),
         ("committed", "decoded", "committed", "decoded to committed"),
         ("confirmed", "committed", "confirmed", "committed to the confirmation at the cuff"),
         ("requested", "committed", "requested", "committed to the request at the receiver"),
         ("told", "indicated", "requested", "indication to the request at the receiver"))


class Receiver:
    """crisis_receiver.py, in a process of its own."""

    def __init__(self, *words):
        self.process = subprocess.Popen([sys.executable, here / "crisis_receiver.py", SECRET, *words],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.lines = []
        # Read as it comes: a full pipe would stop it.
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stdout), daemon=True)
        self.reader.start()

    def requests(self):
        """All that came; it ends by this."""
        self.process.stdin.close()
        self.process.wait()
        self.reader.join()
        return [json.loads(line) for line in self.lines]


def crisis(programs, rounds=200):
    """Each round is the first severe reading of an episode of one of twenty people, so that each is told. With a connection
    that stays open between the rounds, and with a new one for each: a destination on the internet gets a new one each time,
    and one in the house after ten quiet seconds."""
    answer = {"rounds": rounds, "build": pathlib.Path(programs).resolve().name}
    for name, words in (("open", []), ("new", ["--close"])):
        with tempfile.TemporaryDirectory(prefix="bench-crisis-", dir=project / ".lab") as folder:
            (pathlib.Path(folder) / "secret").write_text(SECRET + "\n")
            receiver = Receiver(*words)
            said = subprocess.run(
                [pathlib.Path(programs) / "CrisisBench", folder, f"http://127.0.0.1:{receiver.port}/",
                 pathlib.Path(folder) / "secret", str(rounds)], check=True, stdout=subprocess.PIPE, text=True).stdout
            answer[name] = told(json.loads(said), receiver.requests())
            peer = Receiver(*words)
            answer[name]["peer"] = bare(pathlib.Path(folder), peer, rounds, bool(words))
            peer.requests()
    (project / ".lab/bench-crisis.json").write_text(json.dumps(answer, indent=1))
    return answer


def told(times, requests):
    """The parts of each round, from both programs' stamps. The first request after a round's indication is that round's:
    the next round begins when nothing waits any more."""
    unverified = [request for request in requests if not request["verified"]]
    if unverified:
        raise SystemExit(f"bench: {len(unverified)} of {len(requests)} webhooks have a wrong signature")
    for index, stamps in enumerate(times):
        end = times[index + 1]["indicated"] if index + 1 < len(times) else float("inf")
        mine = [request for request in requests if stamps["indicated"] < request["at"] < end]
        if not mine:
            raise SystemExit(f"bench: nobody was told in round {index}")
        stamps["requested"], stamps["connection"] = mine[0]["at"], mine[0]["connection"]
    return {"first": times[0]["requested"] - times[0]["indicated"], "messages": len(requests),
            "connections": len({request["connection"] for request in requests}),
            "parts": {name: [one[end] - one[begin] for one in times] for name, begin, end, _ in PARTS}}


def bare(folder, receiver, rounds, closes):
    """What no gateway can do without: a row that is on disk, and then a request with as many octets, from Python."""
    database = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE readings (content TEXT)")
    link = http.client.HTTPConnection("127.0.0.1", receiver.port)
    commit, post = [], []
    for number in range(rounds):
        begin = time.perf_counter()
        database.execute("INSERT INTO readings VALUES (?)", ("x" * 1500,))
        commit.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        link.request("POST", "/", b"x" * 1000, {"webhook-id": str(number)})
        link.getresponse().read()
        post.append(time.perf_counter() - begin)
        if closes:
            link.close()
    database.close()
    return {"commit": commit, "post": post, "both": [a + b for a, b in zip(commit, post)]}


class Record:
    """fhir_receiver.py without its checks, in a process of its own."""

    def __init__(self, folder):
        self.journal = folder / "record.jsonl"
        self.process = subprocess.Popen(
            [sys.executable, project / "Tests/Receivers/fhir_receiver.py", "--no-validate", "--until-stdin-ends",
             "--journal", self.journal], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().split()[-1]

    def transactions(self):
        """How many Observations each brought."""
        lines = [json.loads(line) for line in self.journal.read_text().splitlines()]
        counts = [sum(1 for one in line.get("created", []) if one.get("type") == "Observation") for line in lines]
        return [count for count in counts if count]

    def observations(self):
        with urllib.request.urlopen(f"{self.address}/_stats") as answer:
            return json.load(answer)["Observation"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def bare_uploads(address, counts):
    """Seconds that a client takes which does nothing but post; the bodies are made before."""
    example = json.loads((project / "Tests/Receivers/examples/conforming-bundle.json").read_text())
    pressure = next(one for one in example["entry"] if one["resource"].get("component"))
    bodies, number = [], 0
    for count in counts:
        entries = []
        for _ in range(count):
            number += 1
            entry = json.loads(json.dumps(pressure))
            entry["fullUrl"] = f"urn:uuid:00000000-0000-4000-8000-{number:012}"
            entry["resource"]["identifier"][0]["value"] = f"bare-{number}"
            entry["request"]["ifNoneExist"] = f"identifier=bare%7Cbare-{number}"
            entry["resource"]["identifier"][0]["system"] = "bare"
            for name in ("subject", "device", "extension", "derivedFrom"):
                entry["resource"].pop(name, None)
            entries.append(entry)
        bodies.append(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}).encode())
    place = urllib.parse.urlsplit(address)
    began = time.monotonic()
    connection = http.client.HTTPConnection(place.hostname, place.port)
    for body in bodies:
        connection.request("POST", "/", body, {"Content-Type": "application/fhir+json"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"the receiver answered {answer.status} to the bare client: {text[:200]}")
    return time.monotonic() - began


def weeks(programs, days=42):
    with tempfile.TemporaryDirectory(prefix="bench-weeks-", dir=project / ".lab") as name:
        folder = pathlib.Path(name)
        record = Record(folder)
        (folder / "data").mkdir()
        said = subprocess.run([pathlib.Path(programs) / "WeeksBench", folder / "data", record.address, str(days)],
                              check=True, stdout=subprocess.PIPE, text=True).stdout
        answer = json.loads(said)
        # The first day, before the weeks, is no part of what is measured.
        counts, rest = record.transactions(), answer["observations"]
        for index in range(len(counts) - 1, -1, -1):
            rest -= counts[index]
            if rest <= 0:
                counts = counts[index:]
                break
        answer["transactions"] = len(counts)
        answer["bare"] = bare_uploads(record.address, counts)
        answer["arrived"] = record.observations()
        record.close()
        answer["exports"] = exports(programs, folder)
    answer["build"] = pathlib.Path(programs).resolve().name
    (project / ".lab/bench-weeks.json").write_text(json.dumps(answer, indent=1))
    return answer


EXPORTS = ("fhir", "hl7", "csv")


def exports(programs, folder):
    """What it takes of a vitalsd's memory to give the last day of a household of weeks, and all of it: per format the octets
    given, and the resident memory before and at most while they were given, in KiB."""
    socket, configuration = folder / "vitals.sock", folder / "vitalsd.json"
    # YAML contains JSON.
    configuration.write_text(json.dumps({
        "data": str(folder / "data"), "socket": str(socket), "profiles": [str(project / "DeviceProfiles")],
        "bluetooth": {"enabled": False}, "usb": {"enabled": False}, "simulation": {"enabled": "never"}}))
    environment = {**os.environ, "VITALS_SOCKET": str(socket), "LANG": "en_US.UTF-8"}

    def vitals(*words, check=False):
        return subprocess.run([pathlib.Path(programs) / "vitals", *words], env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=check).stdout

    def resident(field):
        status = pathlib.Path(f"/proc/{daemon.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith(field + ":")))

    with open(folder / "vitalsd.log", "wb") as log:
        daemon = subprocess.Popen([pathlib.Path(programs) / "vitalsd", "run", "--config", configuration], stdout=log,
                                  stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 120
        while not vitals("status", "--json"):
            if daemon.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"vitalsd does not answer: {(folder / 'vitalsd.log').read_text()[-800:]}")
            time.sleep(0.2)
        newest = json.loads(vitals("readings", "--json", "--limit", "1", check=True))[-1]["effective"]
        day = (datetime.datetime.fromisoformat(newest) - datetime.timedelta(days=1)).isoformat()
        found = {}
        for name in EXPORTS:
            vitals("export", f"--{name}", check=True)  # what is made once stays
            for span, words in (("day", ["--since", day]), ("all", [])):
                # proc_pid_clear_refs(5): 5 sets the peak to what is resident now.
                pathlib.Path(f"/proc/{daemon.pid}/clear_refs").write_text("5")
                before = resident("VmRSS")
                octets = len(vitals("export", f"--{name}", *words, check=True))
                found.setdefault(name, {})[span] = {"octets": octets, "before": before, "most": resident("VmHWM")}
        return found
    finally:
        daemon.terminate()
        daemon.wait(60)


def exports_table(answer):
    print("    an export, resident memory over what it was before")
    for name, spans in answer.items():
        day, whole = spans["day"], spans["all"]
        more = {span: one["most"] - one["before"] for span, one in spans.items()}
        # What is given is so much more that a copy of it would be seen; an allocator's pages come and go by the hundred KiB.
        given = (whole["octets"] - day["octets"]) / 1024
        flat = more["all"] - more["day"] < max(given / 4, 512)
        print(f"      {name:8} a day {day['octets'] / 1e6:7.2f} MB {more['day']:6} KiB; all {whole['octets'] / 1e6:7.2f} MB "
              f"{more['all']:6} KiB; flat: {'yes' if flat else 'NO'}")


def weeks_table(answer):
    days, disk = len(answer["disk"]), answer["disk"]
    grown = disk[-1] - answer["empty"]
    print(f"\n{days} days without a way out, {answer['build']} build: four people, two cuffs, an hour of a strap a day; "
          f"{answer['readings']} readings, {answer['observations']} Observations")
    print(f"    on disk                    {disk[-1] / 1e6:8.2f} MB, {grown / days / 1e3:.0f} kB a day, "
          f"{grown / answer['readings']:.0f} octets a reading")
    ours, bare = answer["drain"], answer["bare"]
    print(f"    the drain                  {ours:8.2f} s in {answer['transactions']} transactions: "
          f"{answer['readings'] / ours:.0f} readings, {answer['observations'] / ours:.0f} Observations a second; "
          f"{answer['processor'] / answer['readings'] * 1e6:.0f} us of processor a reading")
    print(f"    a bare client              {bare:8.2f} s for as many Observations in as many transactions; "
          f"{ours / bare:.1f} times")
    print(f"    resident memory            {answer['idle']} KiB idle, {answer['waiting']} all waiting, {answer['most']} at most "
          f"({(answer['most'] - answer['idle']) / 1024:+.1f} MiB)")
    exports_table(answer["exports"])
    print(f"    2,000 Observations a second: {'yes' if answer['observations'] / ours >= 2000 else 'NO'}; under 20 MB over idle: "
          f"{'yes' if answer['most'] - answer['idle'] < 20 * 1024 else 'NO'}")


def crisis_table(answer):
    def points(values):
        return statistics.median(values), sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]

    def row(words, values, peer=None):
        middle, most = points(values)
        ratio = "" if peer is None else f"{middle / points(peer)[0]:>9.1f}"
        print(f"    {words:46}{middle * 1e3:>9.2f} ms{most * 1e3:>9.2f} ms{ratio}")

    print(f"\nan emergency, {answer['build']} build; {answer['rounds']} of them, each the first of its episode")
    for name, title in (("open", "connection kept open"), ("new", "a new connection each time")):
        one = answer[name]
        print(f"{title:50}{'p50':>12}{'p99':>12}{'to bare':>9}")
        for part, _, _, words in PARTS:
            row(words, one["parts"][part], {"told": one["peer"]["both"], "committed": one["peer"]["commit"],
                                            "requested": one["peer"]["post"]}.get(part))
        for part, words in (("commit", "bare: one row on disk (SQLite, FULL)"), ("post", "bare: POST and its answer (Python)"),
                            ("both", "bare: both")):
            row(words, one["peer"][part])
        most = points(one["parts"]["told"])[1]
        print(f"    the very first: {one['first'] * 1e3:.1f} ms; {one['messages']} webhooks, all signed rightly, over "
              f"{one['connections']} connections; p99 under 50 ms: {'yes' if most < 0.05 else 'NO'}")


def table(answer):
    def middle(name, kind, what):
        values = [one[what] for one in answer.get(name, {}).get("results", {}).get(kind, [])]
        return statistics.median(values) if values else None

    def shown(value, form="{:.2f} s"):
        return "–" if value is None else form.format(value)

    print(f"\nkernel {answer['kernel']}; medians, as the cuff saw them")
    print(f"{'':42}{'vitalsd':>12}{'bleak':>12}{'times':>9}")
    for kind, title in KINDS:
        print(title)
        for what, words in (("advertising", "from advertising to confirmed"), ("link", "from link-up to confirmed")):
            ours, theirs = middle("vitalsd", kind, what), middle("bleak", kind, what)
            ratio = f"{theirs / ours:.1f}" if ours and theirs else "–"
            print(f"    {words:38}{shown(ours):>12}{shown(theirs):>12}{ratio:>9}")
        print(f"    {'ATT requests before the reading':38}{shown(middle('vitalsd', kind, 'requests'), '{:.0f}'):>12}"
              f"{shown(middle('bleak', kind, 'requests'), '{:.0f}'):>12}")
        if kind != "first":
            given = {name: [one["given"] for one in answer.get(name, {}).get("results", {}).get(kind, [])]
                     for name in ("vitalsd", "bleak")}
            words = {name: f"{sum(values)} of {len(values)}" if values else "–" for name, values in given.items()}
            print(f"    {'confirmed readings that somebody has':38}{words['vitalsd']:>12}{words['bleak']:>12}")
    print(f"\n{'idle memory, KiB':42}{'RSS':>12}{'private':>12}{'written':>12}")
    for name in ("vitalsd", "bleak"):
        parts = answer.get(name, {}).get("memory", {})
        for part, values in parts.items():
            print(f"    {part:38}{values['rss']:>12}{values['private']:>12}{values['written']:>12}")
        if len(parts) > 1:
            print(f"    {'together':38}{sum(v['rss'] for v in parts.values()):>12}"
                  f"{sum(v['private'] for v in parts.values()):>12}{sum(v['written'] for v in parts.values()):>12}")
    print("    private: pages no other process maps, code read from a file among them; written: those it has changed")


def main():
    parser = argparse.ArgumentParser(prog="bench.py", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--only", choices=("vitalsd", "bleak", "cable", "rules", "crisis", "weeks", "commits", "wear"))
    parser.add_argument("--idle", type=int, default=3600, help="seconds that the idle daemon is looked at (wear)")
    parser.add_argument("--kernel", choices=("6.1", "6.12"))
    parser.add_argument("--guest", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.guest and arguments.only == "wear":
        return wear.in_guest(arguments.idle)
    if arguments.guest:
        sys.path.insert(0, str(here))
        asyncio.run(in_guest(arguments))
        return 0
    environment = dict(os.environ)
    if arguments.kernel:
        environment["LAB_KERNEL"] = {"6.1": "linux-image-amd64", "6.12": "linux-image-6.12-amd64"}[arguments.kernel]
    if "VITALS_BIN" not in environment:
        release = project / ".build/release"
        environment["VITALS_BIN"] = str(release if (release / "vitalsd").exists() else project / ".build/debug")
    if arguments.only in (None, "rules"):
        (project / ".lab").mkdir(exist_ok=True)
        rules_table(rules(environment["VITALS_BIN"], 10 * arguments.rounds))
        if arguments.only:
            return 0
    if arguments.only in (None, "crisis"):
        (project / ".lab").mkdir(exist_ok=True)
        crisis_table(crisis(environment["VITALS_BIN"], 20 * arguments.rounds))
        if arguments.only:
            return 0
    if arguments.only in (None, "weeks"):
        (project / ".lab").mkdir(exist_ok=True)
        weeks_table(weeks(environment["VITALS_BIN"]))
        if arguments.only:
            return 0
    if arguments.only in (None, "commits"):
        (project / ".lab").mkdir(exist_ok=True)
        wear.commits_table(wear.commits(environment["VITALS_BIN"], arguments.rounds))
        if arguments.only:
            return 0
    if subprocess.call([str(here / "setup"), *(["valgrind", "binutils"] if arguments.only in (None, "cable") else [])]):
        return 1
    cable = None
    if arguments.only in (None, "cable"):
        cable = of_cable(pathlib.Path(environment["VITALS_BIN"]), arguments.rounds)
        (project / ".lab/bench-cable.json").write_text(json.dumps(cable, indent=1))
        cable_table(cable)
    if arguments.only == "cable":
        return 0
    if arguments.only in (None, "wear"):
        os.environ.update(environment)
        wear.day_table(wear.day(environment["VITALS_BIN"], arguments.idle))
        if arguments.only:
            return 0
    with tempfile.TemporaryDirectory(prefix="bench-", dir=project / ".lab") as folder:
        out = pathlib.Path(folder)
        words = [here / "vm", "run", "-t", 4000, "-o", out, "--", project / ".lab/venv/bin/python", here / "bench.py",
                 "--guest", "--rounds", arguments.rounds, *(["--only", arguments.only] if arguments.only else [])]
        status = subprocess.call([str(word) for word in words], cwd=project, env=environment)
        if status:
            shutil.rmtree(project / ".lab/failed/bench", ignore_errors=True)
            shutil.copytree(out, project / ".lab/failed/bench")
            print(f"bench: failed (status {status}); see .lab/failed/bench", file=sys.stderr)
        if (out / "bench.json").exists():
            answer = json.loads((out / "bench.json").read_text())
            if cable:
                answer["cable"] = cable
            (project / ".lab/bench.json").write_text(json.dumps(answer, indent=1))
            table(answer)
        return status


if __name__ == "__main__":
    sys.exit(main())
