"""What goes wrong: one kind a function, `async def kind(week, minutes)`, from its beginning until it is over again.

A fault that is a moment, and not a time, is followed by the same minutes.
"""
import asyncio
import contextlib
import random
import signal
import socket
import sqlite3

from house import Failure, get
from road import ANSWER_LOST, GARBAGE, HANGS, REFUSED, RESET, SLOW

KINDS, ENDING = {}, set()


def fault(words, ends=False):
    """`words`: what the list says. `ends`: the process is another one afterwards."""
    def enter(function):
        KINDS[function.__name__] = (words, function)
        if ends:
            ENDING.add(function.__name__)
        return function
    return enter


def met(happened):
    if not happened:
        raise Failure("the fault met nothing: it was none")


# Destinations

def road_fault(name, words, mode, destination):
    @fault(f"{destination}: {words}")
    async def run(week, minutes):
        road = week.roads[destination]
        await road.set(mode)
        await week.pass_(minutes)
        met(road.used or mode == REFUSED)
        await road.set("open")
    KINDS[f"{destination}_{name}"] = KINDS.pop("run")


for _destination in ("record", "family"):
    for _name, _words, _mode in (
            ("refuses", "connections are refused", REFUSED), ("resets", "connections are reset", RESET),
            ("hangs", "takes requests and never answers", HANGS), ("slow", "answers 20 s late", SLOW),
            ("garbage", "answers what is not HTTP", GARBAGE), ("loses", "the answer is lost", ANSWER_LOST)):
        road_fault(_name, _words, _mode, _destination)


async def status(week, minutes, destination, code, **more):
    get(week.ports[destination], "/_control", {"mode": str(code), **more})
    await week.pass_(minutes)
    get(week.ports[destination], "/_control", {"mode": "up"})


@fault("record: answers 500")
async def record_500(week, minutes):
    await status(week, minutes, "record", 500)


@fault("record: answers 429 and asks for two minutes")
async def record_429(week, minutes):
    await status(week, minutes, "record", 429, **{"retry-after": 120})


@fault("family: answers 503")
async def family_503(week, minutes):
    await status(week, minutes, "family", 503)


@fault("family: the server's certificate has expired")
async def family_expired(week, minutes):
    road = week.roads["family"]
    good, road.context = road.context, week.expired
    await road.set("open")
    await week.pass_(minutes)
    met(week.house.waiting("family", "%certificate%"))
    road.context = good
    await road.set("open")


@fault("the router is off: no destination can be reached")
async def router_off(week, minutes):
    for road in week.roads.values():
        await road.set(REFUSED)
    await week.pass_(minutes)
    for road in week.roads.values():
        await road.set("open")


# The card

async def card(week, minutes, kind):
    before = week.house.clock.refused
    week.house.clock.card = kind
    week.house.clock.write()
    await week.pass_(minutes)
    week.house.clock.card = 0
    week.house.clock.write()
    met(week.house.clock.refused > before)


@fault("the card is full")
async def card_full(week, minutes):
    await card(week, minutes, 1)


@fault("the card gives I/O errors")
async def card_broken(week, minutes):
    await card(week, minutes, 2)


# Cuffs and the air

@fault("links are lost before a confirmation can be sent")
async def link_lost(week, minutes):
    for cuff in week.cuffs:
        cuff.cut_next = True
    await week.pass_(minutes)
    met(not all(cuff.cut_next for cuff in week.cuffs))


@fault("links are lost as the confirmation arrives")
async def confirmation_lost(week, minutes):
    for cuff in week.cuffs:
        cuff.deaf = True
    await week.pass_(minutes)
    met(not all(cuff.deaf for cuff in week.cuffs))


@fault("a cuff is started anew and sends its memory once more")
async def cuff_reboots(week, minutes):
    for cuff in week.cuffs:
        cuff.reboot(5)
        cuff.wake()
    await week.pass_(minutes)


@fault("every indication comes twice")
async def doubles(week, minutes):
    for cuff in week.cuffs:
        cuff.doubles = True
    await week.pass_(minutes)
    for cuff in week.cuffs:
        cuff.doubles = False


@fault("the adapter is pulled out, and put back")
async def adapter_out(week, minutes):
    week.air.unplug()
    await week.pass_(minutes)
    week.air.plug()


@fault("the adapter comes and goes ten times")
async def adapter_loose(week, minutes):
    for _ in range(10):
        week.air.unplug()
        await week.house.advance(3)
        week.air.plug()
        await week.house.advance(9)
    await week.pass_(minutes)


# The box

async def wrong_clock(week, minutes, seconds):
    clock = week.house.clock
    clock.wrong, clock.unsynchronised = int(seconds * 1e9), 1
    clock.write()
    await week.house.ring()
    await week.pass_(minutes)
    clock.wrong, clock.unsynchronised = 0, 0
    clock.write()
    await week.house.ring()


