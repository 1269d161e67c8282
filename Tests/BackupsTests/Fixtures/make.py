"""Makes the golden files: a backup of a made-up household as other people's programs write it. Python's tarfile makes the archive;
the age program of Debian (Go), pyrage (Rust) and `peer.py` encrypt it, and each opens what the others made.

    make.py      with the packages of Tests/Lab/requirements.txt, and `apt install age`
"""
import hashlib
import io
import json
import os
import pathlib
import pty
import tarfile
import time

import peer
import pyrage

HERE = pathlib.Path(__file__).parent
PASSPHRASE = "bốn từ không liên quan"


def archive():
    manifest = {
        "format": 1, "madeAt": "2026-11-30T01:02:03Z", "software": "0.0.0", "configuration": "/etc/vitals/vitalsd.yaml",
        "contents": {"patients": 2, "devices": 1, "bonds": 1, "consents": 1, "waiting": 3, "readings": 40, "schema": "17-x"},
        "bondsAreOfAdapter": False, "leftOut": ["clinic"],
    }
    files = {
        "manifest.json": json.dumps(manifest).encode(), "config/vitalsd.yaml": b"data: data\n",
        "config/" + "long/" * 22 + "name.yaml": b"in two fields\n", "credentials/daughter": b"whsec_bWFkZSB1cA==\n",
        "data/vitals.sqlite": bytes((n * 7 + (n >> 8)) & 255 for n in range(70_000)),
    }
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, octets in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.uname, info.gname = len(octets), 0o640, "root", "vitals"
            tar.addfile(info, io.BytesIO(octets))
    return out.getvalue()


def age(arguments, answers):
    """Runs the age program, which reads a passphrase from a terminal only."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvp("age", ["age", *arguments])
    for answer in answers:
        said = b""
        while b":" not in said:
            said += os.read(terminal, 4096)
        time.sleep(0.3)
        os.write(terminal, answer.encode() + b"\n")
    try:
        while os.read(terminal, 4096):
            pass
    except OSError:
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def main():
    plain = archive()
    work = HERE / "plain.tar"
    work.write_bytes(plain)
    goes = HERE / "age.age"
    goes.unlink(missing_ok=True)
    age(["-p", "-o", str(goes), str(work)], [PASSPHRASE, PASSPHRASE])
    rusts = HERE / "pyrage.age"
    while True:
        # It takes as much work as this computer does in a second; a test that opens it should not.
        octets = pyrage.passphrase.encrypt(plain, PASSPHRASE)
        if int(octets.split(b"\n")[1].split(b" ")[3]) <= 17:
            break
    rusts.write_bytes(octets)
    small = HERE / "small.age"
    small.write_bytes(peer.encrypt(plain, PASSPHRASE.encode(), 10))
    opened = HERE / "opened"
    for file in (goes, rusts, small):
        assert pyrage.passphrase.decrypt(file.read_bytes(), PASSPHRASE) == plain, file
        assert peer.decrypt(file.read_bytes(), PASSPHRASE.encode()) == plain, file
        opened.unlink(missing_ok=True)
        age(["-d", "-o", str(opened), str(file)], [PASSPHRASE])
        assert opened.read_bytes() == plain, file
    opened.unlink()
    work.unlink()
    print(len(plain), hashlib.sha256(plain).hexdigest())


if __name__ == "__main__":
    main()
