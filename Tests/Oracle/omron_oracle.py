#!/usr/bin/env python3
"""A second decoder of what Omron cuffs keep in their memory, to compare the gateway's own with. Standard library only.

Written from the published facts about the layouts (bit numbers of omblepy's and hass-omron's tables, and the sums at
the end of records), never from the gateway's code. Records with the most significant octet of a word first are read here by
those bit numbers, counted from the front of the record; the gateway reads them by exchanging octets.

Reads lines "LAYOUT HEX" (HEX may be empty) and writes one line of JSON for each:
the values, or {"error": "<field>"} with the first field that cannot be had.

With the word `build` it writes omron_golden.txt instead: values of nobody, put together here bit by bit.
"""

import sys

sys.dont_write_bytecode = True
from gatt_oracle import Missing, date_time, dump, take  # noqa: E402


# ---------------------------------------------------------------- sums

def checksum(covered, total, beside, loose=False):
    """What `total` and the octet `beside` it say of the covered octets."""
    right = sum(covered) % 256
    if total == right and beside == 255 - right:
        return "sum-and-complement"
    if total == right and beside == 0:
        return "sum-and-zero"
    if total == right and loose:
        return "sum"
    return "absent" if (total, beside) in ((0, 0), (255, 255)) else "mismatch"


def fields(value, table):
    """Checks that the value is made of these fields, and of nothing else."""
    at = 0
    for name, size in table:
        take(value, at, size, name)
        at += size
    if len(value) > at:
        raise Missing(table[-1][0])


# ---------------------------------------------------------------- records

def bits(value, first, last):
    """Bits `first` to `last` of all octets in a row, 0 being the highest of the first octet."""
    width = 8 * len(value)
    return (int.from_bytes(value, "big") >> (width - 1 - last)) & ((1 << (last - first + 1)) - 1)


