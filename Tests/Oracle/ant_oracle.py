#!/usr/bin/env python3
"""A second decoder of what an ANT stick and heart-rate straps say, to compare the gateway's own with. Standard library only.

Written from what is known of the formats (the sources that ant_golden.txt names), never from the gateway's code. Reads
lines "FORMAT HEX" and answers as gatt_oracle.py does, by the same conventions.
"""

from decimal import Decimal
from functools import reduce
from operator import xor

from gatt_oracle import Missing, number, serve, take

CODES = {0: "RESPONSE_NO_ERROR", 1: "EVENT_RX_SEARCH_TIMEOUT", 2: "EVENT_RX_FAIL", 7: "EVENT_CHANNEL_CLOSED",
         8: "EVENT_RX_FAIL_GO_TO_SEARCH", 9: "EVENT_CHANNEL_COLLISION", 21: "CHANNEL_IN_WRONG_STATE",
         22: "CHANNEL_NOT_OPENED", 24: "CHANNEL_ID_NOT_SET", 40: "INVALID_MESSAGE", 41: "INVALID_NETWORK_NUMBER"}
STATES = [None, "new", "good", "ok", "low", "critical", None, None]


def text(octets):
    return bytes(octets).hex().upper()


def message(value):
    if number(value, 0, 1, "SYNC") != 0xA4:
        raise Missing("SYNC")
    size = number(value, 1, 1, "Length")
    if not 0 < size < 61:
        raise Missing("Length")
    name = number(value, 2, 1, "Message ID")
    content = take(value, 3, size, "Content")
    check = number(value, 3 + size, 1, "Checksum")
    if len(value) > 4 + size or reduce(xor, value[:3 + size]) != check:
        raise Missing("Checksum")
    return {"id": name, "content": text(content)}


def message_summed(value):
    """The checksum is left out."""
    return message(bytes(value) + bytes([reduce(xor, value, 0)]))


def stream(value):
    """Every message in it, and how many octets at its end may still become one."""
    found, at = [], 0
    while at < len(value):
        rest = value[at:]
        if rest[0] != 0xA4 or (len(rest) > 1 and (rest[1] == 0 or rest[1] > 60)):
            at += 1
        elif len(rest) < 2 or len(rest) < rest[1] + 4:
            break
        elif reduce(xor, rest[:rest[1] + 4]) == 0:  # with the checksum in it, nothing is left
            found.append(message(rest[:rest[1] + 4]))
            at += rest[1] + 4
        else:
            at += 1
    return {"messages": found, "waiting": len(value) - at}


def response(value):
    channel = number(value, 0, 1, "Channel")
    to = number(value, 1, 1, "Message ID")
    code = number(value, 2, 1, "Message Code")
    result = {"channel": channel}
    if to != 1:
        result["command"] = to
    result.update(code=code, name=CODES.get(code))
    return result


def data(value):
    result = {"channel": number(value, 0, 1, "Channel"), "data": text(take(value, 1, 8, "Data"))}
    at, flags = 10, (value[9] if len(value) > 9 else 0)
    if flags & 128:
        low = number(value, at, 2, "Device Number")
        kind = number(value, at + 2, 1, "Device Type")
        way = number(value, at + 3, 1, "Transmission Type")
        result.update(number=way // 16 * 65536 + low, deviceType=kind % 128, pairing=kind > 127, transmissionType=way)
        at += 4
    if flags & 64:
        kind, strength, threshold = take(value, at, 3, "RSSI")
        result["rssi"] = [kind] + [octet - 256 if octet > 127 else octet for octet in (strength, threshold)]
        at += 3
    if flags & 32:
        result["timestamp"] = number(value, at, 2, "Timestamp")
        at += 2
    if len(value) > at:
        result["trailing"] = text(value[at:])
    return result


def heart_rate(value):
    page = number(value, 0, 1, "Data Page")
    a, b, c = take(value, 1, 3, "Page Specific")
    tail = {"beatTime": number(value, 4, 2, "Heart Beat Event Time"), "beatCount": number(value, 6, 1, "Heart Beat Count"),
            "heartRate": number(value, 7, 1, "Computed Heart Rate") or None}
    if len(value) > 8:
        raise Missing("Computed Heart Rate")
    result, which = {"page": page % 128, "toggle": page >= 128}, page % 128
    if which == 1:
        result["operatingTime"] = 2 * int.from_bytes(value[1:4], "little")
    elif which == 2:
        result.update(manufacturer=a, serialUpperHalf=b + 256 * c)
    elif which == 3:
        result.update(hardware=a, software=b, model=c)
    elif which == 4:
        result["previousBeatTime"] = b + 256 * c
    elif which == 6:
        result.update(supported=b, enabled=c)
    elif which == 7:
        volts = None if c % 16 == 15 else c % 16 + Decimal(b) / 256
        result.update(battery=a if a <= 100 else None, volts=None if volts is None else Decimal(volts),
                      batteryStatus=STATES[c // 16 % 8])
    result.update(tail)
    return result


FORMATS = {
    "ant-message": message,
    "ant-message+": message_summed,
    "ant-stream": stream,
    "ant-response": response,
    "ant-data": data,
    "ant-heart-rate": heart_rate,
}


if __name__ == "__main__":
    serve(FORMATS)
