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
}


if __name__ == "__main__":
    serve(FORMATS)
