"""A cuff that no profile knows is recorded: nothing but subscriptions is written, and the folder checks and replays."""
import json

LIMIT = 500


async def scenario(lab):
    await lab.vitalsd()
    out = lab.folder / "learned"
    # Not the made-up address that a recording gives every device.
    cuff = lab.cuff(address="F0:F1:F2:F3:F7:18")
    value = await cuff.measure(151, 92, 111, pulse=77)
    result = await lab.vitals("learn", "--address", cuff.address, "--out", out, "--name", "lab/cuff", "--minutes", "1",
                              "--json", limit=150)
    report = json.loads(result.out)
    lab.equal(report["driver"], "gatt-blood-pressure", "the driver of its standard service")
    lab.check(report["values"] >= 1, "no value in the recording")
    await lab.event(cuff, "confirmed", value=value.hex())
    lab.equal(lab.daemon.on_disk(), [], "a recording stores no reading")
    lab.equal((await lab.vitals("devices", "--json")).json, [], "a recording keeps no device")

    folder = out / "lab" / "cuff"
    recording = (folder / "recording.jsonl").read_text()
    lab.check(value.hex().upper() in recording, "the value as it came is not in the recording")
    lab.check(cuff.address not in recording, "the address is in the recording")
    for line in map(json.loads, recording.splitlines()):
        sent = line.get("toDevice", "")
        lab.check(sent[:2] not in ("52", "16", "18", "D2") and (sent[:2] != "12" or len(sent) == 10),
                  f"something other than a subscription was written: {sent}")
    session = (folder / "session.yaml").read_text()
    lab.check(value.hex(" ").upper() not in session, "a measured value is in session.yaml")
    await lab.vitals("check", folder)

    lab.say("the folder is played as a simulated device")
    await lab.daemon.stop()
    await lab.vitalsd(profiles=[str(out)], simulation={"enabled": "always"}, bluetooth={"enabled": False})
    reading = (await lab.readings_become(1, limit=60))[0]
    lab.equal(reading["simulated"], True, "simulated")
    lab.equal(reading["values"]["systolic"]["value"], 120, "the made-up systolic pressure")
