#!/usr/bin/env python3
"""A second decoder of IEEE 11073-20601, to compare the gateway's own with. Standard library only.

Written from the standard's ASN.1 (Annex A), its encoding rules (Annex F) and nomenclature (Annex I), never from the
gateway's code. Reads lines "FORMAT HEX" and answers as gatt_oracle.py does, by the same conventions; a field is named as
the ASN.1 names it. A list whose elements do not fill the octets that it announces is an error that names the list.

A reading gives what could be read, and for every scan that could not, the field that was wrong.
"""

from decimal import Decimal

from gatt_oracle import Missing, date_time, serve, sfloat

# ---------------------------------------------------------------- encoding rules


class Octets:
    """A value that is eaten from the front."""

    def __init__(self, value):
        self.left = bytes(value)

    def eat(self, size, field):
        if len(self.left) < size:
            raise Missing(field)
        part, self.left = self.left[:size], self.left[size:]
        return part

    def number(self, size, field):
        return int.from_bytes(self.eat(size, field), "big")

    def string(self, field):
        return self.eat(self.number(2, field + ".length"), field)

    def sequence_of(self, field, element):
        count = self.number(2, field + ".count")
        inside = Octets(self.string(field))
        found = []
        while len(found) < count:
            found.append(element(inside))
        inside.finish(field)
        return found

    def finish(self, field):
        if self.left:
            raise Missing(field)


def fields(octets, prefix, *layout):
    """{member: number} of (member, ASN.1 name, size)."""
    return {member: octets.number(size, prefix + name) for member, name, size in layout}


def hexadecimal(value):
    return value.hex().upper()


FLOAT_SPECIAL = {0x7FFFFF: "nan", 0x800000: "nres", 0x7FFFFE: "+inf", 0x800002: "-inf", 0x800001: "reserved"}


def real(word):
    """FLOAT-Type: 8 bits of exponent, 24 of mantissa, both two's complement. Special only with exponent 0.

    A number whose power of ten, written with the fewest digits, is above 127 is no number to either decoder.
    """
    if word in FLOAT_SPECIAL:
        return {"special": FLOAT_SPECIAL[word]}
    exponent = int.from_bytes(word.to_bytes(4, "big")[:1], "big", signed=True)
    mantissa = int.from_bytes(word.to_bytes(4, "big")[1:], "big", signed=True)
    zeros = 0
    while mantissa and mantissa % 10 == 0:
        mantissa //= 10
        zeros += 1
    if mantissa and exponent + zeros > 127:
        return {"special": "nan"}  # larger than the gateway's numbers
    return Decimal(mantissa).scaleb(exponent + zeros) if mantissa else Decimal(0)


# ---------------------------------------------------------------- attributes

def raw_attribute(octets):
    name = octets.number(2, "AVA-Type.attribute-id")
    return name, octets.string("AVA-Type.attribute-value")


def attribute_list(octets, field):
    return octets.sequence_of(field, raw_attribute)


def raw_list(attributes):
    return [{"id": name, "octets": hexadecimal(value)} for name, value in attributes]


def nomenclature_type(octets):
    return fields(octets, "TYPE.", ("partition", "partition", 2), ("code", "code", 2))


def absolute_time(octets):
    value = octets.eat(8, "AbsoluteTime")
    digits = hexadecimal(value)
    if not digits.isdecimal():
        return {"undecodable": digits}
    pairs = [int(digits[at:at + 2]) for at in range(0, 16, 2)]
    return {"dateTime": date_time([int(digits[:4])] + pairs[2:7]), "hundredths": pairs[7]}


def base_offset_time(octets):
    value = fields(octets, "BaseOffsetTime.", ("seconds", "bo-seconds", 4), ("fraction", "bo-fraction", 2),
                   ("offset", "bo-time-offset", 2))
    if value["offset"] > 0x7FFF:
        value["offset"] -= 0x10000
    return value


def observed(octets):
    value = fields(octets, "NuObsValue.", ("metricID", "metric-id", 2), ("state", "state", 2), ("unit", "unit-code", 2))
    value["value"] = real(octets.number(4, "NuObsValue.value"))
    return value


def basic(octets):
    return {"value": sfloat(octets.number(2, "BasicNuObsValue"))}


def simple(octets):
    return {"value": real(octets.number(4, "SimpleNuObsValue"))}


