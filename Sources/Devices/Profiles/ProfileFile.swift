import BluetoothLE
import Foundation
import YAMLDocuments

/// Reads one `profile.yaml`: first the schema's word on it, then what a schema can't say.
struct ProfileFile {
  let document: YAMLDocument

  /// The schema that editors use too; embedded, so that it is there without any file beside the program.
  static func schema() throws(Diagnostic) -> JSONSchema {
    try JSONSchema(bytes: PackageResources.profile_schema_json, name: "profile.schema.json")
  }

  /// - Parameters:
  ///   - url: the file.
  ///   - name: what its two folders say its name is; nil outside such folders.
  ///   - text: what it holds; nil: it is read.
  /// - Returns: the profile, nil when something is wrong; everything wrong.
  static func read(
    _ url: URL, named name: String?, text: String? = nil, schema: JSONSchema
  ) -> (profile: DeviceProfile?, diagnostics: [Diagnostic]) {
    do throws(Diagnostic) {
      let document =
        if let text {
          try YAMLDocument(text: text, file: url.path(percentEncoded: false))
        } else {
          try YAMLDocument(contentsOf: url)
        }
      let faults = schema.validate(document)
      guard faults.isEmpty else { return (nil, faults) }
      let file = ProfileFile(document: document)
      let profile = file.profile(folder: url.deletingLastPathComponent())
      let further = file.faults(of: profile, folderName: name)
      return (further.isEmpty ? profile : nil, further)
    } catch {
      return (nil, [error])
    }
  }

  /// The document as a profile; the schema has been held against it.
  private func profile(folder: URL) -> DeviceProfile {
    let root = document.root
    let recognise = root["recognise"]
    func uuids(_ node: YAMLNode?) -> [BluetoothUUID] {
      (node?.items ?? []).compactMap { $0.text.flatMap { BluetoothUUID($0) } }
    }
    return DeviceProfile(
      name: root["name"]?.text ?? "", title: root["title"]?.text ?? "",
      recognition: Recognition(
        services: uuids(recognise?["services"]), namePrefixes: recognise?["names"]?.items.compactMap(\.text) ?? [],
        manufacturers: recognise?["manufacturers"]?.items.compactMap { $0.integer.flatMap { UInt16(exactly: $0) } }
          ?? [], isChosen: recognise?["choose"]?.boolean ?? false,
        usb: Self.identifiers(recognise?["usb"]),
        usbClass: recognise?["usb"]?["class"]?.integer.flatMap { UInt8(exactly: $0) }),
      pairing: root["pairing"]?["en"]?.text.map {
        PairingHint(english: $0, vietnamese: root["pairing"]?["vi"]?.text)
      },
      driver: root["driver"]?.text ?? "", layout: root["layout"]?.text,
      session: recognise?["usb"] == nil ? SessionPolicy(root["session"]) : .wired,
      constants: Dictionary(
        (root["constants"]?.entries ?? []).compactMap { entry in entry.value.decimal.map { (entry.name, $0) } },
        uniquingKeysWith: { first, _ in first }),
      evidence: root["evidence"]?.text.flatMap(OmronMemoryMap.Evidence.init),
      memory: root["memory"].flatMap { OmronMemoryReader($0).map },
      sources: Dictionary(
        (root["sources"]?.entries ?? []).compactMap { entry in entry.value.text.map { (entry.name, $0) } },
        uniquingKeysWith: { first, _ in first }),
      folder: folder)
  }

  private static func identifiers(_ node: YAMLNode?) -> USBIdentifiers? {
    guard let vendor = node?["vendor"]?.integer.flatMap({ UInt16(exactly: $0) }),
      let product = node?["product"]?.integer.flatMap({ UInt16(exactly: $0) })
    else { return nil }
    return USBIdentifiers(vendor: vendor, product: product)
  }

  private func faults(of profile: DeviceProfile, folderName: String?) -> [Diagnostic] {
    let root = document.root
    var faults: [Diagnostic] = []
    func report(_ path: String, _ node: YAMLNode?, _ message: String) {
      faults.append(document.diagnostic(at: node ?? root, FieldPath(path), message))
    }
    if let folderName, folderName != profile.name {
      report("name", root["name"], "is \(profile.name), but the file stands in the folders \(folderName)")
    }
    if profile.recognition.isEmpty, root["recognise"]?["usb"] == nil {
      report("recognise", root["recognise"], "recognises nothing; give services, names or manufacturers")
    }
    if root["recognise"]?["usb"] != nil {
      wiredFaults(profile, report)
      sourceFaults(profile, report)
      return faults.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }
    if root["session"] == nil {
      report("session", root, "is missing; only a device that is recognised by usb has none")
    }
    if let driver = Drivers.named(profile.driver) {
      driverFaults(driver, profile, report)
    } else {
      report(
        "driver", root["driver"],
        "no driver is called \(profile.driver); " + KnownNames(Drivers.all.map(\.name)).answer(to: profile.driver))
    }
    for fault in profile.session.faults {
      report("session." + fault.field, root["session"]?[fault.field] ?? root["session"], fault.message)
    }
    sourceFaults(profile, report)
    return faults.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
  }

