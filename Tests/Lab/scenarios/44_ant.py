"""Heart-rate straps by an ANT stick: windows of their beats, two straps by number, out of reach is no data, pulled and back."""
import asyncio

from usb_devices.ant_stick import ANTStick, Strap

LIMIT = 300
KEY = bytes(range(0x11, 0x19))
WINDOW = 15


async def scenario(lab):
    # The first one's count goes around after 6 beats, its time of 64 s after some 12 seconds.
    one = Strap(12345, 70, count=250, time=52000)
    two = Strap(77881, 104)
    neighbour = Strap(4711, 150)
    stick = ANTStick("stick", lab.journal, KEY, [one, two, neighbour])
    key = lab.folder / "ant.key"
    profile = lab.profiles() / "garmin/ant-usb-m/profile.yaml"
    profile.write_text(profile.read_text().replace("silence: 30", "silence: 8"))
    await lab.vitalsd(strap={"window": WINDOW}, ant={
        "network-key-file": str(key), "straps": [{"number": 12345, "name": "Mai's strap"}, {"number": 77881}]})
    await lab.patient()
    air = asyncio.ensure_future(stick.air())
    try:
        await stick_and_straps(lab, stick, key, one, two)
    finally:
        air.cancel()


async def stick_and_straps(lab, stick, key, one, two):
    async def windows(number):
        return sorted((reading for reading in await lab.readings()
                       if reading["kind"] == "heart-rate" and reading["device"] == f"ant:120:{number}"),
                      key=lambda reading: reading["receivedAt"])

    async def come(number, count):
        async def enough():
            found = await windows(number)
            return found if len(found) >= count else None
        return await lab.until(enough, count * WINDOW + 45, f"{count} windows of strap {number}", every=1)

    async def check():
        # Its status is 1 where something is wrong.
        report = (await lab.vitals("doctor", "--json", check=False)).json
        return next((each for each in report["checks"] if each["id"] == "ant"), None)

    def is_rate(found, rate):
        for reading in found:
            for name in ("heartRate", "heartRateMinimum", "heartRateMaximum"):
                lab.equal(reading["values"][name]["value"], rate, name)
            beats = reading["values"]["beats"]["value"]
            lab.check(0 < beats <= rate * WINDOW / 60 + 2, f"{beats} beats in a window of {WINDOW} s at {rate} a minute")
            lab.equal(reading["authentication"], "unauthenticated", "what proves the strap")

    lab.say("without a key the stick is not used, and doctor says what to do")
    begin = lab.journal.here
    await stick.plug()

    async def explained():
        found = await check()
        return found if found and found["verdict"] == "fail" else None
    found = await lab.until(explained, 30, "doctor's word on the key", every=1)
    lab.check("network-key-file" in found["remedy"], f"the remedy names the setting: {found}")
    lab.equal(stick.journal.find("stick", "told", since=begin), [], "commands without a key")

    lab.say("with the key: both straps, each with its windows, while their counters go around")
    key.write_text("11 12 13 14 15 16 17 18\n")
    await lab.event(stick, "scanning", since=begin, limit=60, heard=True)
    is_rate(await come(12345, 2), 70)
    is_rate(await come(77881, 2), 104)
    whole = (await windows(12345))[1]["values"]["beats"]["value"]
    lab.check(abs(whole - 70 * WINDOW / 60) <= 2, f"{whole} beats in {WINDOW} s of 70 a minute")
    devices = (await lab.vitals("devices", "--json")).json
    lab.equal(sorted(device["id"] for device in devices), ["ant:120:12345", "ant:120:77881"], "devices")
    lab.check("Mai's strap" in str(devices), "the strap's name")
    found = await check()
    lab.check("4711 (not in the configuration)" in found["what"], f"the neighbour's strap is heard: {found}")
    lab.equal({reading["device"] for reading in await lab.readings()}, {"ant:120:12345", "ant:120:77881"}, "whose readings")

    lab.say("out of reach is no data")
    two.in_reach = False
    await lab.until(lambda: "the stream of ant:120:77881 ended" in lab.daemon.log(), 60, "the end of the stream")
    settled = len(await windows(77881))
    known = len(await windows(12345))
    await come(12345, known + 1)
    lab.equal(len(await windows(77881)), settled, "windows of a strap that is out of reach")
    is_rate(await windows(77881), 104)
    two.in_reach = True
    is_rate(await come(77881, settled + 1), 104)

    lab.say("pulled out, and plugged in again")
    begin = lab.journal.here
    stick.pull()
    await lab.until(lambda: "listens no more" in lab.daemon.log(), 30, "the end of listening")
    known = len(await windows(12345))
    await stick.plug()
    await lab.event(stick, "scanning", since=begin, limit=60, heard=True)
    is_rate(await come(12345, known + 1), 70)
    await stick.unplug()
    lab.check(lab.daemon.running, "the daemon runs")
    log = lab.daemon.log().lower()
    lab.check("1112131415161718" not in log.replace(" ", ""), "the key is in no log")
    lab.note = f"{len(await windows(12345))} and {len(await windows(77881))} windows"
