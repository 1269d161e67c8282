package import AlertRules
package import Forwarding
package import Foundation
package import LocalServer
package import Observations
package import Store

/// What `vitalsd.yaml` says, with defaults filled in and paths made absolute.
package struct Configuration: Sendable, Equatable {
  package enum Simulation: String, Sendable {
    /// Only while there is no hardware.
    case auto
    case always
    case never
  }

  package var dataDirectory: String
  package var socketPath: String
  /// Where device profiles are looked for, in this order.
  package var profileDirectories: [String]
  /// Nil: the rules that come with the program.
  package var rulesDirectory: String?
  package var timeZone: TimeZone
  /// Whose word makes the box's own clock right.
  package var clockTrust: BoxClock.Trust
  package var isBluetoothEnabled: Bool
  /// Devices on a cable, and ANT sticks.
  package var isUSBEnabled: Bool
  package var simulation: Simulation
  /// Seconds that one stored heart-rate observation sums up.
  package var strapWindow: Int
  /// Bytes that the store may take of its disk; nil: ``DiskBudget/usual`` or less.
  package var storageBudget: Int64?
  /// ANT+ straps.
  package var ant = ANT()
  package var destinations: [Destination]
  /// The household's record in FHIR.
  package var record = Record()
  /// Which accounts of this machine may do what at the socket.
  package var access = AccessPolicy()
  /// Who is told of alerts, and who next.
  package var escalation = EscalationPlan()
  /// What the texts of alerts say to call, as it is dialled; nil: they say "the doctor or the emergency service".
  package var emergencyNumber: String?
  /// The monitor outside that waits for signs of life; nil: none.
  package var heartbeat: HeartbeatSettings?
  /// How people outside can answer; nil: only at the box.
  package var answers: Answers?

  package init(
    dataDirectory: String, socketPath: String, profileDirectories: [String], rulesDirectory: String? = nil,
    timeZone: TimeZone = .current, clockTrust: BoxClock.Trust = .synchronised, isBluetoothEnabled: Bool = true,
    isUSBEnabled: Bool = true, simulation: Simulation = .never,
    strapWindow: Int = 60, destinations: [Destination] = []
  ) {
    self.dataDirectory = dataDirectory
    self.socketPath = socketPath
    self.profileDirectories = profileDirectories
    self.rulesDirectory = rulesDirectory
    self.timeZone = timeZone
    self.clockTrust = clockTrust
    self.isBluetoothEnabled = isBluetoothEnabled
    self.isUSBEnabled = isUSBEnabled
    self.simulation = simulation
    self.strapWindow = strapWindow
    self.destinations = destinations
  }

  /// The ways in which people outside can say that they know of an alert.
  package struct Answers: Sendable, Equatable {
    /// The page that a link opens.
    package struct Page: Sendable, Equatable {
      /// Of this box; what makes it reachable stands before it.
      package var host: String
      package var port: Int
      /// Where it can be reached from outside, without a slash at its end.
      package var address: String

      package init(host: String, port: Int, address: String) {
        self.host = host
        self.port = port
        self.address = address
      }
    }

    /// How long a message can be answered, from the change that it tells of.
    package var valid: Duration = .seconds(86_400)
    /// Nil: no topic is read.
    package var reply: ReplySettings?
    /// Nil: nothing listens.
    package var page: Page?

    package init(reply: ReplySettings? = nil, page: Page? = nil) {
      self.reply = reply
      self.page = page
    }
  }

  /// How the household's record is answered; at the socket it always is.
  package struct Record: Sendable, Equatable {
    /// A port of the loopback address; nil: none.
    package var port: Int?
    /// The file whose first line is the token of that port.
    package var tokenFile: String?
    /// `Patient.identifier.system`.
    package var patientSystem: String

    package init(
      port: Int? = nil, tokenFile: String? = nil, patientSystem: String = Configuration.defaultPatientSystem
    ) {
      self.port = port
      self.tokenFile = tokenFile
      self.patientSystem = patientSystem
    }
  }

  /// What is needed to hear heart-rate straps by an ANT stick.
  package struct ANT: Sendable, Equatable {
    /// A strap that is read: only one that is named here, since a neighbour's is heard too.
    package struct Strap: Sendable, Equatable {
      /// 20 bits, as the strap sends it.
      package var number: Int
      package var name: String?

      package init(number: Int, name: String? = nil) {
        self.number = number
        self.name = name
      }
    }

    /// A file with the key of ANT+'s network, 16 hexadecimal digits; nil: none was given.
    package var networkKeyFile: String?
    package var straps: [Strap]

    package init(networkKeyFile: String? = nil, straps: [Strap] = []) {
      self.networkKeyFile = networkKeyFile
      self.straps = straps
    }
  }

  /// One place that readings or alerts are sent to. Secrets are files, never values.
  package struct Destination: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
      /// A FHIR R4 server. `tokenFile` holds a bearer token.
      case fhir(patientSystem: String, tokenFile: String?, allowsPrivateAddress: Bool)
      /// A Standard Webhooks receiver; `secretFile` holds one `whsec_…` a line. Nil: a service with a form of its own
      /// (``Destination/template``) that looks at no signature.
      case webhook(secretFile: String?, allowsPrivateAddress: Bool, includesValues: Bool, tellsReadings: Bool)
      /// A receiver of HL7 v2 over MLLP.
      case hl7v2(HL7v2Settings, allowsPrivateAddress: Bool)
    }

    package var id: DestinationID
    package var kind: Kind
    package var url: URL
    /// A file that holds the address of a webhook, in place of ``url``: there are addresses that are secrets.
    package var urlFile: String?
    /// A header that a webhook's service knows us by.
    package var token: TokenHeader?
    /// What a webhook's answer must say beside its status.
    package var success: AnswerField?
    /// Whether simulated readings may leave for it.
    package var takesSimulated: Bool
    /// The wait after the first failed attempt, and the longest; nil = the kind's own schedule.
    package var firstRetry: Duration?
    package var longestRetry: Duration?
    /// Which of what its kind takes it is sent.
    package var only = DestinationFilter()
    /// How long one request may take; nil = the kind's own.
    package var timeLimit: Duration?
    /// Certificates (PEM) of the authority that this destination's is held against; nil = the system's.
    package var authorityFile: String?
    /// How a health record is reached.
    package var record = RecordAccess()
    /// What makes the body of a webhook; nil = the message itself.
    package var template: Template?

    /// A Mustache file, and what it makes.
    package struct Template: Sendable, Equatable {
      package var file: String
      /// Nil: `application/json`.
      package var contentType: String?
      /// What it says, as it was read with the configuration; nil: it was not.
      package var text: String?

      package init(file: String, contentType: String? = nil) {
        self.file = file
        self.contentType = contentType
      }
    }

    package init(
      id: DestinationID, kind: Kind, url: URL, takesSimulated: Bool = false, firstRetry: Duration? = nil,
      longestRetry: Duration? = nil
    ) {
      self.id = id
      self.kind = kind
      self.url = url
      self.takesSimulated = takesSimulated
      self.firstRetry = firstRetry
      self.longestRetry = longestRetry
    }
  }

  /// The identifier system of patients when a destination names none: an example arc, so that nobody mistakes it for a
  /// national one.
  package static let defaultPatientSystem = "urn:oid:2.999.84.1"
}
