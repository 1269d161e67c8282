"""A card that becomes read-only in mid-burst, by force and by an error: nothing is confirmed that a power cut would lose."""
import datetime
import subprocess

from card import data_on_a_card
from peripherals.cuff import reading

LIMIT = 300
BURST = 4


async def scenario(lab):
    async with data_on_a_card(lab, journal=True, errors="remount-ro") as card:
        await faults(lab, card)


async def faults(lab, card):
    webhook = await lab.webhook()
    await lab.vitalsd([lab.webhook_destination(webhook)])
    await lab.patient()
    await lab.consent(destination="family")
    cuff = await lab.paired_cuff(118, 76)
    state = {"taken": 1}

    # ext4 answers fsync with success then, and writes nothing. Files are open, so an ordinary remount is refused.
    with card.read_only():
        told = await crisis(lab, card, webhook, cuff, 190, state)
        await lab.warning("read-only", limit=30)
    lab.say("it can be written again")
    await heals(lab, card, webhook, cuff, told, state)
    lab.note = "1 of 2 faults"

    # The journal is given up, for as long as the file system is mounted, and it cannot be unmounted while we use it.
    with card.erroneous():
        told = await crisis(lab, card, webhook, cuff, 191, state)
        shown = await lab.warning("store-not-committing")
        lab.check("Start the box anew" in shown["remedy"], f"what is to be done: {shown['remedy']}")
    lab.say("the box is started anew")
    await lab.daemon.kill()
    card.run("umount", card.folder)
    check = subprocess.run(["fsck.ext4", "-p", card.device], stdout=subprocess.PIPE, text=True)
    lab.check(check.returncode in (0, 1), f"fsck.ext4 -p: {check.stdout}")
    card.mount()
    await lab.daemon.start()
    await heals(lab, card, webhook, cuff, told, state)
    lab.note = "2 of 2 faults"


async def crisis(lab, card, webhook, cuff, systolic, state):
    """A burst with a crisis while nothing can be written. The message that told of the crisis."""
    taken = reading(systolic, 125, 140, at=cuff.now())
    first = cuff.now() - datetime.timedelta(hours=1)
    # Such a cuff sends the newest first.
    await cuff.remember([taken, *cuff.burst(BURST, first=first, systolic=systolic - 80)])
    state["taken"] += BURST + 1
    told = (await lab.until(lambda: webhook.firing(systolic), 90, "the crisis to be told"))[0]
    lab.equal(told["message"]["data"].get("stored"), False, "whether it says that it is not stored")
    await lab.warning("store-not-committing")
    lost_by_a_power_cut(lab, card, cuff)
    lab.check(taken.hex() not in confirmed(cuff), "the crisis was confirmed")
    return told


async def heals(lab, card, webhook, cuff, told, state):
    """Everything is taken, without a hand."""
    await lab.no_warning("store-not-committing", limit=60)
    await lab.until(lambda: not cuff.memory, 120, "the cuff's memory to be taken")
    await lab.readings_become(state["taken"])
    lost_by_a_power_cut(lab, card, cuff)
    lab.equal(confirmed(cuff), set(lab.daemon.on_disk()), "what was confirmed, and what is stored")
    again = await lab.until(lambda: webhook.told_again(told), 60, "the stored alert to be told under the same id")
    lab.equal([entry["new"] for entry in again], [False], "whether the stored alert is news")
    await lab.asleep(cuff)
    resolved = len(webhook.resolved())
    await cuff.measure(121, 79)
    state["taken"] += 1
    await lab.until(lambda: len(webhook.resolved()) > resolved, 120, "the end of the crisis to be told")
    await lab.asleep(cuff)


def confirmed(cuff):
    return {event["value"] for event in cuff.events("confirmed")}


def lost_by_a_power_cut(lab, card, cuff):
    """Fails when a reading was confirmed that is not on the card, whatever the kernel says of it."""
    before = confirmed(cuff)
    with card.after_power_cut() as folder:
        lab.equal(before - set(lab.daemon.on_disk(folder)), set(), "confirmed, and lost by a power cut")
