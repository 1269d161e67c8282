"""A stranger with the cuff's address indicates in clear at once: nothing stored, nothing confirmed, said in health."""
import struct

from kernel import Management
from peripherals import Pairing

LIMIT = 420


async def scenario(lab):
    await lab.vitalsd()
    await lab.patient()
    cuff = await lab.paired_cuff()
    await cuff.off()
    management = Management()
    try:
        for what, key_in_kernel, willing, refuses in (
                ("with our key in the kernel", True, False, True),
                ("that never answers when it is asked to encrypt", True, False, False),
                ("without a key in the kernel", False, False, True),
                ("without a key, and willing to pair", False, True, True)):
            lab.say(f"a stranger, {what}")
            if not key_in_kernel:
                await management.command(0x0013, struct.pack("<H", 0))
            begin = lab.journal.here
            stranger = lab.stranger(name=f"LAB-STRANGER-{'K' if key_in_kernel else 'N'}{'P' if willing else ''}"
                                         f"{'' if refuses else 'S'}", pairing=Pairing(possible=willing), refuses=refuses)
            await stranger.advertise()
            await lab.event(stranger, "indicated", limit=60)
            await lab.event(stranger, "disconnected", limit=60)
            # It may come again, as strangers do.
            await lab.holds(lambda: not stranger.events("confirmed"), 5, "the stranger is not confirmed")
            await stranger.off()
            lab.equal(len(await lab.readings()), 1, f"readings after a stranger, {what}")
            lab.equal([e["name"] for e in stranger.events("request")], [], f"what a stranger was asked, {what}")
            if not refuses:
                lab.check(stranger.events("asked to encrypt"), "the stranger was not asked to encrypt")
            lab.equal(lab.journal.find(event="paired", since=begin), [], f"pairings that nobody started, {what}")
            await lab.warning("untrusted-link|bond-stale|pairing-refused", limit=30)
    finally:
        management.close()

    lab.say("the real cuff is read as before")
    begin = lab.journal.here
    await cuff.measure(133, 85)
    await lab.delivered(cuff, begin, limit=90)
    lab.equal(cuff.events("pairing", since=begin), [], "pairings of the real cuff")
    lab.equal([r["values"]["systolic"]["value"] for r in await lab.readings_become(2)].count(133), 1, "the real reading")
