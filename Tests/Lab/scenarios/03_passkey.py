"""A passkey shown on the cuff and typed into `vitals pair`, legacy and Secure Connections; a wrong one costs one try."""
from peripherals import Pairing

LIMIT = 400


async def scenario(lab):
    await lab.vitalsd()
    await lab.patient()
    for number, secure_connections in enumerate((False, True)):
        lab.say(f"Secure Connections: {secure_connections}")
        cuff = lab.cuff(name=f"LAB-KEY-{number}", address=f"F0:F1:F2:F3:F4:0{number}",
                        pairing=Pairing(secure_connections, passkey=True))
        value = await cuff.measure(120 + number, 80)
        terminal = lab.terminal("pair", "--address", cuff.address, "--patient", "An")

        await terminal.expect("six digits:", limit=90)
        shown = (await lab.event(cuff, "passkey"))["number"]
        begin = lab.journal.here
        terminal.type(f"{(int(shown) + 1) % 1_000_000:06}")
        await terminal.expect("wrong", limit=60)

        await terminal.expect("six digits:", limit=90)
        shown = (await lab.event(cuff, "passkey", since=begin))["number"]
        terminal.type(f"{shown[:3]} {shown[3:]}")  # as a person types it who reads it in two groups
        await terminal.expect("paired", limit=60)
        lab.equal(await terminal.ended(90), 0, "the exit status of vitals pair")

        keys = (await lab.event(cuff, "paired"))
        lab.equal((keys["authenticated"], keys["secure_connections"]), (True, secure_connections), "the cuff's key")
        reading = [r for r in await lab.readings_become(2 * number + 1) if r["device"] == f"ble:{cuff.address}"][0]
        lab.equal(reading["raw"].lower(), value.hex(), "the bytes as they came")
        lab.equal(reading["authentication"], "authenticated", "authentication")

        await lab.asleep(cuff)
        begin = lab.journal.here
        await cuff.measure(122, 81)
        await lab.delivered(cuff, begin)
        lab.equal(cuff.events("pairing", since=begin), [], "pairings of the known cuff")
        lab.equal(cuff.events("key missing", since=begin), [], "links with a key that the cuff does not have")
        await cuff.off()
