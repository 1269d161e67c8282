import Devices
import Foundation
import LocalAPI
import Logging
import Observations
import Store
import USBHost

/// The gateway's USB: every known device that is plugged in is read once, and again only where that did not end as it
/// should.
///
/// Nothing is asked of anybody: a device on a cable stands in the house, so it is taken into the list of devices when it is
/// first plugged in. Whose its readings are is said as for any other device.
actor USBService {
  let store: Store
  private var matcher: DeviceMatcher
  let ingest: Ingest
  let visits: VisitBoard
  let health: Health
  private(set) var timeZone: TimeZone
  /// Driver constants that configuration sets.
  private(set) var constants: [String: Decimal]
  /// Straps that an ANT stick hears.
  let straps: ANTStraps
  let logger: Logger
  private var tasks: [USBDevice.Location: Task<Void, Never>] = [:]
  /// Tasks of devices that were unplugged, until they have ended.
  private var departed: Set<Task<Void, Never>> = []
  /// What the log was told.
  var sayings = Sayings()
  /// ANT sticks that are plugged in, and how one is listened with anew.
  private var sticks: [USBDevice.Location: @Sendable () async -> Void] = [:]
  /// What is plugged in and of no known kind: its profile may come with another configuration.
  private var unmatched: [USBDevice.Location: (device: USBDevice, host: USBHost)] = [:]

  init(
    store: Store, library: ProfileLibrary, ingest: Ingest, visits: VisitBoard, health: Health, timeZone: TimeZone,
    constants: [String: Decimal], straps: ANTStraps, logger: Logger
  ) {
    self.store = store
    self.straps = straps
    matcher = DeviceMatcher(library)
    self.ingest = ingest
    self.visits = visits
    self.health = health
    self.timeZone = timeZone
    self.constants = constants
    self.logger = logger
  }

  /// Goes by another configuration: a visit that goes on keeps what it began with. What is plugged in and had no profile is
  /// read as soon as it has one.
  ///
  /// - Parameter ant: the straps or the key of an ANT stick are others: each stick listens anew.
  func adopt(_ library: ProfileLibrary, timeZone: TimeZone, constants: [String: Decimal], ant: Configuration.ANT) async
  {
    matcher = DeviceMatcher(library)
    (self.timeZone, self.constants) = (timeZone, constants)
    if straps.configuration != ant {
      straps.configuration = ant
      for (location, listen) in sticks {
        let before = tasks[location]
        before?.cancel()
        tasks[location] = Task {
          _ = await before?.value
          await listen()
        }
      }
    }
    for (device, host) in unmatched.values { take(device, host) }
  }

  /// Runs until the task is cancelled. Where there is no USB it is tried again now and then.
  func run() async {
    while !Task.isCancelled {
      let host: USBHost
      do {
        host = try USBHost()
      } catch {
        if sayings.isNews(of: "usb", "\(error)") { logger.notice("\(error)") }
        guard (try? await Task.sleep(for: .seconds(30))) != nil else { return }
        continue
      }
      await serve(host)
      await host.close()
    }
  }

  /// Returns when the task is cancelled, or the host tells of nothing more, and nobody uses the host any more.
  func serve(_ host: USBHost) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await host.run() }
      group.addTask {
        for await event in host.events { await self.handle(event, host) }
      }
      await group.next()
      group.cancelAll()
    }
    let ending = departed.union(tasks.values)
    // At once: another configuration that comes meanwhile has nothing to begin.
    (tasks, sticks, unmatched) = ([:], [:], [:])
    for task in ending { task.cancel() }
    for task in ending { await task.value }
  }

  func handle(_ event: USBPresence.Event, _ host: USBHost) {
    switch event {
    case .arrived(let device): take(device, host)
    case .left(let device):
      sticks[device.location] = nil
      unmatched[device.location] = nil
      guard let task = tasks.removeValue(forKey: device.location) else { return }
      logger.info("\(device) is unplugged")
      sayings.forget("\(device)")
      depart(task)
      health.clear(HealthWarning.Kind.usbAccessDenied, about: device.model)
      health.clear(HealthWarning.Kind.antKey, about: device.model)
    }
  }

  /// Lets the task of a device that was unplugged end.
  func depart(_ task: Task<Void, Never>) {
    departed.insert(task)
    Task {
      // Its transfers end by themselves, with the reason; what waits for the next try does not.
      try? await Task.sleep(for: .seconds(2))
      task.cancel()
      await task.value
      departed.remove(task)
    }
  }

  /// Reads a device that is plugged in, now or once its kind is known.
  private func take(_ device: USBDevice, _ host: USBHost) {
    guard let (profile, driver) = matcher.match(device) else {
      unmatched[device.location] = (device, host)
      return logger.debug("\(device) is of no known kind")
    }
    unmatched[device.location] = nil
    logger.info("\(device) is plugged in", metadata: ["profile": "\(profile.name)"])
    tasks[device.location] = Task { await self.read(device, profile, driver, host) }
    if driver is ANTStickDriver {
      sticks[device.location] = { [weak self] in await self?.read(device, profile, driver, host) }
    }
  }

  // MARK: Visits

  /// Between a visit that did not end as it should and the next one, while the device stays plugged in.
  private static let pauses: [Duration] = [.seconds(2), .seconds(5), .seconds(15), .seconds(60)]
  private static let longestPause: Duration = .seconds(300)

  private func read(
    _ device: USBDevice, _ profile: DeviceProfile, _ driver: any USBDeviceDriver, _ host: USBHost
  ) async {
    var failures = 0
    while !Task.isCancelled {
      let began = ContinuousClock.now
      if await visit(device, profile, driver, host) { return }
      // A receiver listens for days: what ended it once does not count for ever.
      if ContinuousClock.now - began > .seconds(60) { failures = 0 }
      let pause = failures < Self.pauses.count ? Self.pauses[failures] : Self.longestPause
      failures += 1
      guard (try? await Task.sleep(for: pause)) != nil else { return }
    }
  }

  /// - Returns: whether nothing more is to be read until the device is plugged in again.
  private func visit(
    _ device: USBDevice, _ profile: DeviceProfile, _ driver: any USBDeviceDriver, _ host: USBHost
  ) async -> Bool {
    guard let interface = device.interface(ofClass: driver.interfaceClass) else {
      logger.warning("\(device) has no interface of class \(driver.interfaceClass), which \(driver.name) reads")
      return true
    }
    let channel: any USBChannel
    do {
      channel = try await host.open(device, interface: interface)
    } catch {
      return notOpened(device, profile, error)
    }
    health.clear(HealthWarning.Kind.usbAccessDenied, about: device.model)
    let isOver: Bool
    do {
      isOver = try await run(driver, profile, channel, interface)
    } catch {
      say("\(device) was not read: \(error)", of: device)
      isOver = false
    }
    await channel.close()
    return isOver
  }

  /// A warning, where it was not the last word of this device already.
  private func say(_ sentence: String, of device: USBDevice) {
    let isNews = sayings.isNews(of: "\(device)", sentence)
    logger.log(level: isNews ? .warning : .debug, "\(sentence)")
  }

  private func notOpened(_ device: USBDevice, _ profile: DeviceProfile, _ failure: USBFailure) -> Bool {
    say("\(device) was not opened: \(failure)", of: device)
    switch failure {
    case .removed, .closed, .cancelled: return true
    case .accessDenied:
      health.warn(
        HealthWarning.Kind.usbAccessDenied, about: device.model, .error,
        "The gateway may not open \(profile.title), which is plugged in (\(device.model)).",
        remedy:
          "Install the udev rule \(USBFailure.rules) (systemd/\(USBFailure.rules) to /etc/udev/rules.d), run "
          + "udevadm control --reload, and plug the device in again.",
        parameters: ["device": profile.title])
      return false
    default: return false
    }
  }

  private func run(
    _ driver: any USBDeviceDriver, _ profile: DeviceProfile, _ channel: any USBChannel,
    _ interface: USBDevice.Interface
  ) async throws -> Bool {
    let device = channel.device
    if let stick = driver as? ANTStickDriver { return await listen(stick, profile, channel, interface) }
    let serial = try await channel.string(device.serialIndex)
    let id = Self.id(of: device, serial: serial)
    if driver.readsAgents { return try await runAgents(driver, profile, channel, interface, otherwise: id) }
    let known = try await register(id, profile, name: try await channel.string(device.productIndex))
    let visit = visits.begin(id)
    let log = logger
    let reason = await driver.run(
      USBSession(
        device: id, profile: profile, channel: channel, interface: interface, isSimulated: false,
        previousVisit: known.lastVisit, timeZone: timeZone, sink: ingest.sink(for: id, logger: logger),
        progress: { step in
          visit.note(step)
          guard case .recordUnreadable(let user, let reason) = step else { return }
          log.warning("a record of user \(user) is unreadable: \(reason)")
        },
        constants: constants))
    let isNews = sayings.isNews(of: "visit \(id)", "\(reason)")
    logger.log(
      level: isNews || visit.readings > 0 ? .info : .debug, "visit to \(id) ended: \(reason)",
      metadata: ["readings": "\(visit.readings)"])
    await visits.end(visit, "\(reason)")
    return reason.isOrderly
  }

  /// `usb:0590:0028`, and the serial number where the device has one. Without one, two devices of a model are one: where
  /// it is plugged in says nothing, since it may be another place tomorrow.
  static func id(of device: USBDevice, serial: String?) -> DeviceID {
    let clean = (serial ?? "").filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") }
    return DeviceID(rawValue: "usb:\(device.model)" + (clean.isEmpty ? "" : ":\(clean)"))
  }

  func register(_ id: DeviceID, _ profile: DeviceProfile, name: String?) async throws -> DeviceRecord {
    if let known = try await store.device(id) { return known }
    let record = DeviceRecord(
      description: DeviceDescription(
        id: id, address: nil, name: name ?? profile.title, profile: profile.name, information: DeviceInformation()),
      addressKind: nil, authentication: .wired, pairedAt: Date())
    try await store.saveDevice(record)
    return record
  }
}
