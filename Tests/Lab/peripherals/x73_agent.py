#!/usr/bin/env python3
"""An agent of IEEE 11073-20601: a blood-pressure monitor with a memory (PM-store). APDUs in, APDUs out, no transport.

Written from the standard's facts (Annex A, F, I; 11073-10407), never from the gateway's code. All values are of nobody.

As a program it talks over its standard streams, one line each way: `start`, `report N`, `release` or the hexadecimal octets
of an APDU from the manager; the answer is the agent's APDUs, separated by spaces. `state` answers what it has seen.
"""

import argparse
import json
import struct
import sys

AARQ, AARE, RLRQ, RLRE, ABRT, PRST = range(0xE200, 0xE800, 0x100)
NUMERIC, PM_STORE = 6, 61
NOTI_CONFIG, NOTI_FIXED, NOTI_MP_FIXED, NOTI_SEGMENT = 3356, 3357, 3359, 3361
ACT_CLEAR, ACT_INFO, ACT_SET_TIME, ACT_TRANSFER = 3084, 3085, 3095, 3100
STORE = 10
PER_EVENT = 20


def u16(*numbers):
    return struct.pack(f">{len(numbers)}H", *numbers)


def u32(number):
    return struct.pack(">I", number)


def string(octets):
    return u16(len(octets)) + octets


def sequence(elements):
    return u16(len(elements)) + string(b"".join(elements))


def attribute(name, value):
    return u16(name) + string(value)