def little_endian(size):
    names = [("Systolic", 1), ("Diastolic", 1), ("Pulse Rate", 1), ("Year", 1), ("Date", 2), ("Time", 2),
             ("Octets 8–%d" % (size - 3), size - 10), ("Checksum", 2)]

    def decode(value):
        fields(value, names)
        if value[0] >= 0xE1 or value == b"\xff" * size:
            return empty(value)
        date, time = (int.from_bytes(value[i:i + 2], "little") for i in (4, 6))
        if not any((value[1], value[2], value[3], date, time)):
            return empty(value)
        second = time % 64
        return {
            "unit": "mmHg", "systolic": 25 + value[0], "diastolic": value[1], "pulseRate": value[2],
            "dateTime": date_time([2000 + value[3] % 64, date // 1024 % 16, date // 32 % 32, date % 32,
                                   time // 64 % 64, second if second < 60 else 59]),
            "irregularHeartbeat": date // 16384 % 2 == 1, "bodyMovement": date // 32768 == 1,
            "cuffFit": time // 4096 % 2 == 1, "batteryLow": time // 8192 % 2 == 1, "position": time // 16384,
            "disputed": ["batteryLow"], "sequenceNumber": value[10] + 256 * value[11],
            "checksum": checksum(value[:size - 2], value[size - 2], value[size - 1]), "raw": value.hex().upper()}
    return decode


def big_endian(first_year_bit, bit_32):
    names = [("Diastolic", 1), ("Systolic", 1), ("Year", 1), ("Pulse Rate", 1), ("Date", 2), ("Time", 2),
             ("Octets 8–11", 4), ("Checksum", 2)]

    def decode(value):
        fields(value, names)
        if set(value) == {255} or not (value[0] or any(value[2:8])):
            return empty(value)
        one, two = bits(value, 32, 32) == 1, bits(value, 33, 33) == 1
        settled = {"irregularHeartbeat": (one, two), "bodyMovement": (two, one)}.get(bit_32)
        if settled is None:
            settled = (one, two) if one == two else (None, None)
        result = {
            "unit": "mmHg", "systolic": bits(value, 8, 15) + 25, "diastolic": bits(value, 0, 7),
            "pulseRate": bits(value, 24, 31),
            "dateTime": date_time([bits(value, first_year_bit, 23) + 2000, bits(value, 34, 37), bits(value, 38, 42),
                                   bits(value, 43, 47), bits(value, 52, 57), min(bits(value, 58, 63), 59)]),
            "irregularHeartbeat": settled[0], "bodyMovement": settled[1]}
        if bit_32 is None:
            result.update(upperFlag=one, lowerFlag=two)
        result.update(
            cuffFit=bits(value, 51, 51) == 1, batteryLow=bits(value, 50, 50) == 1, position=bits(value, 48, 49),
            disputed=(["irregularHeartbeat", "bodyMovement"] if bit_32 is None else []) + ["batteryLow"],
            checksum=checksum(value[:12], value[13], value[12]), raw=value.hex().upper())
        return result
    return decode


def empty(value):
    return {"empty": True, "raw": value.hex().upper()}


# ---------------------------------------------------------------- clocks

LINEAR = ("Year", "Month", "Day", "Hours", "Minutes", "Seconds")
MIXED = ("Month", "Year", "Hours", "Day", "Seconds", "Minutes")


def clock(size, start, order, sum_at):
    names = ([("Settings", start)] + [(name, 1) for name in order]
             + [("Settings", size - start - 8), ("Checksum", 1), ("Checksum", 1)])

    def decode(value):
        fields(value, names)
        parts = dict(zip(order, value[start:]))
        parts["Year"] += 2000
        beside = value[size - 1] if sum_at == size - 2 else value[size - 2]
        return {"dateTime": date_time([parts[name] for name in LINEAR]),
                "checksum": checksum(value[:size - 2], value[sum_at], beside, size == 10), "raw": value.hex().upper()}
    return decode


# ---------------------------------------------------------------- frames and messages

TYPES = {"0000": "start", "0100": "read", "01c0": "write", "0f00": "end",
         "8000": "startReply", "8100": "readReply", "81c0": "writeReply", "8f00": "endReply"}


def frame(value):
    length = take(value, 0, 1, "Length")[0]
    if length < 8:
        raise Missing("Length")
    fields(value, [("Length", 1), ("Type", 2), ("Address", 2), ("Count", 1), ("Data", length - 8), ("Result", 1),
                   ("Checksum", 1)])
    folded = 0
    for octet in value:
        folded ^= octet
    if folded:
        raise Missing("Checksum")
    kind = TYPES.get(value[1:3].hex())
    if kind is None:
        raise Missing("Type")
    data = value[6:-2]
    if kind == "write" and len(data) != value[5] or kind == "readReply" and data and len(data) != value[5]:
        raise Missing("Count")
    if data and kind not in ("write", "readReply", "writeReply", "startReply"):
        raise Missing("Length")
    return {"kind": kind, "address": int.from_bytes(value[3:5], "big"), "count": value[5], "data": data.hex().upper(),
            "result": value[-2]}


def sealed(value):
    """A frame that comes without its checksum: with it."""
    folded = 0
    for octet in value:
        folded ^= octet
    return frame(value + bytes([folded]))


def advertisement(value):
    form, flags = take(value, 0, 1, "Format")[0], take(value, 1, 1, "Flags")[0]
    if form not in (1, 2, 3, 6, 8, 9):
        raise Missing("Format")
    result = {"format": form, "flags": flags, "userCount": flags % 4, "invalidTime": bool(flags & 4),
              "pairing": bool(flags & 8)}
    if form != 3:
        result.update(streaming=bool(flags & 16), serviceUUIDMode=bool(flags & 32), dataPending=bool(flags & 64))
    return {**result, "rest": value[2:].hex().upper()}


UNLOCK = {0x80: ("keyStored", "keyRefused"), 0x81: ("unlocked", "locked"), 0x82: ("readyForKey", "notReadyForKey"),
          0x91: ("token", "tokenRefused"), 0xFF: ("error", "error")}


def unlock(value):
    message = take(value, 0, 1, "Message")[0]
    if message not in UNLOCK:
        raise Missing("Message")
    status = take(value, 1, 1, "Status")[0]
    reply = UNLOCK[message][status != 0]
    result = {"reply": reply}
    if reply == "token":
        result["token"] = int.from_bytes(take(value, 2, 4, "Token"), "big")
    elif status or reply == "error":
        result["status"] = status
    return result


def index(order, mask=0xFF, slots=100):
    def user(cursor, unread):
        last = None if cursor == 0x8000 else ((cursor & mask) - 1) % slots
        return {"cursor": cursor, "lastSlot": last, "unread": unread % 256}

    def decode(value):
        fields(value, [("Index", 8)])
        words = [int.from_bytes(value[i:i + 2], order) for i in range(0, 8, 2)]
        cleared = value[:4] + (0x8000).to_bytes(2, order) * 2
        return {"users": [user(words[0], words[2]), user(words[1], words[3])], "cleared": cleared.hex().upper()}
    return decode


LAYOUTS = {
    "LE-14": little_endian(14),
    "LE-16": little_endian(16),
    "BE-14-8": big_endian(16, None),
    "BE-14-6": big_endian(18, None),
    "BE-14-8-MOV": big_endian(16, "bodyMovement"),
    "BE-14-6-IHB": big_endian(18, "irregularHeartbeat"),
    "CLOCK-CLASSIC-MIXED": clock(10, 2, MIXED, 9),
    "CLOCK-LINEAR-10": clock(10, 2, LINEAR, 9),
    "CLOCK-MODERN-8": clock(16, 8, LINEAR, 14),
    "CLOCK-CLASSIC-8": clock(16, 8, MIXED, 15),
    "FRAME": frame,
    "SEALED": sealed,
    "ADVERTISEMENT": advertisement,
    "UNLOCK": unlock,
    "INDEX-LE": index("little"),
    "INDEX-BE": index("big"),
    "INDEX-3FFF": index("little", 0x3FFF, 1000),
}


# ---------------------------------------------------------------- building

def joined(*parts):
    """Octets of (value, width) parts, the first being the highest bits."""
    text = "".join(format(value, "0%db" % width) for value, width in parts)
    return [int(text[i:i + 8], 2) for i in range(0, len(text), 8)]


def built_record(layout, systolic, diastolic, pulse, date, time, irregular=0, moved=0, fit=1, battery=0, position=0,
                 middle=(0, 0, 0, 0), form="complement", size=14):
    """`middle`: the octets from 8 to the sum, in their order; `form`: complement, zero, wrong or none."""
    year, month, day = date
    upper, lower = (irregular, moved) if layout.endswith("IHB") else (moved, irregular)
    date_word = joined((upper, 1), (lower, 1), (month, 4), (day, 5), (time[0], 5))
    time_word = joined((position, 2), (battery, 1), (fit, 1), (time[1], 6), (time[2], 6))
    if layout.startswith("LE"):
        octets = [systolic - 25, diastolic, pulse, year - 2000] + date_word[::-1] + time_word[::-1] + list(middle)
    else:
        octets = [diastolic, systolic - 25, year - 2000, pulse] + date_word + time_word + list(middle)
    total = sum(octets) % 256
    pair = {"complement": [total, 255 - total], "zero": [total, 0], "wrong": [(total + 1) % 256, 0],
            "none": [0, 0]}[form]
    return bytes(octets + (pair if layout.startswith("LE") else pair[::-1]))


def built_clock(front, parts, order, end):
    octets = list(front) + [dict(zip(LINEAR, parts))[name] for name in order]
    total = sum(octets) % 256
    return bytes(octets + {"sum0": [total, 0], "0sum": [0, total], "~sum": [255 - total, total],
                           "?sum": [0x5A, total]}[end])


def built_frame(kind, address, count, data=b"", result=0):
    body = bytes([8 + len(data)]) + bytes.fromhex(kind) + address.to_bytes(2, "big") + bytes([count]) + data
    return body + bytes([result])


def build():
    record, some = built_record, range(16)
    return [
        ("LE-14", record("LE-14", 118, 76, 64, (2031, 2, 3), (7, 8, 9), middle=(0, 0, 1, 0)),
         "118/76 64 2031-02-03 07:08:09, sum and complement"),
        ("LE-14", record("LE-14", 142, 91, 71, (2031, 12, 31), (23, 59, 63), irregular=1, middle=(0x80, 2, 0xFF, 1),
                         form="zero"), "142/91 71 2031-12-31 23:59:59 (stored as 63), irregular, sum and 0"),
        ("LE-14", record("LE-14", 25, 0, 255, (2063, 2, 30), (24, 60, 0), moved=1, fit=0, battery=1, position=3,
                         form="wrong"), "30 February, hour 24, minute 60, moved, loose, wrong sum"),
        ("LE-14", record("LE-14", 130, 80, 60, (2030, 0, 0), (0, 0, 0), form="none"), "no date, no sum"),
        ("LE-14", b"\xff" * 14, "an empty slot"),
        ("LE-14", bytes(14), "a cleared slot"),
        ("LE-14", b"\xe1" + record("LE-14", 100, 60, 60, (2030, 1, 1), (1, 1, 1))[1:], "systolic 0xE1: empty"),
        ("LE-14", b"\xe0" + record("LE-14", 100, 60, 60, (2030, 1, 1), (1, 1, 1))[1:], "systolic 249, wrong sum"),
        ("LE-16", record("LE-16", 125, 83, 58, (2032, 2, 29), (12, 0, 30), position=2, middle=(0, 0, 7, 0, 0, 1),
                         form="zero"), "125/83 58 2032-02-29 12:00:30, second of three"),
        ("LE-16", b"\xff" * 16, "an empty slot"),
        ("BE-14-8", record("BE", 133, 85, 77, (2100, 6, 15), (18, 45, 5), middle=(0, 0, 0x14, 0)),
         "133/85 77 2100-06-15 18:45:05"),
        ("BE-14-8", record("BE", 133, 85, 77, (2031, 6, 15), (18, 45, 5), moved=1), "one of the two flags"),
        ("BE-14-8", record("BE", 133, 85, 77, (2031, 6, 15), (18, 45, 5), moved=1, irregular=1), "both flags"),
        ("BE-14-8", b"\xff" * 14, "an empty slot"),
        ("BE-14-6", record("BE", 280, 255, 40, (2063, 4, 31), (0, 0, 0), irregular=1, fit=0, position=1, form="zero"),
         "31 April; 280 mmHg is no empty slot here"),
        ("BE-14-6-IHB", record("BE-IHB", 119, 79, 66, (2029, 9, 9), (9, 9, 60), irregular=1), "irregular, settled"),
        ("BE-14-8-MOV", record("BE-MOV", 119, 79, 66, (2029, 9, 9), (9, 9, 9), moved=1, battery=1), "moved, settled"),
        ("CLOCK-CLASSIC-MIXED", built_clock((3, 4), (31, 5, 6, 7, 8, 9), MIXED, "?sum"), "2031-05-06 07:08:09"),
        ("CLOCK-CLASSIC-MIXED", built_clock((3, 4), (31, 5, 6, 7, 8, 9), MIXED, "0sum"), "the same, as written"),
        ("CLOCK-LINEAR-10", built_clock((1, 2), (31, 5, 6, 7, 8, 9), LINEAR, "0sum"), "2031-05-06 07:08:09"),
        ("CLOCK-MODERN-8", built_clock((9, 8, 7, 0, 0, 3, 2, 1), (31, 5, 6, 7, 8, 9), LINEAR, "sum0"),
         "2031-05-06 07:08:09"),
        ("CLOCK-MODERN-8", b"\xff" * 16, "never set"),
        ("CLOCK-CLASSIC-8", built_clock((0x90, 0x80, 0, 7, 0, 5, 0, 0), (31, 5, 6, 7, 8, 9), MIXED, "~sum"),
         "2031-05-06 07:08:09"),
        ("FRAME", bytes.fromhex("0800000000100018"), "omblepy: start"),
        ("FRAME", bytes.fromhex("0880000000100098"), "omblepy: its reply"),
        ("FRAME", bytes.fromhex("080100026026004d"), "omblepy: read 38 octets of settings"),
        ("FRAME", bytes.fromhex("080f000000000007"), "omblepy: end"),
        ("FRAME", bytes.fromhex("088f000000000087"), "omblepy: its reply"),
        ("FRAME", bytes.fromhex("0881000e3410e340"), "hass-omron: a read refused"),
        ("SEALED", built_frame("8100", 0x0260, 16, bytes(some)), "16 octets read"),
        ("SEALED", built_frame("8100", 0x0260, 56, bytes(range(56))), "as many as four channels carry"),
        ("SEALED", built_frame("01c0", 0x0286, 16, bytes(some)), "16 octets to be written"),
        ("SEALED", built_frame("81c0", 0x0286, 16), "written"),
        ("SEALED", built_frame("8100", 0x0E34, 16, result=0xE3), "a read refused"),
        ("ADVERTISEMENT", bytes.fromhex("0109000000000000"), "one user, pairing"),
        ("ADVERTISEMENT", bytes.fromhex("0346020000"), "format 3, two users, time not set"),
        ("ADVERTISEMENT", bytes.fromhex("097100000000000000000000"), "one user, data pending"),
        ("UNLOCK", bytes.fromhex("8200"), "ready for a key"),
        ("UNLOCK", bytes.fromhex("820f000000"), "not ready"),
        ("UNLOCK", bytes.fromhex("8104"), "another key"),
        ("UNLOCK", bytes.fromhex("9100deadbeef" + 14 * "00"), "a token"),
        ("UNLOCK", bytes.fromhex("ff26"), "an error"),
        ("INDEX-LE", bytes.fromhex("0600008002800080"), "slot 5, two unread; a user without records"),
        ("INDEX-LE", bytes.fromhex("0080138000800000"), "a newer cuff's cursor"),
        ("INDEX-BE", bytes.fromhex("4000800080000905"), "wraps to the last slot; five unread"),
        ("INDEX-3FFF", bytes.fromhex("e883008000800080"), "slot 999"),
    ]


HEAD = """\
# What Omron cuffs keep in their memory and send: layout, octets in hexadecimal, and after # what they are.
#
# Written by `omron_oracle.py build`, with values of nobody.
# omblepy, hass-omron: frames without readings, of those projects.
"""


def answer(line):
    layout, _, digits = line.strip().partition(" ")
    decode = LAYOUTS.get(layout)
    if decode is None:
        return {"error": "Layout"}
    try:
        return decode(bytes.fromhex(digits))
    except Missing as missing:
        return {"error": missing.args[0]}


def main():
    out = sys.stdout.buffer
    if sys.argv[1:] == ["build"]:
        lines = ["%s %s  # %s\n" % (layout, value.hex(), note) for layout, value, note in build()]
        out.write((HEAD + "\n" + "".join(lines)).encode("utf-8"))
        return
    for line in sys.stdin.buffer:
        out.write(dump(answer(line.decode("ascii"))).encode("utf-8") + b"\n")


if __name__ == "__main__":
    main()
