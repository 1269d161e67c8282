#!/usr/bin/env python3
"""A second decoder of the vendors' formats, to compare the gateway's own with. Standard library only.

Written from what is known of the formats (the sources that vendor_golden.txt names), never from the gateway's code.
Reads lines "FORMAT HEX" and answers as gatt_oracle.py does, by the same conventions. Two formats end in "+": their frame
comes without its checksum, which is put behind it first, so that a change of the frame is not refused for that alone.
"""

from gatt_oracle import Missing, date_time, number, serve, status, sfloat, take, DATE_TIME


def nothing_after(value, size, field):
    if len(value) > size:
        raise Missing(field)


def minutes(year, month, day, hour, minute):
    """A time of a two-digit year and no seconds."""
    return date_time([2000 + year, month, day, hour, minute, 0])


# ---------------------------------------------------------------- Beurer's 0x2A35

def beurer(value):
    """As 0x2A35, but the user is always there, and pulse and status have their high octet first."""
    flags = number(value, 0, 1, "Flags")
    result = {"flags": flags, "unit": "kPa" if flags & 1 else "mmHg"}
    for at, field, member in ((1, "Systolic", "systolic"), (3, "Diastolic", "diastolic"),
                              (5, "Mean Arterial Pressure", "meanArterialPressure")):
        result[member] = sfloat(number(value, at, 2, field))
    at = 7
    if flags & 2:
        parts = []
        for field, size in DATE_TIME:
            parts.append(number(value, at, size, "Time Stamp: " + field))
            at += size
        result["timeStamp"] = date_time(parts)
    if flags & 4:
        high, low = take(value, at, 2, "Pulse Rate")
        result["pulseRate"] = sfloat(high * 256 + low)
        at += 2
    user = number(value, at, 1, "User ID")
    result["userID"] = user if user < 255 else None
    at += 1
    if flags & 16:
        high, low = take(value, at, 2, "Measurement Status")
        result["status"] = status(high * 256 + low)
        at += 2
    if value[at:]:
        result["trailing"] = value[at:].hex().upper()
    return result


# ---------------------------------------------------------------- A&D

def and_frame(value):
    size = number(value, 0, 1, "Size")
    if size < 2 or size > 19:
        raise Missing("Size")
    kind = number(value, 1, 1, "Type")
    command = number(value, 2, 1, "Command")
    content = take(value, 3, size - 2, "Value")
    result = {"type": {0: "read", 1: "write", 2: "response"}.get(kind, kind), "command": command,
              "value": content.hex().upper()}
    if kind == 2 and command == 0xD6 and content:
        result["bufferIsOn"] = content[0] > 0
    if value[1 + size:]:
        result["trailing"] = value[1 + size:].hex().upper()
    return result


# ---------------------------------------------------------------- Microlife

def microlife_reply(value):
    for at, field, expected in ((0, "Start", 0x4D), (1, "Direction", 0x3A)):
        if number(value, at, 1, field) != expected:
            raise Missing(field)
    length = int.from_bytes(take(value, 2, 2, "Length"), "big")
    # At most 255 records of 10 octets behind 38, and the checksum.
    if not 1 <= length <= 2589:
        raise Missing("Length")
    payload = take(value, 4, length - 1, "Payload")
    checksum = number(value, 3 + length, 1, "Checksum")
    nothing_after(value, 4 + length, "Checksum")
    if sum(value[:3 + length]) % 256 != checksum:
        raise Missing("Checksum")
    return {"payload": payload.hex().upper()}


def microlife_reply_unsummed(value):
    return microlife_reply(value + bytes([sum(value) % 256]))


RECORD = ("Systolic", "Diastolic", "Pulse Rate", "Year", "Month", "Day", "Hours", "Minutes", "Flags", "Reserved")


