"""What `bench.py` measures of the card: committed readings beside SQLite's C interface alone, and what a day writes."""
import json
import os
import pathlib
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

here = pathlib.Path(__file__).resolve().parent
project = here.parent.parent

# Commits

# Counts what waits for the disk, in whatever program it is loaded into.
COUNTER = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
static long count;
#define COUNTED(name) \\
  int name(int file) { \\
    static int (*next)(int); \\
    if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, #name); \\
    __sync_fetch_and_add(&count, 1); \\
    return next(file); \\
  }
COUNTED(fsync)
COUNTED(fdatasync)
__attribute__((destructor)) static void said(void) { fprintf(stderr, "synced %ld\\n", count); }
"""
# Readings in a transaction, and readings in a round.
BATCHES = ((1, 100), (6, 300), (32, 960))
ENOUGH = 0.8


class Side:
    """One of the two programs, which commits when it is told to."""

    def __init__(self, words, counter):
        self.process = subprocess.Popen(
            [str(word) for word in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "LD_PRELOAD": str(counter)})

    def commit(self, readings, batch):
        """Seconds."""
        self.process.stdin.write(f"{readings} {batch}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def end(self):
        """How often it waited for the disk."""
        _, said = self.process.communicate()
        if self.process.returncode:
            raise SystemExit(f"bench: {self.process.args[0]} ended with {self.process.returncode}: {said[-1000:]}")
        return sum(int(line.split()[1]) for line in said.splitlines() if line.startswith("synced"))


def contents(path):
    """What a side made: counts of rows, the text of one reading without what differs, and octets of all texts."""
    connection = sqlite3.connect(path)
    try:
        counts = {table: connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
                  for table in ("observations", "outbox", "alert_events")}
        octets = connection.execute("SELECT SUM(LENGTH(content)) FROM observations").fetchone()[0]
        row = connection.execute("SELECT * FROM observations WHERE seq = 7")
        names = [one[0] for one in row.description]
        one = dict(zip(names, row.fetchone()))
        one["content"] = json.loads(one["content"])
        for place in (one, one["content"]):
            place.pop("id")
        waiting = connection.execute("SELECT destination, patient, state, attempts, created_at, due_at FROM outbox LIMIT 1")
        return counts, octets, one, waiting.fetchone()
    finally:
        connection.close()


def commits(programs, rounds=10):
    """In turns, a round of each, on two files beside each other."""
    program = pathlib.Path(programs) / "CommitBench"
    compiler = shutil.which("cc") or shutil.which("clang")
    answer = {"build": pathlib.Path(programs).resolve().name, "rounds": rounds, "batches": {}}
    with tempfile.TemporaryDirectory(prefix="bench-commits-", dir=project / ".lab") as name:
        folder = pathlib.Path(name)
        peer, counter = folder / "commit_peer", folder / "counter.so"
        subprocess.run([compiler, "-O2", "-o", peer, here / "commit_peer.c", "-lsqlite3"], check=True)
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-x", "c", "-", "-o", counter, "-ldl"], input=COUNTER.encode(),
                       check=True)
        answer["system"] = subprocess.run(["stat", "-f", "-c", "%T", folder], stdout=subprocess.PIPE, text=True).stdout.strip()
        for batch, readings in BATCHES:
            ours, theirs = folder / f"ours-{batch}", folder / f"peer-{batch}"
            ours.mkdir()
            subprocess.run([program, "prepare", ours], check=True)
            # The same schema, person, cuff and consent.
            shutil.copytree(ours, theirs)
            sides = {"store": Side([program, "run", ours], counter), "c": Side([peer, theirs / "vitals.sqlite"], counter)}
            times = {side: [] for side in sides}
            for number in range(rounds + 1):
                # The first round of each makes pages that the others find.
                for side in (sides if number % 2 == 0 else reversed(sides)):
                    seconds = sides[side].commit(readings, batch)
                    if number:
                        times[side].append(seconds)
            syncs = {side: one.end() for side, one in sides.items()}
            made = [contents(place / "vitals.sqlite") for place in (ours, theirs)]
            if (made[0][0], made[0][2], made[0][3]) != (made[1][0], made[1][2], made[1][3]) or abs(made[0][1] / made[1][1] - 1) > 0.02:
                raise SystemExit(f"bench: the two do not make the same rows:\n{made[0]}\n{made[1]}")
            transactions = -(-readings // batch) * (rounds + 1)
            answer["batches"][batch] = {
                "readings": readings, "transactions": transactions, "syncs": syncs,
                "perSecond": {side: readings / statistics.median(values) for side, values in times.items()},
                # Of the two rounds that were beside each other.
                "ratio": statistics.median(c / s for s, c in zip(times["store"], times["c"]))}
    (project / ".lab/bench-commits.json").write_text(json.dumps(answer, indent=1))
    return answer


def commits_table(answer):
    print(f"\ncommitted readings a second, {answer['build']} build, on {answer['system']}; medians of {answer['rounds']} rounds in "
          f"turns; both in WAL mode, synchronous=FULL")
    print(f"{'':30}{'the store':>12}{'C interface':>13}{'ratio':>8}{'fsyncs a transaction':>24}")
    for batch, row in answer["batches"].items():
        words = "one in a transaction" if batch == 1 else f"{batch} in a transaction"
        syncs = [row["syncs"][side] / row["transactions"] for side in ("store", "c")]
        print(f"    {words:26}{row['perSecond']['store']:>12.0f}{row['perSecond']['c']:>13.0f}{row['ratio']:>8.2f}"
              f"{syncs[0]:>16.2f} and {syncs[1]:.2f}")
    batched = [row["ratio"] for batch, row in answer["batches"].items() if int(batch) > 1]
    print(f"    batched, {ENOUGH} of the C interface: {'yes' if min(batched) >= ENOUGH else 'NO'}")


# A day

# Megabytes (10^6 octets) that a day may write: Gateway.docc/Decisions/Wear.md. The daily copy stands beside them.
CEILINGS = {"idle": 2.0, "cuffs": 6.0, "strap": 20.0, "down": 8.0}
DAYS = {"idle": "idle, two cuffs paired", "cuffs": "two cuffs, three readings twice", "strap": "a strap for an hour",
        "down": "two cuffs, no destination all day"}


def in_guest(seconds):
    """Each day on a directory of one card that nothing else writes to; then the daemon itself, idle, for so long."""
    out, binaries = pathlib.Path(os.environ["LAB_OUT"]), pathlib.Path(os.environ["VITALS_BIN"])
    card = pathlib.Path("/run/card")
    card.mkdir()
    subprocess.run(["mount", "-t", "ext4", "-o", "noatime", "/dev/vda", card], check=True)
    answer = {"kernel": os.uname().release, "days": {}}
    receiver = subprocess.Popen(
        [sys.executable, project / "Tests/Receivers/fhir_receiver.py", "--no-validate", "--until-stdin-ends"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    address = receiver.stdout.readline().split()[-1]
    for kind in DAYS:
        (card / kind).mkdir()
        done = subprocess.run(
            [binaries / "WearBench", card / kind, kind, "http://127.0.0.1:1/" if kind == "down" else address],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise SystemExit(f"bench: WearBench {kind} ended with {done.returncode}: {done.stderr[-2000:]}")
        answer["days"][kind] = json.loads(done.stdout)
        print(f"measured a day: {kind}", flush=True)
        (out / "wear.json").write_text(json.dumps(answer))
    receiver.stdin.close()
    receiver.wait()
    answer["daemon"] = idle_daemon(binaries, card / "daemon", seconds)
    (out / "wear.json").write_text(json.dumps(answer))
    return 0


def idle_daemon(binaries, folder, seconds):
    """The daemon as it is started, with its log elsewhere, from six minutes after its start (the daily copy is made after
    five) on."""
    folder.mkdir()
    configuration, log = pathlib.Path("/tmp/vitalsd.json"), pathlib.Path("/tmp/vitalsd.log")
    configuration.write_text(json.dumps({
        "data": str(folder / "data"), "socket": "/tmp/vitals.sock", "profiles": [str(project / "DeviceProfiles")],
        "bluetooth": {"enabled": False}, "usb": {"enabled": False}, "simulation": {"enabled": "never"}}))

    def written():
        os.sync()
        return int(pathlib.Path("/sys/block/vda/stat").read_text().split()[6]) * 512

    with open(log, "wb") as file:
        daemon = subprocess.Popen([binaries / "vitalsd", "run", "--config", configuration], stdout=file, stderr=file)
    try:
        time.sleep(360)
        before, lines = written(), log.stat().st_size
        time.sleep(seconds)
        if daemon.poll() is not None:
            raise SystemExit(f"bench: vitalsd ended: {log.read_text()[-1000:]}")
        return {"seconds": seconds, "written": written() - before, "log": log.stat().st_size - lines}
    finally:
        daemon.terminate()
        daemon.wait(60)


def day(programs, seconds):
    """On a disk of the guest's own: ext4 as mkfs makes it, with its journal."""
    environment = {**os.environ, "VITALS_BIN": str(pathlib.Path(programs).resolve()),
                   "PATH": os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])}
    with tempfile.TemporaryDirectory(prefix="bench-wear-", dir=project / ".lab") as name:
        folder = pathlib.Path(name)
        image, out = folder / "card.img", folder / "out"
        out.mkdir()
        with open(image, "wb") as file:
            file.truncate(512 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", image], check=True,
                       env=environment)
        status = subprocess.call(
            [str(word) for word in [here / "vm", "run", "-t", 7200 + seconds, "-m", "1G", "-o", out, "-k", "virtio_blk ext4",
                                    "-d", image, "--", project / ".lab/venv/bin/python", here / "bench.py", "--guest", "--only",
                                    "wear", "--idle", seconds]], cwd=project, env=environment)
        if status:
            raise SystemExit(f"bench: the guest ended with {status}")
        answer = json.loads((out / "wear.json").read_text())
    (project / ".lab/bench-wear.json").write_text(json.dumps(answer, indent=1))
    return answer


