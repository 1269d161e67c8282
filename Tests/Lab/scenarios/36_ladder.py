"""A crisis climbs the ladder over a restart until the doctor answers; a worse reading begins it again; a silence holds the mild."""

LIMIT = 500


async def scenario(lab):
    webhook = await lab.webhook()
    base = webhook.url.rstrip("/")
    destinations = [{**lab.webhook_destination(webhook, f"to-{who}"), "url": f"{base}/{who}"} for who in ("mai", "lan")]
    rules = [
        {"id": "severe-systolic", "kind": "threshold", "component": "systolic", "at-least": 180, "clear-below": 170,
         "severity": "urgent", "source": "lab"},
        {"id": "high", "kind": "threshold", "component": "systolic", "at-least": 150, "clear-below": 140,
         "severity": "warning", "source": "lab", "hidden-by": ["severe-systolic"]},
    ]
    await lab.vitalsd(
        destinations, rules,
        contacts=[
            {"name": "mai", "role": "caregiver", "destinations": ["to-mai"]},
            {"name": "dr-lan", "role": "clinician", "destinations": ["to-lan"]},
        ],
        escalation={"steps": [{"tell": ["mai"], "wait": "20s"}, {"tell": ["dr-lan"], "wait": "15s"}]})
    await lab.patient()
    for destination in ("to-mai", "to-lan"):
        await lab.consent(destination=destination)
    cuff = await lab.paired_cuff(121, 80)

    def told():
        """`mai alert.firing/escalated` of each message, the first time it came, in order."""
        return [f"{entry['path'].rsplit('/', 1)[-1]} {entry['message']['type']}"
                + (f"/{entry['message']['data']['stage']}" if entry["message"]["data"].get("stage") else "")
                for entry in webhook.verified()]

    async def becomes(expected, limit=90):
        await lab.until(lambda: len(told()) >= len(expected), limit, f"{len(expected)} messages; so far {told()}")
        lab.equal(told(), expected, "who was told what")

    expected = ["mai alert.firing"]
    await cuff.measure(190, 120)
    await becomes(expected)
    lab.say("killed while an answer is waited for")
    await lab.daemon.kill()
    await lab.daemon.start()
    expected.append("lan alert.firing/escalated")
    await becomes(expected)
    open_alerts = (await lab.vitals("alerts", "--open", "--json")).json
    lab.equal([(e["alert"]["rule"], e["called"]) for e in open_alerts if not e.get("held")],
              [("severe-systolic", ["mai", "dr-lan"])], "what fires")
    lab.equal([e["held"] for e in open_alerts if e["alert"]["rule"] == "high"], ["hidden by severe-systolic"], "the milder one")

    lab.say("nobody answers")
    await lab.warning("alert-unanswered", limit=60)
    crisis = next(e["id"] for e in open_alerts if not e.get("held"))
    answer = (await lab.vitals("ack", crisis[:8], "--by", "dr-lan", "--json")).json
    lab.check(answer["stopsLadder"], "a doctor's answer does not stop the ladder")
    expected += ["mai alert.acknowledged/acknowledged", "lan alert.acknowledged/acknowledged"]
    await lab.until(lambda: len(told()) >= 4, 60, f"the answer to be told; so far {told()}")
    lab.equal(sorted(told()[2:]), sorted(expected[2:]), "who was told of the answer")
    await lab.no_warning("alert-unanswered")

    lab.say("worse")
    await lab.asleep(cuff)
    await cuff.measure(205, 121)
    await lab.until(lambda: len(told()) >= 6, 90, f"the alert to be told anew; so far {told()}")
    lab.equal(sorted(told()[4:6]), ["lan alert.firing/reopened", "mai alert.firing/reopened"], "who is told that it is worse")
    await lab.vitals("ack", "--by", "mai")

    lab.say("better, and silenced")
    await lab.vitals("silence", "add", "--for", "1h", "--reason", "lab", "--rule", "high")
    await lab.asleep(cuff)
    await cuff.measure(155, 90)
    await lab.until(lambda: [t for t in told() if t.endswith("alert.resolved")] and len(told()) >= 10, 90,
                    f"the end of the crisis to be told; so far {told()}")
    await lab.holds(lambda: len(told()) == 10, 5, "the milder alert stays silent")
    silence = (await lab.vitals("silence", "list", "--json")).json[0]["id"]
    await lab.vitals("silence", "lift", silence)
    await lab.until(lambda: len(told()) >= 12, 60, f"the milder alert to be told; so far {told()}")
    lab.equal(sorted(told()[10:]), ["lan alert.firing", "mai alert.firing"], "who is told once the silence is over")
    lab.equal({entry["message"]["data"]["rule"] for entry in webhook.verified()[10:]}, {"high"}, "the rule")

    history = (await lab.vitals("alerts", "--history", "all", "--json")).json
    lab.equal([line["alert"].get("stage") or line["alert"]["state"] for line in history if line["alert"]["rule"] == "severe-systolic"],
              ["firing", "escalated", "unanswered", "acknowledged", "reopened", "acknowledged", "resolved"], "the history")
    lab.check(all(t["state"] == "delivered" for line in history for t in line["tellings"]), "a telling did not arrive")
    lab.equal(webhook.refused(), [], "refused messages")
