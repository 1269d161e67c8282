"""The disk of a data directory, which can be full, give errors or become read-only: ext4 on the kernel's device mapper."""
import contextlib
import os
import pathlib
import subprocess
import time

SIZE = 48 << 20


class Card:
    NAME = "lab-card"

    def __init__(self, folder, lab, journal=False, errors="continue"):
        """Without a journal: an error of the card must not make the file system useless until it is mounted anew."""
        self.folder, self.lab = folder, lab
        for module in ("loop", "ext4", "dm-mod", "dm-flakey"):
            self.run("modprobe", module)
        self.image, self.sectors = lab.folder / "card.img", SIZE // 512
        with open(self.image, "wb") as file:
            file.truncate(SIZE)
        self.loop = self.run("losetup", "--find", "--show", self.image)
        self.run("dmsetup", "create", "--noudevsync", self.NAME, "--table", self.table(healthy=True))
        self.device = node(self.run("dmsetup", "info", "-c", "--noheadings", "-o", "major,minor", "--separator", ":",
                                    self.NAME))
        self.run("mkfs.ext4", "-q", "-m", "0", *([] if journal else ["-O", "^has_journal"]), self.device)
        folder.mkdir(exist_ok=True)
        self.options = f"errors={errors}"
        self.mount()

    def run(self, *words):
        done = subprocess.run([str(w) for w in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lab.check(done.returncode == 0, f"{' '.join(map(str, words))}: {done.stdout}")
        return done.stdout.strip()

    def mount(self):
        self.run("mount", "-t", "ext4", "-o", self.options, self.device, self.folder)

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
    def after_power_cut(self):
        """The folder as the card would be found if the power were cut now: what it was given, and not what the kernel holds."""
        image, folder = self.lab.folder / "cut.img", self.lab.folder / "cut"
        self.run("cp", self.image, image)
        loop = self.run("losetup", "--find", "--show", image)
        folder.mkdir(exist_ok=True)
        self.run("mount", "-t", "ext4", loop, folder)
        try:
            yield pathlib.Path(folder)
        finally:
            self.run("umount", folder)
            self.run("losetup", "--detach", loop)
            image.unlink()

    # Faults

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

    @contextlib.contextmanager
    def read_only(self):
        """By force, as the kernel's emergency remount does it with every file system on a disk: files stay open for writing."""
        pathlib.Path("/proc/sysrq-trigger").write_text("u")
        try:
            # The kernel does it a moment later.
            while not self.is_read_only:
                time.sleep(0.05)
            yield
        finally:
            self.run("mount", "-o", "remount,rw", self.device, self.folder)

    @property
    def is_read_only(self):
        return bool(os.statvfs(self.folder).f_flag & os.ST_RDONLY)


@contextlib.asynccontextmanager
async def data_on_a_card(lab, **options):
    """A card under the data directory, for as long as the scenario lasts; what runs on it ends before it does."""
    card = Card(lab.folder / "data", lab, **options)
    try:
        yield card
    finally:
        for program in lab.programs:
            await program.stop()
        card.close()


def node(numbers):
    """A node for a device by `major:minor`: there is no udev in a guest."""
    major, minor = map(int, numbers.split(":"))
    path = f"/dev/lab-card-{minor}"
    if not os.path.exists(path):
        os.mknod(path, 0o600 | 0o060000, os.makedev(major, minor))
    return path