def enumeration(octets):
    value = fields(octets, "EnumObsValue.", ("metricID", "metric-id", 2), ("state", "state", 2))
    choice = octets.number(2, "EnumVal.choice")
    inside = Octets(octets.string("EnumVal"))
    if choice == 1:
        value["term"] = inside.number(2, "EnumVal.enum-obj-id")
    elif choice == 2:
        value["text"] = hexadecimal(inside.string("EnumVal.enum-text-string"))
    elif choice == 16:
        value["bits"] = inside.number(4, "EnumVal.enum-bit-str")
    else:
        value["choice"] = choice
        value["octets"] = hexadecimal(inside.eat(len(inside.left), "EnumVal"))
    inside.finish("EnumVal")
    return value


def value_map(octets):
    return octets.sequence_of("AttrValMap", lambda inside: fields(
        inside, "AttrValMapEntry.", ("id", "attribute-id", 2), ("length", "attribute-len", 2)))


def entry_map(octets):
    header = octets.number(2, "PmSegmentEntryMap.segm-entry-header")

    def element(inside):
        value = fields(inside, "SegmEntryElem.", ("class", "class-id", 2))
        value["type"] = nomenclature_type(inside)
        value["handle"] = inside.number(2, "SegmEntryElem.handle")
        value["map"] = value_map(inside)
        return value
    return {"header": header, "elements": octets.sequence_of("SegmEntryElemList", element)}


def plain(size):
    return lambda octets: octets.number(size, "attribute-value")


def production_entry(inside):
    value = fields(inside, "ProdSpecEntry.", ("type", "spec-type", 2), ("component", "component-id", 2))
    value["text"] = hexadecimal(inside.string("ProdSpecEntry.prod-spec"))
    return value


def certificate(inside):
    value = fields(inside, "RegCertData.", ("body", "auth-body", 1), ("structure", "auth-body-struc-type", 1))
    value["octets"] = hexadecimal(inside.string("RegCertData.auth-body-data"))
    return value


NUMERIC = {
    2636: lambda o: [basic(o)],
    2646: lambda o: [simple(o)],
    2384: lambda o: [observed(o)],
    2677: lambda o: o.sequence_of("BasicNuObsValueCmp", basic),
    2676: lambda o: o.sequence_of("SimpleNuObsValueCmp", simple),
    2379: lambda o: o.sequence_of("NuObsValueCmp", observed),
}
ENUMERATION = {
    2462: enumeration,
    2633: lambda o: {"term": o.number(2, "OID-Type")},
    2634: lambda o: {"text": hexadecimal(o.string("EnumPrintableString"))},
    2661: lambda o: {"bits": o.number(4, "BITS-32")},
    2662: lambda o: {"bits": o.number(2, "BITS-16")},
}
CONTENT = {
    2344: lambda o: {"manufacturer": hexadecimal(o.string("SystemModel.manufacturer")),
                     "modelNumber": hexadecimal(o.string("SystemModel.model-number"))},
    2349: lambda o: o.sequence_of("ProductionSpec", production_entry),
    2351: nomenclature_type, 2438: nomenclature_type,
    2436: lambda o: hexadecimal(o.string("attribute-value")),
    2632: lambda o: hexadecimal(o.string("attribute-value")),
    2440: lambda o: {"value": real(o.number(4, "BatMeasure.value")), "unit": o.number(2, "BatMeasure.unit")},
    2629: lambda o: fields(
        o, "MdsTimeInfo.", ("state", "mds-time-cap-state", 2), ("syncProtocol", "time-sync-protocol", 2),
        ("syncAccuracy", "time-sync-accuracy", 4), ("absoluteResolution", "time-resolution-abs-time", 2),
        ("relativeResolution", "time-resolution-rel-time", 2), ("highResolution", "time-resolution-high-res-time", 4)),
    2635: lambda o: o.sequence_of("RegCertDataList", certificate),
    2638: entry_map, 2645: value_map,
    2650: lambda o: o.sequence_of("TypeVerList", lambda inside: fields(
        inside, "TypeVer.", ("type", "type", 2), ("version", "version", 2))),
    2657: lambda o: o.sequence_of("SupplementalTypeList", nomenclature_type),
    2675: lambda o: fields(o, "MetricStructureSmall.", ("kind", "ms-struct", 1), ("components", "ms-comp-no", 1)),
    2678: lambda o: o.sequence_of("MetricIdList", lambda inside: inside.number(2, "OID-Type")),
    **NUMERIC, **ENUMERATION,
}
CONTENT |= dict.fromkeys((2338, 2347, 2371, 2375, 2385, 2387, 2389, 2454, 2460, 2628, 2630, 2637, 2639, 2655), plain(2))
CONTENT |= dict.fromkeys((2324, 2369, 2372, 2427, 2445, 2447, 2449, 2659, 2660), plain(4))
CONTENT |= dict.fromkeys((2439, 2442, 2448, 2450), absolute_time)
CONTENT |= dict.fromkeys((2689, 2690, 2691, 2692), base_offset_time)


