#!/usr/bin/env python3
"""A second decoder of USB devices' formats, to compare the gateway's own with. Standard library only.

Written from what is known of the formats (the sources that usb_golden.txt names), never from the gateway's code. Reads
lines "FORMAT HEX" and answers as gatt_oracle.py does, by the same conventions.
"""

from functools import reduce
from operator import xor

from gatt_oracle import Missing, date_time, number, serve, take
from omron_oracle import frame


def report(value):
    size = number(value, 0, 1, "Report Length")
    if size > 7:
        raise Missing("Report Length")
    data = take(value, 1, size, "Report Data")
    if len(value) > 8:
        raise Missing("Report Data")
    return {"payload": bytes(data).hex().upper()}


def microlife_report(value):
    size = number(value, 0, 1, "Report Length") % 16
    if size > 7:
        raise Missing("Report Length")
    return {"payload": bytes(take(value, 1, size, "Report Data")).hex().upper()}


def answer(value):
    """The first octet says what was asked; after it the answer's octets."""
    if not value:
        raise Missing("COMMAND")
    asked, value = value[0] % 5, value[1:]
    word = bytes(take(value, 0, 2, "Status"))
    if word == b"NO":
        if len(value) > 2:
            raise Missing("Status")
        return {"refused": True}
    if asked == 3:
        if word != b"OF" or bytes(take(value, 2, 3, "Status")) != b"F\r\n":
            raise Missing("Status")
        return {"off": True}
    if word != b"OK":
        raise Missing("Status")
    if asked == 4:
        if len(value) > 2:
            raise Missing("Status")
        return {"ready": True}
    if number(value, 2, 1, "Status") != 0:
        raise Missing("Status")
    size = (11, 4, 13)[asked]
    data = take(value, 3, size, "Data")
    check = number(value, 3 + size, 1, "Checksum")
    if len(value) > 4 + size or reduce(xor, data, 0) != check:
        raise Missing("Checksum")
    return {"data": bytes(data).hex().upper()}


def answer_unsummed(value):
    if not value:
        raise Missing("COMMAND")
    size = (11, 4, 13, 0, 0)[value[0] % 5]
    return answer(bytes(value) + bytes([reduce(xor, value[4:4 + size], 0)]))


def reading(value):
    fields = ("Year", "Month", "Day", "Hours", "Minutes", "Seconds")
    parts = [number(value, at, 1, field) for at, field in enumerate(fields)]
    parts[0] += 2000
    if number(value, 6, 1, "Unit"):
        raise Missing("Unit")
    high, low = take(value, 7, 2, "Systolic")
    diastolic = number(value, 9, 1, "Diastolic")
    pulse = number(value, 10, 1, "Pulse Rate")
    _, flags = take(value, 11, 2, "Flags")
    if len(value) > 13:
        raise Missing("Flags")
    return {
        "unit": "mmHg", "systolic": high * 256 + low, "diastolic": diastolic, "pulseRate": pulse,
        "dateTime": date_time(parts), "irregularHeartbeat": flags % 2 == 1, "bodyMovement": flags // 2 % 2 == 1,
        "series": flags // 16 % 4, "raw": bytes(value).hex().upper(),
    }


def eeprom_report(value):
    """A report's number, a frame as over Bluetooth, padding up to 64 octets."""
    number(value, 0, 1, "Report Number")
    size = number(value, 1, 1, "Length")
    if len(value) > 64:
        raise Missing("Frame")
    if size < 8:
        raise Missing("Length")
    return frame(bytes(take(value, 1, size, "Frame")))


def eeprom_report_unsummed(value):
    return eeprom_report(bytes(value) + bytes([reduce(xor, value[1:], 0)]))


def columns(value, names):
    return [number(value, at, 1, name) for at, name in enumerate(names)]


def beurer_reading(value):
    systolic, diastolic, pulse, month, day, hours, minutes, year = columns(
        value, ("Systolic", "Diastolic", "Pulse Rate", "Month", "Day", "Hours", "Minutes", "Year"))
    if len(value) != 8:
        raise Missing("Year")
    return {
        "unit": "mmHg", "systolic": systolic + 25, "diastolic": diastolic + 25, "pulseRate": pulse,
        "dateTime": date_time([2000 + year % 128, month % 16, day % 32, hours, minutes, 0]),
        "user": 1 + day // 128, "monthFlag": month > 127, "yearFlag": year > 127, "raw": bytes(value).hex().upper(),
    }


def beurer_bm96(value):
    row = columns(value, ("User", "Index", "Octet 2", "Type", "Hours", "Minutes", "Day", "Month", "Year", "Rest",
                          "Octet 10", "Octet 11", "Octet 12", "Octet 13"))
    if len(value) > 64:
        raise Missing("Octet 13")
    answer = {"user": row[0], "index": row[1]}
    if row[3] == 1:
        answer.update(type="blood-pressure", unit="mmHg", systolic=row[11], diastolic=row[12], pulseRate=row[13])
    elif row[3] == 2:
        answer.update(type="electrocardiogram", pulseRate=row[11])
    else:
        raise Missing("Type")
    return {**answer, "dateTime": date_time([2000 + row[8], row[7], row[6], row[4], row[5], 0]), "rest": row[9],
            "octet10": row[10], "raw": bytes(value[:14]).hex().upper()}


