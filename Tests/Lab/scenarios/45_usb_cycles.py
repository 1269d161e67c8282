"""A cuff on a cable plugged in and out again and again, also in mid-session: everything once, and nothing is left behind."""
from footprint import held, holds_what_it_held
from usb_devices.omron_hid import OmronHID, record

LIMIT, LIMIT_LONG = 300, 3600


async def scenario(lab):
    cuff = OmronHID("cuff", lab.journal, [[], None])
    await lab.vitalsd()
    await lab.patient()

    async def read_whole():
        begin = lab.journal.here
        await cuff.plug()
        await lab.event(cuff, "asked", since=begin, command="END", limit=60)
        await cuff.unplug()
    cuff.banks[0].insert(0, record(2026, 1, 1, 0, 0, 0, 120, 80, 60))
    await read_whole()
    await lab.readings_become(1)
    before = held(lab.daemon.pid)

    rounds = lab.count(12, 200)
    for number in range(1, rounds + 1):
        cuff.banks[0].insert(0, record(2026, 1 + number // 28, 1 + number % 28, 6, number % 60, 0, 100 + number % 80, 70, 60))
        del cuff.banks[0][20:]
        if number % 2:
            await read_whole()
        else:
            # In the middle of whatever it does just then; what was not read is, the next time.
            cuff.transfers, cuff.unplug_at = 0, lab.random.randrange(20)
            begin = lab.journal.here
            await cuff.plug()
            await lab.event(cuff, "pulled", since=begin, limit=60)
        lab.round(number, rounds, "cycles")
    await read_whole()
    readings = await lab.readings_become(rounds + 1, limit=60)
    lab.equal(len({reading["raw"] for reading in readings}), rounds + 1, "different readings")
    await holds_what_it_held(lab, before, rounds)
