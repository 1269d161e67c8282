import Devices
import Observations

/// What a device's link must prove before anything of it is read.
enum LinkProof: Hashable {
  /// That it is encrypted with the device's key.
  case key
  /// Nothing: whatever comes is taken, and says *unauthenticated*.
  case nothing
  /// What it cannot: the profile wants a bond, and the device was taken up without one.
  case bondThatIsMissing
}

extension KnownDevice {
  /// A bond that was made holds whatever the profile says of it now: who once had a key is not believed without it.
  var linkProof: LinkProof {
    switch authentication {
    case .authenticated, .bonded, .wired: .key
    case .unauthenticated: profile.session.bond == .required ? .bondThatIsMissing : .nothing
    }
  }
}

extension LinkAuthentication {
  /// Whether a link that is so protected could be made by somebody who could not make one that is `other`.
  func isWeaker(than other: LinkAuthentication) -> Bool { strength < other.strength }

  private var strength: Int {
    switch self {
    case .unauthenticated: 0
    case .bonded: 1
    case .authenticated, .wired: 2
    }
  }
}