def day_table(answer):
    print(f"\nwritten to the card in a day, kernel {answer['kernel']}, ext4; a simulated day, each thing in it written out by itself")
    print(f"{'':40}{'MB':>8}{'flushes':>9}{'a reading':>12}{'ceiling':>10}{'kept':>6}")
    for kind, words in DAYS.items():
        one = answer["days"][kind]
        megabytes = one["written"] / 1e6
        reading = f"{one['written'] / one['readings'] / 1e3:.0f} kB" if one["readings"] else "–"
        print(f"    {words:36}{megabytes:>8.2f}{one['flushes']:>9}{reading:>12}{CEILINGS[kind]:>7.1f} MB"
              f"{'yes' if megabytes <= CEILINGS[kind] else 'NO':>6}")
    one = answer["days"]["cuffs"]
    print(f"    beside it, the daily copy: {one['copy'] / 1e6:.2f} MB of a database of {one['database'] / 1e6:.2f} MB")
    daemon = answer["daemon"]
    daily = {name: daemon[name] * 86_400 / daemon["seconds"] / 1e6 for name in ("written", "log")}
    print(f"    the daemon itself, idle for {daemon['seconds']} s: {daily['written']:.2f} MB a day if it went on so, "
          f"{daily['log']:.3f} MB of log; within the ceiling: "
          f"{'yes' if daily['written'] <= CEILINGS['idle'] else 'NO'}")