def text_reply(value):
    """06, digits, their sum in two digits; how many records in the first four, and they after 32."""
    if number(value, 0, 1, "Acknowledgement") != 6:
        raise Missing("Acknowledgement")
    head = take(value, 1, 32, "Head")
    text = bytes(value[33:])
    if len(text) < 2:
        raise Missing("Checksum")
    text, check = text[:-2], text[-2:]
    if hexadecimal(check, "Checksum") != (sum(head) + sum(text)) % 256:
        raise Missing("Checksum")
    count = hexadecimal(head[:4], "Count")
    return {"records": [bytes(take(text, 32 * index, 32, "Records")).hex().upper() for index in range(count)]}


def text_reply_unsummed(value):
    return text_reply(bytes(value) + b"%02X" % (sum(value[1:]) % 256))


def hexadecimal(digits, field):
    if any(chr(digit) not in "0123456789abcdefABCDEF" for digit in digits):
        raise Missing(field)
    return int(bytes(digits), 16)


def text_record(value):
    for at, size, field in ((0, 10, "Date"), (10, 6, "Octets 5 to 7"), (16, 8, "Values"), (24, 8, "Octets 12 to 15")):
        hexadecimal(take(value, at, size, field), field)
    if len(value) > 32:
        raise Missing("Octets 12 to 15")
    bits = f"{int(bytes(value[16:24]), 16):032b}"
    pulse, diastolic, systolic = int(bits[2:12], 2), int(bits[12:22], 2), int(bits[22:], 2)
    if not systolic:
        raise Missing("Systolic")
    if not diastolic:
        raise Missing("Diastolic")
    date = bytes(value[:10])
    stamp = None
    if date.isdigit() and date[2:6] != b"0000":
        stamp = date_time([2000 + int(date[:2])] + [int(date[at:at + 2]) for at in (2, 4, 6, 8)] + [0])
    return {"systolic": systolic, "diastolic": diastolic, "pulseRate": pulse, "timeStamp": stamp,
            "unexplained": bytes(value[10:16] + value[24:]).hex().upper(), "raw": bytes(value).hex().upper()}


def contec_identity(value):
    for at, (field, right) in enumerate((("Kind", 0x48), ("Device Type", 0x41))):
        if number(value, at, 1, field) != right:
            raise Missing(field)
    number(value, 2, 1, "Octet 2")
    return {"deviceType": value[1], "protocolVersion": number(value, 3, 1, "Protocol Version")}


def seven_bits(value, start, names):
    """Octets from `start` on, each with bit 7 set: the true bits 7 are those of the first, lowest first."""
    octets = []
    for at, name in enumerate(names, start):
        octet = number(value, at, 1, name)
        if octet < 128:
            raise Missing(name)
        octets.append(octet - 128)
    return [octet + 128 * (octets[0] // 2 ** place % 2) for place, octet in enumerate(octets[1:])]


def contec_header(value):
    if number(value, 0, 1, "Kind") != 0x46:
        raise Missing("Kind")
    if number(value, 1, 1, "Device Type") != 0x41:
        raise Missing("Device Type")
    high, low, *_ = seven_bits(value, 2, ("Upper Bits 1", "Count High", "Count", "Octet 5", "Octet 6", "Octet 7",
                                          "Octet 8", "Octet 9"))
    _, _, user = seven_bits(value, 10, ("Upper Bits 2", "Octet 11", "Octet 12", "User"))
    if 256 * high + low > 100:
        raise Missing("Count")
    if user not in (1, 2, 3):
        raise Missing("User")
    return {"user": user, "count": 256 * high + low}


def contec_reading(value):
    high, systolic, diastolic, pulse, mean, year, month = seven_bits(
        value, 0, ("Upper Bits 1", "Systolic High", "Systolic", "Diastolic", "Pulse Rate", "Mean", "Year", "Month"))
    day, hours, minutes, twelfth, thirteenth = seven_bits(
        value, 8, ("Upper Bits 2", "Day", "Hours", "Minutes", "Octet 12", "Octet 13"))
    if len(value) > 64:
        raise Missing("Octet 13")
    # Without the upper bits, and the systolic pressure either way: would that be a blood pressure?
    low, middle = diastolic % 128, mean % 128
    others = {(top, low, middle) for top in (systolic % 128, systolic % 128 + 128)} - {(systolic, diastolic, mean)}
    rival = any(20 <= b < c < a and 0.2 <= (c - b) / (a - b) <= 0.6 for a, b, c in others)
    sure = high == 0 and diastolic < mean < systolic and not rival
    told = {"systolic": systolic if sure else None, "diastolic": diastolic if sure or diastolic < 128 else None,
            "mean": mean if sure or mean < 128 else None, "pulseRate": pulse if pulse < 158 else None}
    return {"unit": "mmHg", **told, "dateTime": date_time([2000 + year, month, day, hours, minutes, 0]),
            "unexplained": [twelfth, thirteenth], "disputed": [name for name, value in told.items() if value is None],
            "raw": bytes(value[:14]).hex().upper()}


FORMATS = {
    "omron-report": report,
    "omron-answer": answer,
    "omron-answer+": answer_unsummed,
    "omron-reading": reading,
    "omron-eeprom-report": eeprom_report,
    "omron-eeprom-report+": eeprom_report_unsummed,
    "beurer-reading": beurer_reading,
    "beurer-bm96": beurer_bm96,
    "microlife-report": microlife_report,
    "microlife-text": text_reply,
    "microlife-text+": text_reply_unsummed,
    "microlife-text-record": text_record,
    "contec-identity": contec_identity,
    "contec-header": contec_header,
    "contec-reading": contec_reading,
}


if __name__ == "__main__":
    serve(FORMATS)
