import ArgumentParser
import LocalAPI

struct Assign: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.assign.inProcess, discussion: HelpText.assignExamples.inProcess)

  @Argument(help: ArgumentHelp(HelpText.deviceArgument.inProcess))
  var device: String

  @Option(help: ArgumentHelp(HelpText.userNumber.inProcess, valueName: "number"))
  var user: UserNumber?

  @Option(help: ArgumentHelp(HelpText.assignPatient.inProcess, valueName: "id|name"))
  var patient: String?

  @Flag(help: ArgumentHelp(HelpText.nobody.inProcess))
  var nobody = false

  @Flag(help: ArgumentHelp(HelpText.shared.inProcess))
  var shared = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard [patient != nil, nobody, shared].count(where: { $0 }) == 1 else {
      throw ValidationError.wrong(.oneOf, "--patient, --nobody, --shared")
    }
    if shared, user != nil { throw ValidationError.wrong(.notWith, "--shared", "--user") }
  }

  var request: AssignRequest { AssignRequest(user: user?.number, patient: patient, shared: shared ? true : nil) }

  func run() async throws {
    let console = common.console
    let assigned = try await common.client.assign(device, request)
    if console.json { return try console.document(assigned) }
    Self.show(assigned, request, console)
  }

  static func show(_ device: Device, _ request: AssignRequest, _ console: Console) {
    let name = device.name ?? device.id
    if request.shared == true { return console.say(OwnershipText.isShared, ["device": name], .good) }
    let user = device.users?.first { $0.slot == request.user }
    let person = user.map { $0.patientName ?? $0.patient }
    switch (request.user, person) {
    case (let number?, let person?):
      console.say(
        OwnershipText.numberAssigned, ["device": name, "number": String(number), "person": person], .good)
    case (let number?, nil):
      console.say(OwnershipText.numberNobodys, ["device": name, "number": String(number)], .good)
    case (nil, let person?):
      console.say(OwnershipText.deviceAssigned, ["device": name, "person": person], .good)
    case (nil, nil): console.say(OwnershipText.deviceNobodys, ["device": name], .good)
    }
    if person != nil { console.say(OwnershipText.earlierStay, [:], .faint) }
  }
}

/// A device's user number as an argument, as long as some makers' account numbers are; 255 says *unknown* and is none.
struct UserNumber: ExpressibleByArgument, Hashable, Sendable {
  var number: Int

  init?(argument: String) {
    guard let number = UInt32(argument).map({ Int($0) }), number != 255 else { return nil }
    self.number = number
  }
}
