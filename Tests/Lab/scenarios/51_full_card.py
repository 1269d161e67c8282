"""A card that is full, then one that gives errors: what is not stored is not confirmed, a crisis is told, the box heals."""
import contextlib
import datetime
import os
import subprocess

from peripherals.cuff import reading

LIMIT = 360
BURST = 6


class Card:
    """The disk of the data directory: ext4 on the kernel's dm-flakey. Without a journal: an error of the card must not make
    the file system read-only for good, which no program heals. (The kernel's emergency remount, SysRq u, is no third fault: ext4
    then answers fsync with success and writes nothing.)"""

    NAME = "lab-card"

    def __init__(self, folder, lab):
        self.folder, self.lab = folder, lab
        for module in ("loop", "ext4", "dm-mod", "dm-flakey"):
            self.run("modprobe", module)
        image = lab.folder / "card.img"
        with open(image, "wb") as file:
            file.truncate(48 << 20)
        self.loop = self.run("losetup", "--find", "--show", image)
        self.sectors = (48 << 20) // 512
        self.run("dmsetup", "create", "--noudevsync", self.NAME, "--table", self.table(healthy=True))
        device = node(self.run("dmsetup", "info", "-c", "--noheadings", "-o", "major,minor", "--separator", ":",
                                         self.NAME))
        self.run("mkfs.ext4", "-q", "-O", "^has_journal", "-m", "0", device)
        folder.mkdir(exist_ok=True)
        self.run("mount", "-t", "ext4", "-o", "errors=continue", device, folder)

    def run(self, *words):
        done = subprocess.run([str(w) for w in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lab.check(done.returncode == 0, f"{' '.join(map(str, words))}: {done.stdout}")
        return done.stdout.strip()

    def table(self, healthy):
        return (f"0 {self.sectors} linear {self.loop} 0" if healthy
                else f"0 {self.sectors} flakey {self.loop} 0 0 3600 1 error_writes")

    def put(self, healthy):
        self.run("dmsetup", "suspend", "--noudevsync", "--nolockfs", "--noflush", self.NAME)
        self.run("dmsetup", "load", self.NAME, "--table", self.table(healthy))
        self.run("dmsetup", "resume", "--noudevsync", self.NAME)

    def close(self):
        """What lay on it stays where its place was, for who looks into a failure."""
        self.run("cp", "-r", self.folder, self.lab.folder / "card")
        self.run("umount", self.folder)
        self.run("dmsetup", "remove", "--noudevsync", self.NAME)
        self.run("losetup", "--detach", self.loop)

    @contextlib.contextmanager
    def full(self):
        ballast = self.folder / "ballast"
        with open(ballast, "wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while file.write(b"\0" * 65536):
                    pass
            with contextlib.suppress(OSError):
                while file.write(b"\0" * 512):
                    pass
        try:
            yield
        finally:
            ballast.unlink()

    @contextlib.contextmanager
    def erroneous(self):
        self.put(healthy=False)
        try:
            yield
        finally:
            self.put(healthy=True)


def node(numbers):
    """A node for a device by `major:minor`: there is no udev in a guest."""
    major, minor = map(int, numbers.split(":"))
    path = f"/dev/lab-card-{minor}"
    if not os.path.exists(path):
        os.mknod(path, 0o600 | 0o060000, os.makedev(major, minor))
    return path


async def scenario(lab):
    card = Card(lab.folder / "data", lab)
    try:
        await faults(lab, card)
    finally:
        for program in lab.programs:
            await program.stop()
        card.close()


async def faults(lab, card):
    webhook = await lab.webhook()
    await lab.vitalsd([lab.webhook_destination(webhook)])
    await lab.patient()
    await lab.consent(destination="family")
    cuff = await lab.paired_cuff(118, 76)
    taken, crises = 1, {}
    for name, fault in (("full", card.full), ("erroneous", card.erroneous)):
        lab.say(f"the card is {name} in the middle of a burst")
        begin = lab.journal.here
        first = cuff.now() - datetime.timedelta(hours=1)
        values = cuff.burst(BURST, first=first, systolic=110 + 10 * len(crises))
        await cuff.remember(values)
        await lab.event(cuff, "confirmed", since=begin, count=2, limit=90)
        with fault():
            # Such a cuff sends the newest first.
            crisis = reading(190 + len(crises), 125, 140, at=cuff.now())
            cuff.memory.insert(0, crisis)
            await cuff.remember([])
            crises[name] = crisis
            taken += BURST + 1
            await lab.warning("store-not-committing", limit=90)
            told = await lab.until(lambda: firing(webhook, 190 + len(crises) - 1), 120, "the crisis to be told")
            lab.equal(told[0]["message"]["data"].get("stored"), False, "whether it says that it is not stored")
            confirmed = {event["value"] for event in cuff.events("confirmed")}
            lab.equal(confirmed - set(lab.daemon.on_disk()), set(), "confirmed, and not stored")
            lab.check(crisis.hex() not in confirmed, "the crisis was confirmed")
            status = await lab.status()
            lab.equal(status["store"]["ok"], False, "whether status says that all is stored")
            shown = (await lab.vitals("status", check=False)).out
            lab.check("CANNOT BE STORED" in shown, f"status says: {shown}")
        lab.say("it is well again")
        await lab.no_warning("store-not-committing", limit=60)
        await lab.event(cuff, "confirmed", since=begin, value=crisis.hex(), limit=150)
        await lab.until(lambda: not cuff.memory, 120, "the cuff's memory to be taken")
        await lab.readings_become(taken)
        confirmed = {event["value"] for event in cuff.events("confirmed")}
        lab.equal(confirmed, set(lab.daemon.on_disk()), "what was confirmed, and what is stored")
        # Stored now, it is told once more under the id that it had without being stored: the receiver knows it.
        def again():
            return [e for e in webhook.entries() if e.get("id") == told[0]["id"] and e["message"]["data"].get("stored") is None]
        await lab.until(again, 60, "the stored alert to be told under the same id")
        lab.equal([entry["new"] for entry in again()], [False], "whether the stored alert is news")
        lab.equal(len(firing(webhook, 190 + len(crises) - 1)), 1, "how often the crisis was told")
        await lab.asleep(cuff)
        await cuff.measure(121, 79)
        taken += 1
        await lab.until(lambda: len(resolved(webhook)) == len(crises), 120, "the end of the crisis to be told")
        await lab.asleep(cuff)
        lab.note = f"{len(crises)} of 2 faults"


def firing(webhook, systolic):
    """The messages that tell of this crisis, the first time each came."""
    return [entry for entry in webhook.verified()
            if entry["message"]["type"] == "alert.firing" and entry["message"]["data"].get("value") == systolic]


def resolved(webhook):
    return [entry for entry in webhook.verified() if entry["message"]["type"] == "alert.resolved"]