@fault("the box's clock jumps nine hours ahead, and is set right")
async def clock_ahead(week, minutes):
    await wrong_clock(week, minutes, 9 * 3600)


@fault("the box's clock jumps back to 1970, and is set right")
async def clock_1970(week, minutes):
    await wrong_clock(week, minutes, 3600 - week.house.clock.now)


@fault("the box sleeps: all clocks jump")
async def box_sleeps(week, minutes):
    await week.house.jump(60 * minutes)
    await week.pass_(1)


@fault("the process stands still while the clocks go on")
async def frozen(week, minutes):
    week.house.daemon.send_signal(signal.SIGSTOP)
    week.house.clock.skipped += int(60e9 * minutes)
    week.house.clock.write()
    await asyncio.sleep(0.05)
    week.house.daemon.send_signal(signal.SIGCONT)
    await week.house.ring()
    await week.pass_(1)


# The process

@fault("the service is stopped, and started", ends=True)
async def restarted(week, minutes):
    status = await week.house.stop()
    if status != 0:
        raise Failure(f"vitalsd ended with status {status}")
    await week.house.jump(60 * minutes)
    await week.house.start()
    await week.pass_(1)


@fault("the process is killed, and started", ends=True)
async def killed(week, minutes):
    for cuff in week.cuffs:
        cuff.wake()
    await asyncio.sleep(week.random.random() / 20)
    await week.house.stop(signal.SIGKILL)
    for device in week.air.devices.values():
        device.cut()
    await week.house.jump(60 * minutes)
    await week.house.start()
    await week.pass_(1)


@fault("a page of the database is overwritten while the service is off", ends=True)
async def page_overwritten(week, minutes):
    await week.house.stop()
    path = week.house.data / "vitals.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as database:
        # Of an index: what is in a table and in no copy yet could not be had again by anybody.
        size, = database.execute("PRAGMA page_size").fetchone()
        pages = [row[0] for row in database.execute(
            "SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name IN ('observations', 'outbox') ORDER BY name")]
    with open(path, "r+b") as file:
        file.seek((week.random.choice(pages) - 1) * size)
        file.write(random.Random(week.seed).randbytes(size))
    await week.house.start()
    await week.pass_(minutes)


# People and their programs

@fault("a bad configuration is read, then the good one")
async def bad_configuration(week, minutes):
    good = week.house.config.read_text()
    week.house.config.write_text(good + "destinatoins: []\n")
    week.house.daemon.send_signal(signal.SIGHUP)
    await week.pass_(minutes)
    week.house.config.write_text(good)
    week.house.daemon.send_signal(signal.SIGHUP)
    await week.pass_(1)


@fault("the time zone is another, and again the old one")
async def time_zone(week, minutes):
    good = week.house.config.read_text()
    week.house.config.write_text(good.replace(week.ZONE, "Europe/Paris"))
    week.house.daemon.send_signal(signal.SIGHUP)
    await week.pass_(minutes)
    week.house.config.write_text(good)
    week.house.daemon.send_signal(signal.SIGHUP)
    await week.pass_(1)


@fault("thirty clients open the socket and say half a sentence")
async def clients_hang(week, minutes):
    held = []
    for number in range(30):
        one = socket.socket(socket.AF_UNIX)
        one.connect(str(week.house.socket_path))
        one.sendall(b"GET /v1/status HTTP/1.1\r\nHost: v" if number % 2 else b"")
        held.append(one)
    await week.pass_(minutes)
    for one in held:
        one.close()


@fault("a client asks a hundred times, and does not wait for half of the answers")
async def client_floods(week, minutes):
    def flood():
        for number in range(100):
            with socket.socket(socket.AF_UNIX) as one:
                one.connect(str(week.house.socket_path))
                one.settimeout(60)
                one.sendall(b"GET /v1/readings HTTP/1.1\r\nHost: vitals\r\nConnection: close\r\n\r\n")
                while number % 2 and one.recv(65536):
                    pass
    await asyncio.get_running_loop().run_in_executor(None, flood)
    await week.pass_(minutes)


@fault("the database is copied from outside while readings come")
async def copied(week, minutes):
    def copy():
        target = week.house.folder / "tmp-copy.sqlite"
        with contextlib.closing(sqlite3.connect(f"file:{week.house.data}/vitals.sqlite?mode=ro", uri=True)) as source, \
                contextlib.closing(sqlite3.connect(target)) as copied:
            source.backup(copied, pages=4, sleep=0.001)
            answer = copied.execute("PRAGMA integrity_check").fetchone()[0]
        target.unlink()
        if answer != "ok":
            raise Failure(f"the copy is not whole: {answer}")
    copying = asyncio.get_running_loop().run_in_executor(None, copy)
    await week.pass_(minutes)
    await copying
