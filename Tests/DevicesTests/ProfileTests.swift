import BluetoothLE
import Devices
import Foundation
import Testing
import YAMLDocuments

@Suite struct ProfileTests {
  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  /// Each bad file stands beside the text that must be said of it, without the directory.
  static let badFiles =
    (try? FileManager.default.contentsOfDirectory(atPath: fixtures.appending(path: "BadProfiles").path))?
    .filter { $0.hasSuffix(".yaml") }.sorted() ?? []

  @Test func thereAreBadFiles() { #expect(Self.badFiles.count >= 10) }

  @Test(arguments: badFiles)
  func everyFaultIsNamed(file: String) throws {
    let directory = Self.fixtures.appending(path: "BadProfiles")
    let expected = try String(
      contentsOf: directory.appending(path: file.replacing(".yaml", with: ".txt")), encoding: .utf8)
    let found = ProfileCheck.check(file: directory.appending(path: file)).map { diagnostic in
      var diagnostic = diagnostic
      diagnostic.file = URL(filePath: diagnostic.file).lastPathComponent
      return diagnostic.description + "\n"
    }.joined()
    #expect(found == expected)
  }

  @Test func twoProfilesForOneDeviceAreRefused() {
    let (library, diagnostics) = ProfileLibrary.load([Self.fixtures.appending(path: "Tie")])
    #expect(library.profiles.map(\.name) == ["first/cuff"])
    #expect(diagnostics.count == 1)
    #expect(diagnostics.first?.field == "recognise")
    #expect(diagnostics.first?.message.contains("first/cuff/profile.yaml (service 1810, name Cuff-A)") == true)
  }

  @Test func aFolderOfAnotherNameIsNamed() {
    let diagnostics = ProfileCheck.check([Self.fixtures.appending(path: "Misnamed")])
    #expect(diagnostics.map(\.message) == ["is other/name, but the file stands in the folders vendor/model"])
  }

  @Test func aDirectoryThatIsNotThereIsNamed() {
    let diagnostics = ProfileCheck.check([URL(filePath: "/nonexistent")])
    #expect(diagnostics.count == 1)
    #expect(diagnostics.first?.message.hasPrefix("cannot be listed") == true)
  }

  private func profile(_ name: String, _ recognition: Recognition, driver: String = "gatt-blood-pressure")
    -> DeviceProfile
  {
    DeviceProfile(
      name: name, title: name, recognition: recognition, driver: driver,
      session: SessionPolicy(bond: .never, subscribe: [BluetoothUUID(0x2A35)]))
  }

  private func advertisement(
    _ name: String? = nil, services: [UInt16] = [], manufacturers: [UInt16: [UInt8]] = [:]
  ) throws -> Advertisement {
    Advertisement(
      address: try #require(BluetoothAddress("F0:F1:F2:F3:F4:F5", kind: .random)), localName: name,
      serviceUUIDs: services.map { BluetoothUUID($0) }, manufacturerData: manufacturers)
  }

  @Test func aModelComesBeforeItsFamily() throws {
    let matcher = DeviceMatcher(
      ProfileLibrary([
        profile("sig/cuff", Recognition(services: [BluetoothUUID(0x1810)])),
        profile("maker/any", Recognition(services: [BluetoothUUID(0x1810)], namePrefixes: ["Maker_"])),
        profile("maker/model", Recognition(services: [BluetoothUUID(0x1810)], namePrefixes: ["Maker_X"])),
        profile("maker/broadcast", Recognition(manufacturers: [0x020E])),
      ]))
    #expect(try matcher.match(advertisement("Maker_X1", services: [0x1810]))?.profile.name == "maker/model")
    #expect(try matcher.match(advertisement("Maker_Y1", services: [0x1810]))?.profile.name == "maker/any")
    #expect(try matcher.match(advertisement("Other", services: [0x1810]))?.profile.name == "sig/cuff")
    // Both facts of a profile must be there.
    #expect(try matcher.match(advertisement("Maker_X1", services: [0x180F])) == nil)
    let broadcast = try matcher.match(advertisement(services: [0x1810], manufacturers: [0x020E: [1]]))
    #expect(broadcast?.profile.name == "maker/broadcast")
    #expect(broadcast?.others.map(\.name) == ["sig/cuff"])
    #expect(broadcast?.driver.name == "gatt-blood-pressure")
  }

  /// Many models advertise the same: which it is, only a person can say.
  @Test func aModelThatMustBeChosenIsNotGuessed() throws {
    func chosen(_ name: String) -> DeviceProfile {
      profile(name, Recognition(namePrefixes: ["Maker_"], isChosen: true))
    }
    let sig = profile("sig/cuff", Recognition(services: [BluetoothUUID(0x1810)]))
    let all = DeviceMatcher(ProfileLibrary([chosen("maker/one"), chosen("maker/two"), sig]))
    #expect(try all.match(advertisement("Maker_1")) == nil)
    let other = try all.match(advertisement("Maker_1", services: [0x1810]))
    #expect(other?.profile.name == "sig/cuff" && other?.others.isEmpty == true)
    let named = DeviceMatcher(ProfileLibrary([chosen("maker/two")]))
    #expect(try named.match(advertisement("Maker_1"))?.profile.name == "maker/two")
    #expect(try named.match(advertisement("Other")) == nil)
  }

  @Test func aStrangerIsNobody() throws {
    let matcher = DeviceMatcher(ProfileLibrary([profile("a/b", Recognition(namePrefixes: ["X"]))]))
    #expect(try matcher.match(advertisement()) == nil)
    #expect(try matcher.match(advertisement("x")) == nil)
  }

  @Test func aDeviceThatIsTwoThingsGoesByName() throws {
    let matcher = DeviceMatcher(
      ProfileLibrary([
        profile("sig/strap", Recognition(services: [BluetoothUUID(0x180D)]), driver: "gatt-heart-rate"),
        profile("sig/cuff", Recognition(services: [BluetoothUUID(0x1810)])),
      ]))
    let match = try matcher.match(advertisement(services: [0x180D, 0x1810]))
    #expect(match?.profile.name == "sig/cuff")
    #expect(match?.others.map(\.name) == ["sig/strap"])
  }

  @Test func everyDriverHasItsOwnName() {
    #expect(Set(Drivers.all.map(\.name)).count == Drivers.all.count)
    #expect(Drivers.named("gatt-blood-pressure")?.nameAndVersion == "gatt-blood-pressure/1")
    #expect(Drivers.named("gatt-glucose") == nil)
  }
}
