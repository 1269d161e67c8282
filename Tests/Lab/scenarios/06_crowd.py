"""Two cuffs and a strap at once; five windows of heart rate are five observations; contact lost is not a rate of zero."""

LIMIT, LIMIT_LONG = 420, 900
WINDOWS = 5


async def scenario(lab):
    window = lab.count(10, 60)
    await lab.vitalsd(strap={"window": window})
    await lab.patient()
    left = await lab.paired_cuff(118, 76, name="LAB-LEFT", address="F0:F1:F2:F3:F4:21")
    right = await lab.paired_cuff(119, 77, name="LAB-RIGHT", address="F0:F1:F2:F3:F4:22")
    strap = lab.strap(pattern=((window * 2 + 3, 72), (window // 2 - 1, None), (window * 2, 84)))
    await strap.advertise()
    await lab.pair(strap, limit=90 + window)
    begin, started = lab.journal.here, strap.sent

    for count in range(3):
        for cuff in (left, right):
            await cuff.measure(120 + count, 78)
            await lab.delivered(cuff, begin, limit=90)
            await lab.asleep(cuff)

    async def rates():
        return [reading for reading in await lab.readings() if reading["kind"] == "heart-rate"]

    await lab.until(lambda: strap.sent - started >= WINDOWS * window, WINDOWS * window + 60, "the strap's five windows")
    await strap.off()
    found = await rates()
    lab.check(len(found) >= WINDOWS and abs(len(found) - strap.sent // window) <= 1,
              f"{len(found)} heart-rate observations of {strap.sent} notifications in windows of {window} s")
    full = [reading for reading in found if reading["values"].get("beats", {}).get("value", 0)]
    lab.check(full, "no observation says how many beats it sums up")
    for reading in found:
        for name in ("heartRate", "heartRateMinimum", "heartRateMaximum"):
            value = reading["values"].get(name, {}).get("value")
            lab.check(value is None or 72 <= value <= 84, f"{name} is {value}: the strap said 72, 84, or no contact")
    pressures = [reading for reading in await lab.readings() if reading["kind"] == "blood-pressure"]
    for cuff in (left, right):
        lab.equal(len([r for r in pressures if r["device"] == f"ble:{cuff.address}"]), 4, f"readings of {cuff.name}")
    lab.note = f"{len(found)} windows of {strap.sent} notifications"
