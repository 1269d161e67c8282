"""The router is off and somebody measures 190/120: heard in the room, missed outside, one message at return, its time first."""
import asyncio
import datetime
import fcntl
import json
import socket
import struct
import sys
import time

from lab import BINARIES, Program, Receiver

LIMIT = 400

# The loudspeaker: what it is given to say, when, and what everybody on the machine can read of it.
SPEAKER = """
import json, pathlib, sys, time
said = {"at": time.time(), "text": sys.stdin.read(), "arguments": pathlib.Path("/proc/self/cmdline").read_text()}
with open(sys.argv[1], "a") as log:
    log.write(json.dumps(said) + "\\n")
"""

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def link(up):
    """The way to everything that speaks IP: the receivers are behind it (netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        request = fcntl.ioctl(handle, SIOCGIFFLAGS, struct.pack("16sh14x", b"lo", 0))
        flags = struct.unpack("16sh14x", request)[1]
        flags = flags | IFF_UP if up else flags & ~IFF_UP
        fcntl.ioctl(handle, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags))


async def scenario(lab):
    webhook = await lab.webhook()
    # Longer than two beats even on a slow machine; the monitor alarms by its own clock.
    monitor = Receiver(lab, "monitor", "heartbeat_receiver.py", ["--grace", str(lab.window(8))])
    lab.programs.append(monitor)
    await monitor.start()
    address = lab.folder / "heartbeat.url"
    address.write_text(f"{monitor.url}/3f0c2f4e-secret\n")
    await lab.vitalsd(
        [lab.webhook_destination(webhook)],
        heartbeat={"kind": "healthchecks", "url-file": str(address), "every": "2s", "allow-private": True})
    await lab.patient()
    await lab.consent(destination="family")
    said_file, script = lab.folder / "said.jsonl", lab.folder / "speaker.py"
    script.write_text(SPEAKER)
    announcer = Program(
        lab, "announcer",
        [BINARIES / "vitals", "announce", "--lang", "en", "--every", "5s", "--with", f"{sys.executable} {script} {said_file}"],
        {"VITALS_SOCKET": str(lab.socket)})
    lab.programs.append(announcer)
    announcer.spawn()

    def said():
        return [json.loads(line) for line in said_file.read_text().splitlines()] if said_file.exists() else []

    def alarms():
        return [entry["alarm"] for entry in monitor.entries() if entry.get("alarm")]

    def beats():
        return [entry for entry in monitor.entries() if entry.get("beat") == "up"]

    cuff = await lab.paired_cuff(128, 81)
    await lab.until(lambda: beats() and "lastReading" in beats()[-1]["said"], 60, "a beat that tells of the reading")
    told = " ".join(beat["said"] for beat in beats())
    lab.check(not any(word in told for word in ("128", '"An', cuff.address)), f"a beat tells too much: {told[:300]}")
    lab.equal(alarms(), [], "alarms while the router is on")

    lab.say("the router is off")
    link(False)
    try:
        await lab.until(lambda: alarms() == ["missing"], 60, "the monitor outside to notice")
        lab.equal(said(), [], "what was said before anything happened")
        await cuff.measure(190, 120)
        await lab.until(said, 90, "the alert to be heard in the room")
        heard = said()[0]
        began = (await lab.vitals("readings", "--json", "--limit", "1")).json[0]["receivedAt"]
        delay = heard["at"] - datetime.datetime.fromisoformat(began).timestamp()
        lab.check(delay <= lab.limit(5), f"it was heard {delay:.1f} s after the reading")
        lab.check("Urgent" in heard["text"] and "An" in heard["text"] and "190" in heard["text"], f"it said {heard['text']}")
        lab.check("190" not in heard["arguments"] and "An" not in heard["arguments"].split("\0"), "a name in the arguments")
        await lab.until(lambda: len(said()) >= 2, 60, "it to be said again while nobody answers")
        lab.equal(webhook.entries(), [], "what arrived while the router was off")
        await lab.warning("destination-failing", limit=90)
        # An attempt that begins more than a minute after says the time first; one goes on for 15 s.
        late = datetime.datetime.fromisoformat(began).timestamp() + 80 - time.time()
        await asyncio.sleep(max(0, late))
    finally:
        link(True)
        lab.say("the router is on again")
    await lab.until(lambda: webhook.verified(), 90, "the message")
    await lab.until(lambda: alarms() == ["missing", "back"], 60, "the monitor to hear of the box again")
    await lab.vitals("ack", "--json")
    count = len(said())
    await lab.holds(lambda: len(said()) <= count + 1, 12, "it is quiet once somebody has answered")
    firing = [entry for entry in webhook.verified() if entry["message"]["type"] == "alert.firing"]
    lab.equal(len(firing), 1, "messages of the alert")
    reading = (await lab.vitals("readings", "--json", "--limit", "1")).json[0]
    body = firing[0]["message"]["data"]["text"]["body"]
    lab.check(body.startswith("Lúc "), f"the text does not begin with the time of the reading: {body}")
    lab.equal(datetime.datetime.fromisoformat(firing[0]["message"]["data"]["at"]),
              datetime.datetime.fromisoformat(reading["effective"]), "the time that the message tells")
    lab.say("the daemon restarts")
    count = len(said())
    await lab.daemon.stop()
    await lab.until(lambda: "waited for" in announcer.log(), 60, "the announcer to miss the daemon")
    await lab.daemon.start()
    await lab.until(lambda: announcer.log().count("listened for") == 2, 60, "the announcer to find the daemon again")
    await lab.holds(lambda: len(said()) == count, 6, "what was answered is not announced again")
    lab.check("190" not in announcer.log() and "An:" not in announcer.log(), "patient data in the announcer's log")
    lab.check("3f0c2f4e" not in lab.daemon.log(), "the monitor's address stands in the log")
    lab.note = f"heard {delay:.1f} s after the reading was there"
