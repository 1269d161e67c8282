#!/usr/bin/env python3
"""A second decoder of GATT values, to compare the gateway's own with. Standard library only.

Written from the specifications (GATT Specification Supplement; Blood Pressure Service 1.1.1; Heart Rate Service 1.0;
Pulse Oximeter Service 1.0.1; User Data Service; Device Information, Battery and Current Time Services; ISO/IEEE
11073-20601 for SFLOAT), never from the gateway's code.

Reads lines "UUID HEX" (HEX may be empty) and writes one line of JSON for each:
the values, or {"error": "<field>"} with the first field of the specification that cannot be had.

Conventions of the JSON, shared by both decoders:
  - members in the order of the specification's fields; what was not sent is left out; what was sent as "not known" is null
  - numbers exact and in plain notation; a special value is {"special": nan | nres | +inf | -inf | reserved}
  - octets in capital hexadecimal; "implausible" lists the fields of a date that no clock can show
  - structures opened by flags or feature bits ignore reserved bits and further octets (given as "trailing");
    a value of fixed size that is longer is an error that names its last field
"""

import calendar
import sys
from decimal import Decimal
from json.encoder import encode_basestring


class Missing(Exception):
    """The field of this name is not there, not whole, or not allowed."""


# ---------------------------------------------------------------- layouts

def take(value, at, size, field):
    """The `size` octets of `field` at `at`."""
    part = value[at:at + size]
    if len(part) != size:
        raise Missing(field)
    return part


def number(value, at, size, field):
    return int.from_bytes(take(value, at, size, field), "little")


def fixed(value, *fields):
    """A value made of (name, size) and nothing else: the numbers, in this order."""
    numbers = []
    at = 0
    for name, size in fields:
        numbers.append(number(value, at, size, name))
        at += size
    if len(value) > at:
        raise Missing(fields[-1][0])
    return numbers


# ---------------------------------------------------------------- SFLOAT

SPECIAL = {0x07FF: "nan", 0x0800: "nres", 0x07FE: "+inf", 0x0802: "-inf", 0x0801: "reserved"}
SFLOATS = {}


def sfloat(word):
    """11073-20601: exponent in the high four bits, mantissa in the low twelve, both two's complement."""
    if word not in SFLOATS:
        if word in SPECIAL:
            SFLOATS[word] = {"special": SPECIAL[word]}
        else:
            exponent, mantissa = divmod(word, 0x1000)
            if exponent >= 8:
                exponent -= 16
            if mantissa >= 0x800:
                mantissa -= 0x1000
            SFLOATS[word] = Decimal(mantissa).scaleb(exponent)
    return SFLOATS[word]


# ---------------------------------------------------------------- Date Time

DATE_TIME = (("Year", 2), ("Month", 1), ("Day", 1), ("Hours", 1), ("Minutes", 1), ("Seconds", 1))


def date_time(parts):
    """Year 1582-9999, month 1-12, day 1-31, each 0 when not known; hours 0-23, minutes and seconds 0-59."""
    year, month, day, hours, minutes, seconds = parts
    wrong = []
    known_year = 1582 <= year <= 9999
    if year and not known_year:
        wrong.append("Year")
    if month > 12:
        wrong.append("Month")
    # A leap year stands in for a year that says nothing; a month that says nothing could have 31 days.
    last = calendar.monthrange(year if known_year else 2000, month)[1] if 1 <= month <= 12 else 31
    if day > last:
        wrong.append("Day")
    wrong += [name for name, part, most in
              (("Hours", hours, 23), ("Minutes", minutes, 59), ("Seconds", seconds, 59)) if part > most]
    return {"year": year or None, "month": month or None, "day": day or None,
            "hours": hours, "minutes": minutes, "seconds": seconds, "implausible": wrong}


# ---------------------------------------------------------------- Blood Pressure Service

PULSE_RANGE = ("within", "above", "below", "reserved")


