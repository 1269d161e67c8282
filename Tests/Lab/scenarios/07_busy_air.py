"""A strap streams, a known device advertises once and vanishes, again and again: a cuff's window of 5 s is never missed."""
import asyncio
import contextlib

LIMIT, LIMIT_LONG = 420, 1800


async def scenario(lab):
    await lab.vitalsd(strap={"window": 10})
    await lab.patient()
    cuff = await lab.paired_cuff(118, 76, name="LAB-QUICK", address="F0:F1:F2:F3:F4:31", forgets=True)
    ghost = await lab.paired_cuff(119, 77, name="LAB-GHOST", address="F0:F1:F2:F3:F4:32")
    strap = lab.strap()
    await strap.advertise()
    await lab.pair(strap)

    async def haunt():
        while True:
            await ghost.advertise_once()
            await asyncio.sleep(lab.random.uniform(0.5, 3))

    haunting = asyncio.ensure_future(haunt())
    try:
        times = lab.count(8, 50)
        read = 0
        for number in range(1, times + 1):
            begin = lab.journal.here
            value = await cuff.measure(100 + number, 70, window=lab.window(5))
            await lab.until(lambda: cuff.events("confirmed", since=begin) or cuff.events("forgot", since=begin), 60,
                            "the cuff's reading or the end of its window")
            read += bool(cuff.events("confirmed", since=begin, value=value.hex()))
            await lab.asleep(cuff)
            lab.round(read, number, "windows")
            # Somewhere between the ghost's appearances.
            await asyncio.sleep(lab.random.uniform(0, 2))
        lab.equal(read, times, "windows in which the cuff was read")
    finally:
        haunting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await haunting
    readings = [r for r in await lab.readings() if r["device"] == f"ble:{cuff.address}"]
    lab.equal(len(readings), times + 1, "readings of the cuff")
    lab.equal(len(strap.events("disconnected")), len(strap.events("connected")) - 1, "the strap is linked: links ended")
    lab.round(read, times, "windows of 5 s")
