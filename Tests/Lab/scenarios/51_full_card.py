"""A card that is full, then one that gives errors: what is not stored is not confirmed, a crisis is told, the box heals."""
import datetime

from card import data_on_a_card
from peripherals.cuff import reading

LIMIT = 360
BURST = 6


async def scenario(lab):
    async with data_on_a_card(lab) as card:
        await faults(lab, card)


async def faults(lab, card):
    webhook = await lab.webhook()
    await lab.vitalsd([lab.webhook_destination(webhook)])
    await lab.patient()
    await lab.consent(destination="family")
    cuff = await lab.paired_cuff(118, 76)
    taken, crises = 1, {}
    for name, fault in (("full", card.full), ("erroneous", card.erroneous)):
        lab.say(f"the card is {name} in the middle of a burst")
        begin = lab.journal.here
        first = cuff.now() - datetime.timedelta(hours=1)
        values = cuff.burst(BURST, first=first, systolic=110 + 10 * len(crises))
        await cuff.remember(values)
        await lab.event(cuff, "confirmed", since=begin, count=2, limit=90)
        with fault():
            # Such a cuff sends the newest first.
            crisis = reading(190 + len(crises), 125, 140, at=cuff.now())
            cuff.memory.insert(0, crisis)
            await cuff.remember([])
            crises[name] = crisis
            taken += BURST + 1
            await lab.warning("store-not-committing", limit=90)
            told = await lab.until(lambda: webhook.firing(190 + len(crises) - 1), 120, "the crisis to be told")
            lab.equal(told[0]["message"]["data"].get("stored"), False, "whether it says that it is not stored")
            confirmed = {event["value"] for event in cuff.events("confirmed")}
            lab.equal(confirmed - set(lab.daemon.on_disk()), set(), "confirmed, and not stored")
            lab.check(crisis.hex() not in confirmed, "the crisis was confirmed")
            status = await lab.status()
            lab.equal(status["store"]["ok"], False, "whether status says that all is stored")
            shown = (await lab.vitals("status", check=False)).out
            lab.check("CANNOT BE STORED" in shown, f"status says: {shown}")
        lab.say("it is well again")
        await lab.no_warning("store-not-committing", limit=60)
        await lab.event(cuff, "confirmed", since=begin, value=crisis.hex(), limit=150)
        await lab.until(lambda: not cuff.memory, 120, "the cuff's memory to be taken")
        await lab.readings_become(taken)
        confirmed = {event["value"] for event in cuff.events("confirmed")}
        lab.equal(confirmed, set(lab.daemon.on_disk()), "what was confirmed, and what is stored")
        # Stored now, it is told once more under the id that it had without being stored: the receiver knows it.
        again = await lab.until(lambda: webhook.told_again(told[0]), 60, "the stored alert to be told under the same id")
        lab.equal([entry["new"] for entry in again], [False], "whether the stored alert is news")
        lab.equal(len(webhook.firing(190 + len(crises) - 1)), 1, "how often the crisis was told")
        await lab.asleep(cuff)
        await cuff.measure(121, 79)
        taken += 1
        await lab.until(lambda: len(webhook.resolved()) == len(crises), 120, "the end of the crisis to be told")
        await lab.asleep(cuff)
        lab.note = f"{len(crises)} of 2 faults"