def bcd(*parts):
    return bytes(part // 10 * 16 + part % 10 for part in parts)


def apdu(choice, body):
    return u16(choice) + string(body)


def data(invoke, choice, body):
    return apdu(PRST, string(u16(invoke, choice) + string(body)))


class X73Agent:
    """One agent. `start()` and `receive(apdu)` answer the APDUs that it sends."""

    def __init__(self, system_id=bytes.fromhex("0022092201020304"), config_id=0x4000, entries=0, segments=0,
                 person=None, silent=False):
        self.system_id = system_id
        self.config_id = config_id
        self.entries = entries
        self.segments = segments
        self.person = person
        self.silent = silent
        self.state = "unassociated"
        self.invoke = 0
        self.waiting = []       # reports for when we operate
        self.open = None        # invoke id of the confirmed event that waits for its answer
        self.transfer = None    # (instance, next entry)
        self.seen = {"confirmed": 0, "configurations": 0, "confirmedEntries": 0, "cleared": 0, "aborts": 0, "time": None}

    # ------------------------------------------------------------ what it is

    def objects(self):
        compound = [attribute(2351, u16(2, 18948)), attribute(2630, u16(0xF040)), attribute(2675, b"\x03\x03"),
                    attribute(2678, sequence([u16(18949), u16(18950), u16(18951)])), attribute(2454, u16(3872)),
                    attribute(2645, sequence([u16(2677, 10), u16(2448, 8)]))]
        pulse = [attribute(2351, u16(2, 18474)), attribute(2630, u16(0xF040)), attribute(2454, u16(2720)),
                 attribute(2645, sequence([u16(2636, 2), u16(2448, 8)]))]
        found = [u16(NUMERIC, 1) + sequence(compound), u16(NUMERIC, 2) + sequence(pulse)]
        if self.segments:
            found.append(u16(PM_STORE, STORE) + sequence([
                attribute(2337, u16(STORE)), attribute(2637, u16(0x0A00)), attribute(2371, u16(0x0400)),
                attribute(2387, u16(1)), attribute(2659, u32(24_000))]))
        return found

    def mds(self):
        return sequence([
            attribute(2344, string(b"Example\0") + string(b"M-1\0")), attribute(2436, string(self.system_id)),
            attribute(2628, u16(self.config_id)),
            attribute(2349, sequence([u16(1, 0) + string(b"000001"), u16(5, 0) + string(b"1.0")])),
            attribute(2629, u16(0xC000, 0) + u32(0xFFFFFFFF) + u16(100, 0) + u32(0)),
            attribute(2439, bcd(20, 26, 3, 4, 8, 16, 0, 0)), attribute(2650, sequence([u16(4103, 1)]))])

    def of_segment(self, instance):
        """How many entries segment `instance` (from 1) holds."""
        return self.entries // self.segments + (1 if instance <= self.entries % self.segments else 0)

    def entry(self, instance, index):
        number = sum(self.of_segment(i) for i in range(1, instance)) + index
        minutes, days = number % 60, number // 60
        return (bcd(20, 26, 1 + days // 28, 1 + days % 28, 7, minutes, 0, 0)
                + sequence([u16(100 + number % 60), u16(60 + number % 30), u16(70 + number % 40)])
                + u16(50 + number % 50))

    def segment_info(self, instance):
        entry_map = u16(0x8000) + sequence([
            u16(NUMERIC, 2, 18948, 1) + sequence([u16(2677, 10)]), u16(NUMERIC, 2, 18474, 2) + sequence([u16(2636, 2)])])
        attributes = [attribute(2338, u16(instance)), attribute(2638, entry_map), attribute(2387, u16(0)),
                      attribute(2427, u32(self.of_segment(instance)))]
        if self.person is not None:
            attributes.append(attribute(2639, u16(self.person)))
        return u16(instance) + sequence(attributes)

    # ------------------------------------------------------------ what it says

    def start(self):
        self.state = "associating"
        information = (u32(0x80000000) + u16(0x8000) + u32(0x80000000) + u32(0) + u32(0x00800000)
                       + string(self.system_id) + u16(self.config_id) + u16(1) + b"\x01\x00" + sequence([]))
        return [apdu(AARQ, u32(0x80000000) + sequence([u16(20601) + string(information)]))]

    def release(self):
        self.state = "disassociating"
        return [apdu(RLRQ, u16(0))]

    def event(self, handle, kind, info):
        self.invoke = (self.invoke + 1) % 0x10000
        self.open = self.invoke
        return [data(self.invoke, 0x0101, u16(handle) + u32(0xFFFFFFFF) + u16(kind) + string(info))]

    def report(self, number):
        """A measurement; sent when the one before is answered."""
        stamp = bcd(20, 26, 3, 4, 8, number % 60, 0, 0)
        compound = u16(1) + string(sequence([u16(120 + number), u16(80), u16(93)]) + stamp)
        pulse = u16(2) + string(u16(60 + number) + stamp)
        scans = sequence([compound, pulse])
        if self.person is None:
            self.waiting.append((NOTI_FIXED, u16(0xF000, number) + scans))
        else:
            self.waiting.append((NOTI_MP_FIXED, u16(0xF000, number) + sequence([u16(self.person) + scans])))
        return self.proceed()

    def proceed(self):
        if self.state != "operating" or self.open is not None:
            return []
        if self.transfer:
            instance, index = self.transfer
            count = min(PER_EVENT, self.of_segment(instance) - index)
            last = index + count == self.of_segment(instance)
            status = (0x8000 if index == 0 else 0) | (0x4000 if last else 0)
            entries = b"".join(self.entry(instance, index + i) for i in range(count))
            return self.event(STORE, NOTI_SEGMENT, u16(instance) + u32(index) + u32(count) + u16(status) + string(entries))
        if self.waiting:
            return self.event(0, *self.waiting.pop(0))
        return []

    # ------------------------------------------------------------ what it hears

    def receive(self, octets):
        if self.silent:
            return []
        choice, length = struct.unpack(">HH", octets[:4])
        body = octets[4:]
        assert length == len(body), "an APDU of the wrong length"
        if choice == AARE:
            return self.associated(struct.unpack(">H", body[:2])[0])
        if choice == RLRQ:
            self.state = "unassociated"
            return [apdu(RLRE, u16(0))]
        if choice in (RLRE, ABRT):
            self.seen["aborts"] += choice == ABRT
            self.state = "unassociated"
            return []
        assert choice == PRST, "no APDU for an agent"
        invoke, operation, size = struct.unpack(">HHH", body[2:8])
        content = body[8:]
        assert size == len(content) and struct.unpack(">H", body[:2])[0] == len(body) - 2, "lengths that do not agree"
        return self.operation(invoke, operation, content)

    def associated(self, result):
        if self.state != "associating":     # it was asked for before an abort
            self.state = "unassociated"
            return [apdu(ABRT, u16(0))]
        if result == 0:
            self.state = "operating"
            return self.proceed()
        if result == 3:
            self.state = "configuring"
            self.seen["configurations"] += 1
            return self.event(0, NOTI_CONFIG, u16(self.config_id) + sequence(self.objects()))
        self.state = "unassociated"
        return []

    def operation(self, invoke, operation, content):
        handle = struct.unpack(">H", content[:2])[0]
        if operation == 0x0201:
            return self.answered(invoke, content)
        if operation == 0x0103:
            if handle == 0:
                return [data(invoke, 0x0203, u16(0) + self.mds())]
            if handle == STORE and self.segments:
                return [data(invoke, 0x0203, u16(STORE) + sequence([
                    attribute(2385, u16(self.segments)), attribute(2660, u32(80_000)), attribute(2372, u32(self.entries))]))]
            return [data(invoke, 0x0300, u16(1) + string(b""))]
        if operation == 0x0107:
            return self.act(invoke, handle, struct.unpack(">H", content[2:4])[0], content[6:])
        return [data(invoke, 0x0400, u16(101))]

    def answered(self, invoke, content):
        if invoke != self.open:
            self.state = "unassociated"
            return [apdu(ABRT, u16(0))]
        kind, info = struct.unpack(">H", content[6:8])[0], content[10:]
        self.open = None
        if kind == NOTI_CONFIG:
            assert info[:2] == u16(self.config_id)
            if info[2:] == u16(0):
                self.state = "operating"
        elif kind == NOTI_SEGMENT:
            instance, index, count, status = struct.unpack(">HIIH", info)
            assert (instance, index) == self.transfer
            self.transfer = None
            if status & 0x0080:
                self.seen["confirmedEntries"] += count
                if index + count < self.of_segment(instance):
                    self.transfer = (instance, index + count)
        else:
            self.seen["confirmed"] += 1
        return self.proceed()

    def act(self, invoke, handle, action, info):
        def answer(octets):
            return data(invoke, 0x0207, u16(handle, action) + string(octets))
        if action == ACT_SET_TIME:
            self.seen["time"] = info[:8].hex()
            return [answer(b"")]
        if handle != STORE or not self.segments:
            return [data(invoke, 0x0300, u16(1) + string(b""))]
        if action == ACT_CLEAR:
            self.seen["cleared"] += 1
            return [answer(info)]
        if action == ACT_INFO:
            return [answer(sequence([self.segment_info(i) for i in range(1, self.segments + 1)]))]
        if action == ACT_TRANSFER:
            instance = struct.unpack(">H", info)[0]
            if not 1 <= instance <= self.segments:
                return [answer(u16(instance, 1))]
            if not self.of_segment(instance):
                return [answer(u16(instance, 3))]
            self.transfer = (instance, 0)
            return [answer(u16(instance, 0))] + self.proceed()
        return [data(invoke, 0x0300, u16(9) + string(b""))]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config-id", type=lambda text: int(text, 0), default=0x4000)
    parser.add_argument("--entries", type=int, default=0)
    parser.add_argument("--segments", type=int, default=0)
    parser.add_argument("--person", type=int)
    parser.add_argument("--silent", action="store_true")
    options = parser.parse_args()
    agent = X73Agent(config_id=options.config_id, entries=options.entries, segments=options.segments,
                     person=options.person, silent=options.silent)
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        if word == "state":
            print(json.dumps({"state": agent.state, **agent.seen}), flush=True)
            continue
        if word == "start":
            answers = agent.start()
        elif word == "release":
            answers = agent.release()
        elif word == "report":
            answers = agent.report(int(rest))
        elif word == "cut":     # the transport is gone, and what was under way with it
            agent.state, agent.open, agent.transfer, answers = "unassociated", None, None, []
        else:
            answers = agent.receive(bytes.fromhex(word))
        print(" ".join(answer.hex() for answer in answers), flush=True)


if __name__ == "__main__":
    main()