def microlife_records(value):
    header = take(value, 0, 38, "Header")
    count = header[3]
    records = []
    for index in range(count):
        row = [number(value, 38 + 10 * index + at, 1, "Record %d: %s" % (index + 1, field))
               for at, field in enumerate(RECORD)]
        year, month, day, hour, minute = row[3:8]
        dated = month or day
        records.append({
            "systolic": row[0], "diastolic": row[1], "pulseRate": row[2],
            "timeStamp": minutes(year, month, day, hour, minute) if dated else None,
            "flags": row[8], "cuffFitted": row[8] >= 128, "irregularPulse": row[8] % 128 >= 64})
    nothing_after(value, 38 + 10 * count, "Records")
    return {"header": header.hex().upper(), "records": records}


def microlife_patient_id(value):
    number(value, 0, 1, "Command")
    user = number(value, 1, 1, "User")
    first = take(value, 2, 20, "Patient ID 1")
    number(value, 22, 1, "Separator")
    second = take(value, 23, 20, "Patient ID 2")

    def name(octets):
        return "".join(chr(o) for o in octets if 32 <= o < 127).strip(" ")
    return {"user": user, "patientID1": name(first), "patientID2": name(second)}


# ---------------------------------------------------------------- Viatom

def crc8(value):
    """Bit by bit: the remainder of the value times x^8, divided by x^8 + x^2 + x + 1."""
    remainder = int.from_bytes(value, "big") << 8
    for bit in range(remainder.bit_length() - 1, 7, -1):
        if remainder >> bit & 1:
            remainder ^= 0x107 << (bit - 8)
    return remainder


def viatom_packet(value):
    if number(value, 0, 1, "Header") != 0xA5:
        raise Missing("Header")
    command = number(value, 1, 1, "Command")
    if command + number(value, 2, 1, "Complement of Command") != 255:
        raise Missing("Complement of Command")
    direction = number(value, 3, 1, "Direction")
    sequence = number(value, 4, 1, "Sequence Number")
    length = number(value, 5, 2, "Length")
    if length > 2048:
        raise Missing("Length")
    payload = take(value, 7, length, "Payload")
    crc = number(value, 7 + length, 1, "CRC")
    nothing_after(value, 8 + length, "CRC")
    if crc8(value[:7 + length]) != crc:
        raise Missing("CRC")
    return {"command": command, "direction": direction, "sequenceNumber": sequence, "payload": payload.hex().upper()}


def viatom_packet_unsummed(value):
    return viatom_packet(value + bytes([crc8(value)]))


def viatom_files(value):
    names = []
    count = number(value, 0, 1, "Number of Files")
    for index in range(count):
        name = take(value, 1 + 16 * index, 16, "File Name").partition(b"\0")[0]
        if any(not 32 <= octet < 127 for octet in name):
            raise Missing("File Name")
        names.append(name.decode("ascii"))
    nothing_after(value, 1 + 16 * count, "File Name")
    return {"names": names}


def viatom_device(value):
    """Model at 9 (8 octets), clock at 24 (7 octets), length of the serial number at 37, serial number after it."""
    def name(octets):
        return "".join(chr(o) if 32 <= o < 127 else "?" for o in octets.partition(b"\0")[0])
    take(value, 0, 9, "Versions")
    model = take(value, 9, 8, "Model")
    take(value, 17, 7, "Versions")
    at = 24
    parts = []
    for field, size in DATE_TIME:
        parts.append(number(value, at, size, "Clock: " + field))
        at += size
    take(value, 31, 6, "Padding")
    serial = take(value, 38, number(value, 37, 1, "Serial Number Length"), "Serial Number")
    return {"model": name(model), "clock": date_time(parts), "serialNumber": name(serial)}


VIATOM_RECORD = (("Timestamp", 4, "timestamp"), ("User ID", 4, "userID"), ("Status", 1, "status"), ("Reserved", 4, None),
                 ("Systolic", 2, "systolic"), ("Diastolic", 2, "diastolic"),
                 ("Mean Arterial Pressure", 2, "meanArterialPressure"), ("Pulse Rate", 2, "pulseRate"),
                 ("Padding", 16, None))