def content(name, value):
    if name not in CONTENT:
        return hexadecimal(value)
    octets = Octets(value)
    result = CONTENT[name](octets)
    octets.finish("attribute-value")
    return result


# ---------------------------------------------------------------- APDUs

def data_proto(octets):
    name = octets.number(2, "DataProto.data-proto-id")
    info = octets.string("DataProto.data-proto-info")
    if name != 20601 or not info:
        return {"id": name, "octets": hexadecimal(info)}
    inside = Octets(info)
    value = fields(
        inside, "PhdAssociationInformation.", ("protocolVersion", "protocol-version", 4),
        ("encodingRules", "encoding-rules", 2), ("nomenclatureVersion", "nomenclature-version", 4),
        ("functionalUnits", "functional-units", 4), ("systemType", "system-type", 4))
    value["systemID"] = hexadecimal(inside.string("PhdAssociationInformation.system-id"))
    value |= fields(
        inside, "PhdAssociationInformation.", ("configurationID", "dev-config-id", 2),
        ("dataRequestModeFlags", "data-req-mode-flags", 2), ("agentInitiated", "data-req-init-agent-count", 1),
        ("managerInitiated", "data-req-init-manager-count", 1))
    value["options"] = raw_list(attribute_list(inside, "PhdAssociationInformation.option-list"))
    inside.finish("PhdAssociationInformation.option-list")
    return {"id": name, "information": value}


def event_report(octets, name, time, info):
    value = fields(octets, name, ("handle", "obj-handle", 2), ("time", time, 4), ("type", "event-type", 2))
    value["info"] = hexadecimal(octets.string(name + info))
    return value


def action(octets, name):
    value = fields(octets, name, ("handle", "obj-handle", 2), ("type", "action-type", 2))
    value["info"] = hexadecimal(octets.string(name + "action-info-args"))
    return value


def modification(octets):
    operator = octets.number(2, "AttributeModEntry.modify-operator")
    name, value = raw_attribute(octets)
    return {"operator": operator, "id": name, "octets": hexadecimal(value)}


def with_attributes(octets, name):
    return {"handle": octets.number(2, name + ".obj-handle"),
            "attributes": raw_list(attribute_list(octets, name + ".attribute-list"))}


OPERATIONS = {
    0x0100: ("roiv-event-report", lambda o: event_report(o, "EventReportArgument.", "event-time", "event-info")),
    0x0101: ("roiv-confirmed-event-report",
             lambda o: event_report(o, "EventReportArgument.", "event-time", "event-info")),
    0x0103: ("roiv-get", lambda o: {
        "handle": o.number(2, "GetArgument.obj-handle"),
        "attributes": o.sequence_of("GetArgument.attribute-id-list", lambda inside: inside.number(2, "OID-Type"))}),
    0x0104: ("roiv-set", lambda o: {
        "handle": o.number(2, "SetArgument.obj-handle"),
        "modifications": o.sequence_of("SetArgument.modification-list", modification)}),
    0x0105: ("roiv-confirmed-set", lambda o: OPERATIONS[0x0104][1](o)),
    0x0106: ("roiv-action", lambda o: action(o, "ActionArgument.")),
    0x0107: ("roiv-confirmed-action", lambda o: action(o, "ActionArgument.")),
    0x0201: ("rors-confirmed-event-report",
             lambda o: event_report(o, "EventReportResult.", "currentTime", "event-reply-info")),
    0x0203: ("rors-get", lambda o: with_attributes(o, "GetResult")),
    0x0205: ("rors-confirmed-set", lambda o: with_attributes(o, "SetResult")),
    0x0207: ("rors-confirmed-action", lambda o: action(o, "ActionResult.")),
    0x0300: ("roer", lambda o: {"value": o.number(2, "ErrorResult.error-value"),
                                "parameter": hexadecimal(o.string("ErrorResult.parameter"))}),
    0x0400: ("rorj", lambda o: {"problem": o.number(2, "RejectResult.problem")}),
}


def data_apdu(octets):
    invoke = octets.number(2, "DataApdu.invoke-id")
    choice = octets.number(2, "DataApdu.choice")
    inside = Octets(octets.string("DataApdu"))
    octets.finish("DataApdu")
    if choice not in OPERATIONS:
        raise Missing("DataApdu.choice")
    name, read = OPERATIONS[choice]
    value = read(inside)
    inside.finish("DataApdu")
    return {"invokeID": invoke, "message": name, **value}


