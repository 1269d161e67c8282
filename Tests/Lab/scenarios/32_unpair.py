"""Unpair: keys and the waiting leave store and kernel, a later link is not believed; also while connected, and without adapter."""
import asyncio

from kernel import Management, ManagementError

LIMIT = 500
# An unplugged adapter ends links whose sockets are open: on Debian's 6.1.192 that is the kernel's own fault.
LINKS_END_UNDER_US = True


async def scenario(lab):
    lab.profiles(quiet=None)  # it is unpaired while a visit waits for more
    await lab.vitalsd()
    await lab.patient()
    cuff = await lab.paired_cuff(121, 81)
    wire = bytes.fromhex(cuff.address.replace(":", ""))[::-1] + b"\x02"

    lab.say("unpaired at rest")
    management = Management()
    try:
        await lab.vitals("unpair", cuff.address)
        # Unpaired (0x0016) and Device Removed (0x001B), as the kernel tells every other listener.
        for event, what in ((0x001B, "Device Removed"), (0x0016, "Device Unpaired")):
            await lab.until(lambda: [e for e in seen(management, event) if e == wire], 30, what)
        lab.equal(lab.daemon.query("SELECT * FROM long_term_keys"), [], "keys in the store")
        lab.equal((await lab.vitals("devices", "--json")).json, [], "devices")
        lab.equal(len(await lab.readings()), 1, "readings that stay")
        twice = await lab.vitals("unpair", cuff.address, check=False)
        lab.equal(twice.status, 4, "the status of unpairing it twice")

        lab.say("it is not linked to any more, and a link that comes all the same is not believed")
        begin = lab.journal.here
        await cuff.measure(122, 82)
        await lab.holds(lambda: not cuff.events("connected", since=begin), 8, "no link to an unpaired cuff")
        await management.command(0x0033, wire + b"\x02")  # somebody else has the kernel connect
        await lab.event(cuff, "connected", since=begin, limit=60)
        await lab.event(cuff, "disconnected", since=begin, limit=60)
        await management.command(0x0034, wire)
        await lab.holds(lambda: not cuff.events("confirmed", since=begin), 4, "nothing is taken from it")
        lab.equal(cuff.events("encrypted", since=begin), [], "links encrypted with a key that is gone")
        lab.equal(len(await lab.readings()), 1, "readings")
        await cuff.off()
        cuff.memory.clear()

        lab.say("unpaired while it is connected: the link ends, and no other comes")
        await cuff.forget_bonds()
        await cuff.measure(123, 83)
        await lab.pair(cuff)
        await lab.asleep(cuff)
        begin = lab.journal.here
        await cuff.measure(124, 84)
        await lab.delivered(cuff, begin, limit=90)
        # The visit waits for more, and the link is up.
        lab.check(cuff.connection is not None, "the link was over before anybody unpaired")
        # Whoever asks again meanwhile, and a reload, do not bring it back.
        twice = await asyncio.gather(*(lab.vitals("unpair", cuff.address, check=False) for _ in range(2)),
                                     lab.vitals("reload"))
        lab.equal([answer.status for answer in twice].count(0), 2, "one of two unpairings, and the reload, that succeed")
        lab.equal((await lab.status())["bluetooth"], [], "devices that are awaited")
        await lab.event(cuff, "disconnected", since=begin, limit=10)
        await lab.until(lambda: len([e for e in seen(management, 0x0016) if e == wire]) >= 2, 30, "Device Unpaired")
        lab.equal(lab.daemon.query("SELECT * FROM long_term_keys"), [], "keys in the store")
        begin = lab.journal.here
        await cuff.measure(124, 85)
        await lab.holds(lambda: not cuff.events("connected", since=begin), 5, "no further link")
        await cuff.off()
        cuff.memory.clear()
    finally:
        management.close()

    lab.say("unpaired while the adapter is away: the keys are not given to the next one")
    await cuff.forget_bonds()
    await cuff.measure(125, 85)
    await lab.pair(cuff)
    await lab.asleep(cuff)
    await lab.unplug()
    await lab.warning("bluetooth-adapter-absent")
    await lab.vitals("unpair", cuff.name)
    begin = lab.journal.here
    await lab.plug()
    await lab.no_warning("bluetooth-adapter-absent")
    await cuff.measure(126, 86)
    await lab.holds(lambda: not cuff.events("connected", since=begin), 8, "no link to an unpaired cuff")
    management = Management()
    try:
        # Unpair answers 'not paired' (6) when the kernel has no key.
        try:
            await management.command(0x001B, wire + b"\x00")
            lab.check(False, "the kernel had a key of an unpaired cuff")
        except ManagementError as error:
            lab.equal(error.status, 0x06, "the kernel's answer about its key")
    finally:
        management.close()


def seen(management, code):
    return [parameters for event, parameters in management.events if event == code]