  /// A device on a cable advertises nothing, and has none of what a link over the air needs.
  private func wiredFaults(_ profile: DeviceProfile, _ report: (String, YAMLNode?, String) -> Void) {
    let root = document.root
    let others = (root["recognise"]?.entries ?? []).filter { $0.name != "usb" }
    for entry in others {
      report("recognise." + entry.name, entry.value, "is for a device that advertises; one with usb has nothing else")
    }
    for name in ["session", "layout", "memory"] {
      if let node = root[name] {
        report(name, node, "is for a device over the air; one that is recognised by usb has none")
      }
    }
    let recognition = profile.recognition
    if recognition.isWired == false || recognition.usbClass != nil && root["recognise"]?["usb"]?.entries.count != 1 {
      report("recognise.usb", root["recognise"]?["usb"], "expected vendor and product, or class alone")
    }
    guard let driver = Drivers.usbNamed(profile.driver) else {
      report(
        "driver", root["driver"],
        "no driver for usb is called \(profile.driver); "
          + KnownNames(Drivers.usb.map(\.name)).answer(to: profile.driver))
      return
    }
    if let usbClass = recognition.usbClass, usbClass != driver.interfaceClass {
      report(
        "recognise.usb", root["recognise"]?["usb"],
        "the driver \(driver.name) reads interfaces of class \(driver.interfaceClass), not \(usbClass)")
    }
    constantFaults(driver.name, driver.constants, report)
  }

  private func driverFaults(
    _ driver: any DeviceDriver, _ profile: DeviceProfile, _ report: (String, YAMLNode?, String) -> Void
  ) {
    let subscribe = document.root["session"]?["subscribe"]
    let read = driver.characteristics(of: profile)
    let missing = read.filter { !profile.session.subscribe.contains($0) }
    if (driver is any AdvertisementDriver) != (profile.session.connect == .never) {
      let expected =
        driver is any AdvertisementDriver ? "never, since it reads advertisements" : "always, since it reads a link"
      report(
        "session.connect", document.root["session"]?["connect"] ?? document.root["session"],
        "does not fit the driver \(driver.name); expected \(expected)")
    } else if read.isEmpty {
      // Nothing is subscribed to.
    } else if driver.needsEveryCharacteristic ? !missing.isEmpty : missing.count == read.count {
      let names = missing.map { "\($0)" }.joined(separator: driver.needsEveryCharacteristic ? " and " : " or ")
      report("session.subscribe", subscribe, "does not name \(names), which is what the driver \(driver.name) reads")
    }
    if let layout = profile.layout, !driver.layouts.contains(layout) {
      let known = driver.layouts.isEmpty ? "it knows only one" : KnownNames(driver.layouts).answer(to: layout)
      report("layout", document.root["layout"], "the driver \(driver.name) knows no layout \(layout); \(known)")
    }
    memoryFaults(driver, report)
    if case .command(let uuid, let octets) = profile.session.end, !driver.permits(octets, to: uuid) {
      report("session.end", document.root["session"]?["end"], "is nothing that the driver \(driver.name) ever writes")
    }
    constantFaults(driver.name, driver.constants, report)
  }

  private func constantFaults(
    _ driver: String, _ constants: [DriverConstant], _ report: (String, YAMLNode?, String) -> Void
  ) {
    for entry in document.root["constants"]?.entries ?? [] {
      let path = "constants." + entry.name
      guard let constant = constants.first(where: { $0.name == entry.name }) else {
        let known = KnownNames(constants.map(\.name)).answer(to: entry.name)
        report(path, entry.value, "the driver \(driver) takes no such constant; \(known)")
        continue
      }
      if let value = entry.value.decimal, !constant.range.contains(value) {
        let range = "\(constant.range.lowerBound) to \(constant.range.upperBound)"
        report(path, entry.value, "\(value) is out of range; expected \(range) (\(constant.meaning))")
      }
    }
  }

  private func memoryFaults(_ driver: any DeviceDriver, _ report: (String, YAMLNode?, String) -> Void) {
    guard let memory = document.root["memory"] else {
      if driver.needsMemory {
        report(
          "driver", document.root["driver"], "the driver \(driver.name) needs a memory map; expected a field memory")
      }
      return
    }
    guard driver.needsMemory else {
      return report("memory", memory, "the driver \(driver.name) reads no memory")
    }
    for fault in OmronMemoryReader(memory).faults { report("memory." + fault.path, fault.node, fault.message) }
  }

  /// Every source must name a field that is there, and every fact must have a source: its own, or its parent's.
  private func sourceFaults(_ profile: DeviceProfile, _ report: (String, YAMLNode?, String) -> Void) {
    let root = document.root
    var facts: [(path: String, node: YAMLNode)] = []
    for section in ["recognise", "session", "constants", "memory"] {
      for entry in root[section]?.entries ?? [] { facts.append((section + "." + entry.name, entry.value)) }
    }
    for name in ["layout", "evidence", "pairing"] {
      if let fact = root[name] { facts.append((name, fact)) }
    }
    let parents = ["recognise", "session", "constants", "driver"] + (root["memory"] == nil ? [] : ["memory"])
    for entry in root["sources"]?.entries ?? []
    where !parents.contains(entry.name) && !facts.contains(where: { $0.path == entry.name }) {
      let known = KnownNames(facts.map(\.path) + parents).answer(to: entry.name)
      report("sources." + entry.name, entry.value, "names no field of this profile; \(known)")
    }
    for fact in facts {
      let parent = String(fact.path.prefix { $0 != "." })
      guard profile.sources[fact.path] == nil, profile.sources[parent] == nil else { continue }
      let names = parent == fact.path ? parent : "\(fact.path) or \(parent)"
      report(fact.path, fact.node, "has no source; say under sources where this was found (as \(names))")
    }
  }
}