def apdu(value):
    outer = Octets(value)
    choice = outer.number(2, "APDU.choice")
    if choice not in (0xE200, 0xE300, 0xE400, 0xE500, 0xE600, 0xE700):
        raise Missing("APDU.choice")
    octets = Octets(outer.string("APDU"))
    outer.finish("APDU")
    name = ("AARQ", "AARE", "RLRQ", "RLRE", "ABRT", "PRST")[(choice - 0xE200) // 0x100]
    if name == "AARQ":
        result = {"associationVersion": octets.number(4, "AARQ.assoc-version"),
                  "protocols": octets.sequence_of("AARQ.data-proto-list", data_proto)}
        octets.finish("AARQ.data-proto-list")
    elif name == "AARE":
        result = {"result": octets.number(2, "AARE.result"), "protocol": data_proto(octets)}
        octets.finish("AARE.selected-data-proto")
    elif name == "PRST":
        inside = Octets(octets.string("PRST"))
        octets.finish("PRST")
        result = data_apdu(inside)
    else:
        result = {"reason": octets.number(2, name + ".reason")}
        octets.finish(name + ".reason")
    return {"apdu": name, **result}


# ---------------------------------------------------------------- what event reports and actions hold

def configuration_report(value):
    octets = Octets(value)

    def config_object(inside):
        head = fields(inside, "ConfigObject.", ("class", "obj-class", 2), ("handle", "obj-handle", 2))
        head["attributes"] = raw_list(attribute_list(inside, "ConfigObject.attributes"))
        return head
    result = {"id": octets.number(2, "ConfigReport.config-report-id"),
              "objects": octets.sequence_of("ConfigReport.config-obj-list", config_object)}
    octets.finish("ConfigReport.config-obj-list")
    return result


def scan_report(value, persons, fixed):
    octets = Octets(value)

    def scan(inside):
        handle = inside.number(2, "ObservationScan.obj-handle")
        if fixed:
            return handle, inside.string("ObservationScanFixed.obs-val-data")
        return handle, attribute_list(inside, "ObservationScan.attributes")

    def scans(inside):
        return inside.sequence_of("ObservationScanList", scan)

    def person(inside):
        number = inside.number(2, "ScanReportPer.person-id")
        return (None if number == 0xFFFF else number), scans(inside)
    request = octets.number(2, "ScanReportInfo.data-req-id")
    number = octets.number(2, "ScanReportInfo.scan-report-no")
    found = octets.sequence_of("ScanReportInfo.scan-per", person) if persons else [(None, scans(octets))]
    octets.finish("ScanReportInfo")
    return request, number, found


def show_scan_report(persons, fixed):
    def show(value):
        request, number, found = scan_report(value, persons, fixed)
        return {"requestID": request, "number": number, "persons": [
            {"id": who, "scans": [
                {"handle": handle, "octets": hexadecimal(data)} if fixed
                else {"handle": handle, "attributes": raw_list(data)} for handle, data in scans]}
            for who, scans in found]}
    return show


# A blood-pressure monitor's standard configuration, 11073-10407: by handle the terms, the unit, the fixed layout.
BLOOD_PRESSURE = {1: (18948, (18949, 18950, 18951), 3872, ((2677, 10), (2448, 8))),
                  2: (18474, (18474,), 2720, ((2636, 2), (2448, 8)))}


def measurement(handle, attributes, who, times):
    code, terms, unit, _ = BLOOD_PRESSURE[handle]
    result = {"handle": handle, "class": 6, "type": {"partition": 2, "code": code}, "person": who, "components": []}
    sent = dict(reversed(attributes))  # the first of a name counts
    partition = 2
    if 2655 in sent and len(sent[2655]) == 2:
        partition = int.from_bytes(sent[2655], "big")
    if 2454 in sent:
        unit = int.from_bytes(sent[2454], "big") if len(sent[2454]) == 2 else None
    if 2678 in sent:
        try:
            terms = content(2678, sent[2678]) or None
        except Missing:
            terms = None
    elif handle == 2:
        terms = None
    if terms is None:
        terms = []
        if 2347 in sent:
            if len(sent[2347]) == 2:
                terms = [int.from_bytes(sent[2347], "big")]
    terms = [{"partition": partition, "code": term} for term in terms]
    status = 0
    times = dict(times)
    extra = {}
    for name, value in attributes:
        said = content(name, value)
        if name in NUMERIC:
            for index, number in enumerate(said):
                if "metricID" in number:
                    term = {"partition": partition, "code": number["metricID"]}
                elif index < len(terms):
                    term = terms[index]
                else:
                    term = {"partition": 2, "code": code}
                result["components"].append(
                    {"term": term, "unit": number.get("unit", unit), "value": number["value"]})
                status |= number.get("state", 0)
        elif name in ENUMERATION:
            extra["enumeration"] = said
            status |= said.get("state", 0)
        elif name == 2632:
            extra["samples"] = said
        elif name == 2375:
            status |= said
        elif name == 2448:
            times["time"] = said
        elif name == 2690:
            times["baseOffsetTime"] = said
        elif name == 2449:
            times["relativeTime"] = said
    for member in ("enumeration", "samples"):
        if member in extra:
            result[member] = extra[member]
    result["status"] = status
    for member in ("time", "baseOffsetTime", "relativeTime"):
        if member in times:
            result[member] = times[member]
    return result


def cut(data, layout):
    octets = Octets(data)
    parts = [(name, octets.eat(size, "ObservationScanFixed.obs-val-data")) for name, size in layout]
    octets.finish("ObservationScanFixed.obs-val-data")
    return parts


def reading(persons, fixed):
    def read(value):
        measurements, problems = [], []
        for who, scans in scan_report(value, persons, fixed)[2]:
            for handle, data in scans:
                try:
                    if handle not in BLOOD_PRESSURE:
                        raise Missing("ObservationScan.obj-handle")
                    attributes = cut(data, BLOOD_PRESSURE[handle][3]) if fixed else data
                    measurements.append(measurement(handle, attributes, who, {}))
                except Missing as missing:
                    problems.append(missing.args[0])
        return {"measurements": measurements, "problems": problems}
    return read


# ---------------------------------------------------------------- PM-store

def segment_info(value):
    octets = Octets(value)
    found = octets.sequence_of("SegmentInfoList", lambda inside: {
        "instance": inside.number(2, "SegmentInfo.seg-inst-no"),
        "attributes": raw_list(attribute_list(inside, "SegmentInfo.seg-info"))})
    octets.finish("SegmentInfoList")
    return found


def segment_event(value):
    octets = Octets(value)
    result = fields(
        octets, "SegmDataEventDescr.", ("instance", "segm-instance", 2), ("firstEntry", "segm-evt-entry-index", 4),
        ("count", "segm-evt-entry-count", 4), ("status", "segm-evt-status", 2))
    entries = octets.string("SegmentDataEvent.segm-data-event-entries")
    octets.finish("SegmentDataEvent.segm-data-event-entries")
    return result, entries


def segment_data(value):
    result, entries = segment_event(value)
    return {**result, "entries": hexadecimal(entries)}


def segment_entries(value):
    """Entries of an absolute time, a compound of three basic numbers, and one basic number of handle 2."""
    event, entries = segment_event(value)
    if event["count"] * 20 != len(entries):
        raise Missing("SegmDataEventDescr.segm-evt-entry-count")
    found = []
    for number in range(event["count"]):
        octets = Octets(entries[20 * number:20 * number + 20])
        times = {"time": absolute_time(octets)}
        measurements, problems = [], []
        for handle, name, size in ((1, 2677, 10), (2, 2636, 2)):
            part = octets.eat(size, "ObservationScanFixed.obs-val-data")
            try:
                measurements.append(measurement(handle, [(name, part)], 7, times))
            except Missing as missing:
                problems.append(missing.args[0])
        found.append({"index": (event["firstEntry"] + number) % 2 ** 32,
                      "reading": {"measurements": measurements, "problems": problems}})
    return found


def transfer_response(value):
    octets = Octets(value)
    result = fields(octets, "TrigSegmDataXferRsp.", ("instance", "seg-inst-no", 2),
                    ("result", "trig-segm-xfer-rsp", 2))
    octets.finish("TrigSegmDataXferRsp.trig-segm-xfer-rsp")
    return result


def attributes(value):
    octets = Octets(value)
    found = attribute_list(octets, "AttributeList")
    octets.finish("AttributeList")
    return [{"id": name, "value": content(name, part)} for name, part in found]


FORMATS = {
    "apdu": apdu,
    "attributes": attributes,
    "configuration-report": configuration_report,
    "scan-fixed": show_scan_report(False, True),
    "scan-variable": show_scan_report(False, False),
    "scan-mp-fixed": show_scan_report(True, True),
    "scan-mp-variable": show_scan_report(True, False),
    "reading-fixed": reading(False, True),
    "reading-variable": reading(False, False),
    "reading-mp-fixed": reading(True, True),
    "reading-mp-variable": reading(True, False),
    "segment-info": segment_info,
    "segment-data": segment_data,
    "segment-entries": segment_entries,
    "transfer-response": transfer_response,
}


if __name__ == "__main__":
    serve(FORMATS)