def viatom_bp_file(value):
    header = take(value, 0, 10, "Header")
    records, empty = [], 0
    for place, start in enumerate(range(10, len(value), 37), 1):
        at, record = start, {}
        for field, size, member in VIATOM_RECORD:
            content = number(value, at, size, "Record %d: %s" % (place, field))
            at += size
            if member:
                record[member] = content
                if member == "status":
                    record["irregularPulse"] = content == 1
        if record["systolic"] == record["diastolic"] == 0:
            empty += 1
        else:
            records.append(record)
    return {"header": header.hex().upper(), "emptyPlaces": empty, "records": records}


# ---------------------------------------------------------------- Etekcity, Yonker

def etekcity(value):
    starts = {"A502010700": 13, "A522021300": 20, "A522020A00": 16, "00": 5}
    text = value.hex().upper()
    start = next((s for s in starts if text.startswith(s)), None)
    if start is None:
        raise Missing("Header")
    take(value, 0, starts[start], "Frame")
    nothing_after(value, starts[start], "Frame")
    if start == "A502010700":
        return {"displayUnit": "kPa" if value[10] == 1 else "mmHg"}
    if start == "A522021300":
        return {"user": value[14], "systolic": value[15], "diastolic": value[17]}
    if start == "A522020A00":
        return {"failure": value[15] + 1}
    return {"pulseRate": value[1], "flags": value[3], "bodyMovement": value[3] % 2 == 1, "irregularPulse": value[3] == 4}


def yonker(value):
    fields = (("Frame Type", 1), ("Systolic", 1), ("Diastolic", 1), ("Pulse Rate", 1), ("Unknown", 2), ("Day", 1),
              ("Month", 1), ("Year", 1), ("Hours", 1), ("Minutes", 1), ("Reserved", 4))
    found, at = {}, 0
    for field, size in fields:
        found[field] = number(value, at, size, field)
        at += size
        if found["Frame Type"] != 0x81:
            raise Missing("Frame Type")
    nothing_after(value, at, "Reserved")
    return {"systolic": found["Systolic"], "diastolic": found["Diastolic"], "pulseRate": found["Pulse Rate"],
            "timeStamp": minutes(*(found[f] for f in ("Year", "Month", "Day", "Hours", "Minutes")))}


# ---------------------------------------------------------------- advertisements (behind the company's number)

def polar(value):
    at = 0
    while number(value, at, 1, "Flags") & 0x40:
        length = number(value, at + 1, 1, "Section Length")
        take(value, at + 2, length, "Section")
        at += 2 + length
    flags = value[at]
    number(value, at + 1, 1, "kHz Code")
    rate = number(value, at + 2, 1, "Heart Rate")
    result = {"flags": flags, "sensorContact": bool(flags & 2), "counter": flags // 4 % 8, "heartRate": rate}
    over = value[at + 3:]
    if len(over) == 1:
        result["heartRate"] = over[0]
        result["fastHeartRate"] = rate
    elif over:
        result["trailing"] = over.hex().upper()
    return result


def xoss(value):
    number(value, 0, 1, "Unknown")
    battery = number(value, 1, 1, "Battery")
    number(value, 2, 1, "Unknown")
    rate = number(value, 3, 1, "Heart Rate")
    nothing_after(value, 4, "Heart Rate")
    return {"battery": battery, "heartRate": rate}


FORMATS = {
    "beurer": beurer,
    "and-frame": and_frame,
    "microlife-reply": microlife_reply,
    "microlife-reply+": microlife_reply_unsummed,
    "microlife-records": microlife_records,
    "microlife-patient-id": microlife_patient_id,
    "viatom-packet": viatom_packet,
    "viatom-packet+": viatom_packet_unsummed,
    "viatom-files": viatom_files,
    "viatom-device": viatom_device,
    "viatom-bp-file": viatom_bp_file,
    "etekcity": etekcity,
    "yonker": yonker,
    "polar": polar,
    "xoss": xoss,
}


if __name__ == "__main__":
    serve(FORMATS)
