"""A household moves to another box: the cuff still knows the gateway, what waited arrives once, and the old box adds nothing."""
import json
import shutil

from lab import Daemon

LIMIT = 240
PASSPHRASE = "gió mùa đông bắc về"


async def scenario(lab):
    webhook = await lab.webhook()
    await webhook.mode("down")
    await lab.vitalsd([lab.webhook_destination(webhook)])
    await lab.patient()
    await lab.consent(destination="family")
    cuff = lab.cuff()
    first = await cuff.measure(187, 99)
    await lab.pair(cuff)
    await lab.event(cuff, "confirmed", value=first.hex())
    await lab.asleep(cuff)

    lab.say("backed up while the daemon runs")
    file, secret = lab.folder / "household.age", lab.folder / "passphrase"
    secret.write_text(lab.markers.secret("the backup's passphrase", PASSPHRASE) + "\n")
    short = await lab.vitals("backup", file, "--passphrase-file", "-", check=False, stdin="123456\n")
    lab.equal((short.status, file.exists(), "15 is the least" in short.err), (1, False, True), "a passphrase of six")
    made = json.loads((await lab.vitals("backup", file, "--passphrase-file", secret, "--json")).out)
    contents = made["manifest"]["contents"]
    lab.equal([contents[name] for name in ("patients", "bonds", "consents", "readings", "waiting")], [1, 1, 1, 1, 1],
              "what the backup holds")
    lab.equal((file.stat().st_mode & 0o777, made["manifest"]["leftOut"]), (0o600, []), "its mode, and what is left out")
    lab.equal((await lab.vitals("backup", file, "--passphrase-file", secret, check=False)).status, 1, "a second in its place")
    lab.check(any(entry["action"] == "backup" for entry in json.loads((await lab.vitals("accesses", "--json")).out)),
              "who made it is written down")

    lab.say("the old box goes; here is another, with another adapter")
    config = lab.daemon.config_path
    busy = await lab.vitals("restore", file, "--config", config, "--force", "--passphrase-file", secret, check=False)
    lab.equal((busy.status, "another vitalsd" in busy.err), (1, True), "a restore under a running daemon")
    await lab.daemon.stop()
    old = lab.folder / "old"
    old.mkdir()
    files = json.loads((await lab.vitals("restore", file, "--list", "--json", "--passphrase-file", secret)).out)["files"]
    lab.check("data/vitals.sqlite" in [entry["path"] for entry in files], f"the list: {files}")
    for name in sorted({entry["path"].split("/")[1] for entry in files if entry["path"].startswith("config/")} | {"data"}):
        shutil.move(lab.folder / name, old / name)
    await lab.unplug()
    await lab.plug(lab.OTHER_ADAPTER)

    wrong = await lab.vitals("restore", file, "--config", config, "--passphrase-file", "-", check=False, stdin="not this one\n")
    lab.equal((wrong.status, "not its passphrase" in wrong.err), (1, True), "another passphrase")
    half = lab.folder / "half.age"
    half.write_bytes(file.read_bytes()[:-40_000])
    cut = await lab.vitals("restore", half, "--config", config, "--passphrase-file", secret, "--json", check=False)
    lab.check(json.loads(cut.err)["error"] in ("damaged", "cut-off"), f"a cut file: {cut.err}")
    lab.equal(config.exists(), False, "a configuration before anything was restored")
    said = await lab.vitals("restore", file, "--config", config, "--passphrase-file", secret)
    lab.check("nothing is paired again" in said.out and "Keep the old box off" in said.out, said.out)

    lab.say("what waited arrives, and the cuff is read without being paired again")
    begin = lab.journal.here
    await webhook.mode("up")
    await lab.daemon.start()

    def told():
        return [entry for entry in webhook.entries() if entry.get("message", {}).get("type") == "alert.firing"]
    await lab.until(lambda: len(told()) == 1, 60, "the alert that waited")
    await lab.readings_become(1)
    second = await cuff.measure(131, 84)
    await lab.event(cuff, "confirmed", since=begin, value=second.hex(), limit=90)
    await lab.readings_become(2)
    lab.equal(cuff.events("pairing", since=begin), [], "pairings")
    lab.equal(len(cuff.events("encrypted", since=begin, bonded=True)), len(cuff.events("connected", since=begin)),
              "links encrypted with the key of the old box")
    lab.equal(len(told()), 1, "alerts that arrived")

    lab.say("the old box is switched on once more, and is known again")
    await lab.daemon.stop()
    left = json.loads(json.dumps(lab.webhook_destination(webhook)))
    lab.daemon = Daemon(lab, {
        "data": str(old / "data"), "socket": str(lab.socket), "profiles": [str(lab.profiles())], "rules": str(old / "rules"),
        "bluetooth": {"enabled": False}, "usb": {"enabled": False}, "simulation": {"enabled": "never"},
        "destinations": [left]}, name="old-box")
    lab.programs.append(lab.daemon)
    await lab.daemon.start()
    await lab.until(lambda: len(told()) == 2, 60, "the old box to send the same")
    lab.equal(([entry["id"] for entry in told()].count(told()[0]["id"]), [entry["new"] for entry in told()]),
              (2, [True, False]), "one message, which the receiver knows again")