def status(bits):
    return {"raw": bits,
            "bodyMovement": bool(bits & 0b000001),
            "cuffTooLoose": bool(bits & 0b000010),
            "irregularPulse": bool(bits & 0b000100),
            "pulseRateRange": PULSE_RANGE[(bits & 0b011000) // 0b001000],
            "improperPosition": bool(bits & 0b100000)}


def pressures(value, compound):
    """`compound`: for each of the three pressures, the field's name and the member's name (None: not used)."""
    flags = number(value, 0, 1, "Flags")
    result = {"flags": flags, "unit": ("mmHg", "kPa")[flags % 2]}
    at = 1
    for field, member in compound:
        pressure = sfloat(number(value, at, 2, field))
        at += 2
        if member:
            result[member] = pressure
    if flags & 2:
        parts = []
        for field, size in DATE_TIME:
            parts.append(number(value, at, size, "Time Stamp: " + field))
            at += size
        result["timeStamp"] = date_time(parts)
    if flags & 4:
        result["pulseRate"] = sfloat(number(value, at, 2, "Pulse Rate"))
        at += 2
    if flags & 8:
        user = number(value, at, 1, "User ID")
        result["userID"] = None if user == 255 else user
        at += 1
    if flags & 16:
        result["status"] = status(number(value, at, 2, "Measurement Status"))
        at += 2
    if value[at:]:
        result["trailing"] = value[at:].hex().upper()
    return result


def blood_pressure_measurement(value):
    return pressures(value, (("Systolic", "systolic"), ("Diastolic", "diastolic"),
                             ("Mean Arterial Pressure", "meanArterialPressure")))


def intermediate_cuff_pressure(value):
    return pressures(value, (("Current Cuff Pressure", "currentCuffPressure"), ("Diastolic (unused)", None),
                             ("Mean Arterial Pressure (unused)", None)))


FEATURES = ("bodyMovementDetection", "cuffFitDetection", "irregularPulseDetection", "pulseRateRangeDetection",
            "measurementPositionDetection", "multipleBonds", "e2eCRC", "userDataService", "userFacingTime")


def blood_pressure_feature(value):
    bits = number(value, 0, 2, "Blood Pressure Feature")
    result = {"raw": bits}
    for bit, name in enumerate(FEATURES):
        result[name] = bool(bits & 2 ** bit)
    if len(value) > 2:
        result["trailing"] = value[2:].hex().upper()
    return result


# ---------------------------------------------------------------- Heart Rate Service

CONTACT = ("not-supported", "not-supported", "not-detected", "detected")
PLACES = ("other", "chest", "wrist", "finger", "hand", "ear-lobe", "foot")


def heart_rate_measurement(value):
    flags = number(value, 0, 1, "Flags")
    width = 2 if flags & 1 else 1
    result = {"flags": flags, "heartRate": number(value, 1, width, "Heart Rate Measurement Value"),
              "sensorContact": CONTACT[(flags >> 1) & 3]}
    at = 1 + width
    if flags & 8:
        result["energyExpended"] = number(value, at, 2, "Energy Expended")
        at += 2
    if flags & 16:
        # One or more RR-Interval values, to the end of the value.
        octets = len(value) - at
        if octets == 0 or octets % 2:
            raise Missing("RR-Interval")
        result["rrIntervals"] = [number(value, i, 2, "RR-Interval") for i in range(at, len(value), 2)]
    elif value[at:]:
        result["trailing"] = value[at:].hex().upper()
    return result


def body_sensor_location(value):
    place, = fixed(value, ("Body Sensor Location", 1))
    return {"raw": place, "location": PLACES[place] if place < len(PLACES) else "reserved"}


# ---------------------------------------------------------------- Pulse Oximeter Service

def bits_by_name(word, first, names):
    result = {"raw": word}
    for place, name in enumerate(names.split(), first):
        result[name] = (word >> place) % 2 == 1
    return result


def oximeter_measurement_status(word):
    return bits_by_name(word, 5, """measurementOngoing earlyEstimatedData validatedData fullyQualifiedData
        dataFromMeasurementStorage dataForDemonstration dataForTesting calibrationOngoing measurementUnavailable
        questionableMeasurementDetected invalidMeasurementDetected""")


def oximeter_device_status(word):
    return bits_by_name(word, 0, """extendedDisplayUpdateOngoing equipmentMalfunctionDetected
        signalProcessingIrregularityDetected inadequateSignalDetected poorSignalDetected lowPerfusionDetected
        erraticSignalDetected nonPulsatileSignalDetected questionablePulseDetected signalAnalysisOngoing
        sensorInterferenceDetected sensorUnconnectedToUser unknownSensorConnected sensorDisplaced
        sensorMalfunctioning sensorDisconnected""")


class Cursor:
    """The octets of a value, taken from the front."""

    def __init__(self, value):
        self.left = value

    def number(self, size, field):
        taken = number(self.left, 0, size, field)
        self.left = self.left[size:]
        return taken

    def spo2_and_rate(self, field):
        spo2 = sfloat(self.number(2, field + ": SpO2"))
        return {"spO2": spo2, "pulseRate": sfloat(self.number(2, field + ": PR"))}


def oximeter_tail(cursor, result, flags, measurement_bit, device_bit, amplitude_bit):
    """The fields that the spot check and the continuous measurement end with."""
    if flags & measurement_bit:
        result["measurementStatus"] = oximeter_measurement_status(cursor.number(2, "Measurement Status"))
    if flags & device_bit:
        result["deviceAndSensorStatus"] = oximeter_device_status(cursor.number(3, "Device and Sensor Status"))
    if flags & amplitude_bit:
        result["pulseAmplitudeIndex"] = sfloat(cursor.number(2, "Pulse Amplitude Index"))
    if cursor.left:
        result["trailing"] = cursor.left.hex().upper()
    return result


def plx_spot_check_measurement(value):
    cursor = Cursor(value)
    flags = cursor.number(1, "Flags")
    result = {"flags": flags, "deviceClockNotSet": bool(flags & 0x10)}
    result.update(cursor.spo2_and_rate("SpO2PR-Spot-Check"))
    if flags & 1:
        result["timeStamp"] = date_time([cursor.number(size, "Timestamp: " + field) for field, size in DATE_TIME])
    return oximeter_tail(cursor, result, flags, 2, 4, 8)


def plx_continuous_measurement(value):
    cursor = Cursor(value)
    flags = cursor.number(1, "Flags")
    result = {"flags": flags}
    result.update(cursor.spo2_and_rate("SpO2PR-Normal"))
    if flags & 1:
        result["fast"] = cursor.spo2_and_rate("SpO2PR-Fast")
    if flags & 2:
        result["slow"] = cursor.spo2_and_rate("SpO2PR-Slow")
    return oximeter_tail(cursor, result, flags, 4, 8, 16)


def plx_features(value):
    cursor = Cursor(value)
    bits = cursor.number(2, "Supported Features")
    result = {"raw": bits}
    for place, name in enumerate(("measurementStorage", "timeStamp", "fast", "slow", "pulseAmplitudeIndex",
                                  "multipleBonds"), 2):
        result[name] = bool(bits & 2 ** place)
    if bits & 1:
        result["measurementStatusSupport"] = oximeter_measurement_status(
            cursor.number(2, "Measurement Status Support"))
    if bits & 2:
        result["deviceAndSensorStatusSupport"] = oximeter_device_status(
            cursor.number(3, "Device and Sensor Status Support"))
    if cursor.left:
        result["trailing"] = cursor.left.hex().upper()
    return result


# ---------------------------------------------------------------- control points

RACP_CODES = {1: "success", 2: "opCodeNotSupported", 3: "invalidOperator", 4: "operatorNotSupported",
              5: "invalidOperand", 6: "noRecordsFound", 7: "abortUnsuccessful", 8: "procedureNotCompleted",
              9: "operandNotSupported"}


def record_access_control_point(value):
    """Number of Stored Records Response (5) or Response Code (6); the operator is Null, and not looked at."""
    kind = number(value, 0, 1, "Op Code")
    if kind == 5:
        # Two octets in the services' tables; Nordic's library takes one as well.
        width = 1 if len(value) == 3 else 2
        _, _, count = fixed(value, ("Op Code", 1), ("Operator", 1), ("Number of Records", width))
        return {"numberOfRecords": count}
    if kind == 6:
        _, _, request, code = fixed(
            value, ("Op Code", 1), ("Operator", 1), ("Request Op Code", 1), ("Response Code Value", 1))
        return {"requestOpCode": request, "responseCode": code, "response": RACP_CODES.get(code, "reserved")}
    raise Missing("Op Code")


UCP_VALUES = {1: "success", 2: "opCodeNotSupported", 3: "invalidParameter", 4: "operationFailed",
              5: "userNotAuthorized"}


def user_control_point(value):
    """Response Code (0x20). A registration (1) that succeeded tells the new user's index."""
    if number(value, 0, 1, "Op Code") != 0x20:
        raise Missing("Op Code")
    request = number(value, 1, 1, "Request Op Code")
    answer_value = number(value, 2, 1, "Response Value")
    result = {"requestOpCode": request, "responseValue": answer_value,
              "response": UCP_VALUES.get(answer_value, "reserved")}
    if (request, answer_value) == (1, 1):
        result["userIndex"] = number(value, 3, 1, "User Index")
    if value[3:]:
        result["responseParameter"] = value[3:].hex().upper()
    return result


def user_index(value):
    index, = fixed(value, ("User Index", 1))
    return {"userIndex": None if index == 255 else index}


# ---------------------------------------------------------------- time, battery, device information

def date_time_value(value):
    return date_time(fixed(value, *DATE_TIME))


def current_time(value):
    *parts, weekday, fractions, reason = fixed(
        value, *DATE_TIME, ("Day of Week", 1), ("Fractions256", 1), ("Adjust Reason", 1))
    date = date_time(parts)
    wrong = date["implausible"] + ["Day of Week"] * (weekday > 7)
    return {"dateTime": date, "dayOfWeek": weekday or None, "fractions256": fractions, "adjustReason": reason,
            "implausible": wrong}


def battery_level(value):
    level, = fixed(value, ("Battery Level", 1))
    if level > 100:
        raise Missing("Battery Level")
    return {"percent": level}


def system_id(value):
    manufacturer, oui = fixed(value, ("Manufacturer Identifier", 5), ("Organizationally Unique Identifier", 3))
    return {"organizationallyUniqueIdentifier": "%06X" % oui, "manufacturerIdentifier": "%010X" % manufacturer,
            "eui64": "%06X%010X" % (oui, manufacturer)}


def pnp_id(value):
    source, vendor, product, version = fixed(
        value, ("Vendor ID Source", 1), ("Vendor ID", 2), ("Product ID", 2), ("Product Version", 2))
    return {"vendorIDSource": source, "vendorID": vendor, "productID": product, "productVersion": version}


def text(field):
    def decode(value):
        try:
            return {"text": value.rstrip(b"\0").decode("utf-8")}
        except UnicodeDecodeError:
            raise Missing(field)
    return decode


CHARACTERISTICS = {
    "2A00": text("Device Name"),
    "2A08": date_time_value,
    "2A19": battery_level,
    "2A23": system_id,
    "2A24": text("Model Number String"),
    "2A25": text("Serial Number String"),
    "2A26": text("Firmware Revision String"),
    "2A27": text("Hardware Revision String"),
    "2A28": text("Software Revision String"),
    "2A29": text("Manufacturer Name String"),
    "2A2B": current_time,
    "2A35": blood_pressure_measurement,
    "2A36": intermediate_cuff_pressure,
    "2A37": heart_rate_measurement,
    "2A38": body_sensor_location,
    "2A49": blood_pressure_feature,
    "2A50": pnp_id,
    "2A52": record_access_control_point,
    "2A5E": plx_spot_check_measurement,
    "2A5F": plx_continuous_measurement,
    "2A60": plx_features,
    "2A9A": user_index,
    "2A9F": user_control_point,
}


# ---------------------------------------------------------------- lines

def plain(decimal):
    """60, not 60.0; 36E+2 as 3600."""
    digits = format(decimal, "f")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits


def dump(value):
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, dict):
        return "{" + ",".join(encode_basestring(k) + ":" + dump(v) for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    if isinstance(value, Decimal):
        return plain(value)
    return str(value) if isinstance(value, int) else encode_basestring(value)


def answer(line):
    uuid, _, digits = line.strip().partition(" ")
    decode = CHARACTERISTICS.get(uuid)
    if decode is None:
        return {"error": "UUID"}
    try:
        return decode(bytes.fromhex(digits))
    except Missing as missing:
        return {"error": missing.args[0]}


def serve(formats):
    """The loop of the other decoders: `NAME HEX` a line, the answer of that format a line."""
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        name, _, digits = line.decode("ascii").strip().partition(" ")
        try:
            said = formats[name](bytes.fromhex(digits))
        except Missing as missing:
            said = {"error": missing.args[0]}
        out.write(dump(said).encode("utf-8") + b"\n")


def main():
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        out.write(dump(answer(line.decode("ascii"))).encode("utf-8") + b"\n")


if __name__ == "__main__":
    main()
