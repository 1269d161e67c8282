"""A cuff that gives a user's readings only by that user's code: typed wrong and right, changed on the cuff, not typed at all."""
import json

from peripherals import ConsentingCuff, reading

LIMIT = 460
# Five digits would be none, and these four stand in no address, time or value of the scenario.
CODE, CHANGED = 7391, 8642
PROFILE_NAME = "lab/uds"


async def scenario(lab):
    # As sig/blood-pressure, of a cuff that gives nothing without.
    standard = (lab.profiles() / "sig/blood-pressure/profile.yaml").read_text()
    folder = lab.profiles() / PROFILE_NAME
    folder.mkdir(parents=True)
    (folder / "profile.yaml").write_text(
        standard.replace("name: sig/blood-pressure", f"name: {PROFILE_NAME}")
        .replace('  services: ["1810"]', '  services: ["1810"]\n  names: ["LAB-UDS"]')
        .replace("consent: automatic", "consent: required")
        .replace("sources:\n", 'sources:\n  recognise.names: "lab"\n'))
    daemon = await lab.vitalsd()
    for person in ("An", "Bình"):
        await lab.patient(person)
    cuff = lab.peripheral(ConsentingCuff, codes={2: CODE, 3: 42})

    lab.say("nobody there who could type a code: said, and nothing of the cuff is kept")
    value = reading(131, 84, at=cuff.now(), user=None)
    await cuff.measured(2, value)
    failed = await lab.pair(cuff, check=False, limit=150)
    lab.equal(failed.status, 1, "the exit status")
    lab.check("code" in failed.out + failed.err, f"it says {failed.out} {failed.err}")
    lab.equal((await lab.vitals("devices", "--json")).json, [], "the devices")
    lab.equal(cuff.events("user control"), [], "what was written to the User Control Point")
    lab.equal(cuff.events("confirmed", value=value.hex()), [], "confirmations")

    lab.say("a person types a wrong code, and the right one")
    begin = lab.journal.here
    await cuff.advertise()
    terminal = lab.terminal("pair", "--address", cuff.address, "--patient", "An")
    await terminal.expect("User number on the device", limit=120)
    terminal.type("2")
    await terminal.expect("code of this user")
    terminal.type(f"{CODE + 1}")
    await terminal.expect("Tries left: 2")
    await terminal.expect("User number on the device")
    terminal.type("2")
    await terminal.expect("code of this user")
    terminal.type(f"{CODE}")
    await terminal.expect("opens the readings of user 2")
    await terminal.expect("Another user")
    terminal.type("")
    await terminal.expect("first reading: .*131/84", limit=90)
    lab.equal(await terminal.ended(60), 0, "the exit status of vitals pair")
    lab.equal([(e["user"], e["right"]) for e in cuff.events("consent", since=begin)], [(2, False), (2, True)], "consents")
    first, = await lab.readings_become(1)
    lab.equal((first["patientName"], first.get("userSlot")), (lab.called("An"), 2), "whose it is")

    lab.say("known: the code is given without a question, before anything else is asked")
    await lab.asleep(cuff, 90)
    begin = lab.journal.here
    await cuff.measured(2, reading(132, 85, at=cuff.now(), user=None))
    await lab.readings_become(2, limit=90)
    lab.equal([(e["user"], e["right"]) for e in cuff.events("consent", since=begin)], [(2, True)], "consents")
    await lab.asleep(cuff, 90)

    lab.say("the code is changed on the cuff: a person is told, and what to do; the cuff keeps its reading")
    cuff.codes[2] = CHANGED
    begin = lab.journal.here
    kept = reading(133, 86, at=cuff.now(), user=None)
    await cuff.measured(2, kept)
    warning = await lab.warning("device-consent-refused", limit=90)
    lab.check("vitals pair --again" in warning["remedy"], f"the remedy is {warning['remedy']}")
    lab.equal(cuff.events("confirmed", since=begin, value=kept.hex()), [], "confirmations")

    lab.say("paired again with the new code and a second user, whom the cuff numbers")
    terminal = lab.terminal("pair", "--again", cuff.address)
    await cuff.advertise()
    await terminal.expect("User number on the device", limit=150)
    terminal.type("2")
    await terminal.expect("code of this user")
    terminal.type(f"{CHANGED}")
    await terminal.expect("Another user")
    terminal.type("new")
    await terminal.expect("up to four digits")
    terminal.type("1234")
    await terminal.expect("opens the readings of user 1")
    await terminal.expect("Another user")
    terminal.type("")
    lab.equal(await terminal.ended(200), 0, "the exit status of vitals pair --again")
    await lab.no_warning("device-consent-refused")
    await lab.readings_become(3, limit=90)

    lab.say("each user's readings are of the person who was given the number")
    device = f"ble:{cuff.address}"
    await lab.vitals("assign", device, "--user", "1", "--patient", "Bình")
    await lab.asleep(cuff, 120)
    for user, systolic in ((1, 121), (2, 134)):
        cuff.stored.setdefault(user, []).append(reading(systolic, 80, at=cuff.now(), user=None))
    await cuff.advertise()
    found = await lab.readings_become(5, limit=120)
    owners = {r["values"]["systolic"]["value"]: r["patientName"] for r in found}
    lab.equal({value: owners[value] for value in (121, 134)}, {121: lab.called("Bình"), 134: lab.called("An")}, "whose they are")

    lab.say("no code is in any log")
    told = daemon.log() + json.dumps((await lab.vitals("devices", "--json")).json)
    lab.equal([code for code in (CODE, CHANGED) if str(code) in told], [], "codes in the log")
