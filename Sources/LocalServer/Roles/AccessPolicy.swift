import LocalAPI
package import Observations

/// Which accounts of this machine have which role (`access` of `vitalsd.yaml`).
package struct AccessPolicy: Hashable, Sendable {
  /// Accounts by what the machine calls them.
  package struct Accounts: Hashable, Sendable {
    /// Names, or numbers in digits.
    package var users: Set<String>
    package var groups: Set<String>

    package init(users: Set<String> = [], groups: Set<String> = []) {
      self.users = users
      self.groups = groups
    }
  }

  /// The accounts that are linked to people.
  package struct Link: Hashable, Sendable {
    package var accounts: Accounts
    package var patients: Set<PatientID>

    package init(_ accounts: Accounts, patients: Set<PatientID>) {
      self.accounts = accounts
      self.patients = patients
    }
  }

  package var administer: Accounts
  package var operate: Accounts
  package var own: [Link]

  /// Without arguments what holds when nothing is configured: the group that may open the socket operates.
  package init(administer: Accounts = Accounts(), operate: Accounts? = nil, own: [Link] = []) {
    self.administer = administer
    self.operate = operate ?? Accounts(groups: ["vitals"])
    self.own = own
  }

  /// What an account may do; nil: nothing. What names the user goes before what names a group, and a link before the wider
  /// roles: an account that is linked to somebody has to be in the socket's group too, and is not to gain by that.
  func standing(of account: Account) -> Standing? {
    let names = Set([account.user, String(account.uid)].compactMap { $0 })
    return standing(account) { !$0.users.isDisjoint(with: names) }
      ?? standing(account) { !$0.groups.isDisjoint(with: account.groups) }
  }

  private func standing(_ account: Account, _ isNamed: (Accounts) -> Bool) -> Standing? {
    let links = own.filter { isNamed($0.accounts) }
    if !links.isEmpty {
      return Standing(account, .own, Scope(patients: links.reduce(into: []) { $0.formUnion($1.patients) }))
    }
    if isNamed(administer) { return Standing(account, .administer) }
    if isNamed(operate) { return Standing(account, .operate) }
    return nil
  }
}

/// What somebody may do.
struct Standing: Hashable, Sendable {
  var account: Account
  var role: Role
  var scope: Scope

  init(_ account: Account, _ role: Role, _ scope: Scope = .everybody) {
    self.account = account
    self.role = role
    self.scope = scope
  }
}

/// Whose a request may see and touch.
struct Scope: Hashable, Sendable {
  /// Nil: everybody's, and what is nobody's.
  var patients: Set<PatientID>?

  static let everybody = Scope(patients: nil)

  /// The one person it is about; nil: everybody, or not one.
  var only: PatientID? { patients?.count == 1 ? patients?.first : nil }

  func takes(_ patient: PatientID?) -> Bool {
    guard let patients else { return true }
    return patient.map(patients.contains) ?? false
  }
}
