import Glibc
import NIOPosix
import Synchronization

/// An account of this machine.
package struct Account: Hashable, Sendable {
  package var uid: UInt32
  /// Nil: the machine has no name for the number.
  package var user: String?
  /// The names of its groups, the primary one among them.
  package var groups: Set<String>

  package init(uid: UInt32, user: String? = nil, groups: Set<String> = []) {
    self.uid = uid
    self.user = user
    self.groups = groups
  }
}

/// Who asks, and what this machine knows of them.
package struct Accounts: Sendable {
  /// The service's own user, which has every right here: it can read the database as it is.
  package var service: UInt32
  /// What is taken for the kernel's word on who is at the other end; the kernel's word itself but in tests.
  package var peer: @Sendable (UInt32?) -> UInt32?
  /// Name and groups as they are now.
  package var account: @Sendable (UInt32) async -> Account

  package init(
    service: UInt32 = geteuid(), peer: @escaping @Sendable (UInt32?) -> UInt32? = { $0 },
    account: @escaping @Sendable (UInt32) async -> Account
  ) {
    self.service = service
    self.peer = peer
    self.account = account
  }

  /// Of this machine, by NSS.
  package static var machine: Accounts {
    let directory = AccountDirectory()
    return Accounts(account: { await directory.account($0) })
  }

  /// Whether `policy` gives a user of this machine any role; true for one whom it does not know. Blocks.
  package static func hasRole(_ user: String, by policy: AccessPolicy) -> Bool {
    guard let entry = getpwnam(user) else { return true }
    return policy.standing(of: AccountDirectory.lookUp(entry.pointee.pw_uid)) != nil
  }
}

/// Asks NSS for accounts and remembers for a few seconds what it said.
final class AccountDirectory: Sendable {
  /// How long a group that was left still counts.
  static let patience: Duration = .seconds(5)
  /// Accounts that are remembered; a house has fewer.
  private static let most = 64

  /// NSS may ask a server and wait for it: on a thread of its own, nothing else waits with it. Never shut down, as the
  /// process needs it to its end.
  private static let pool: NIOThreadPool = {
    let pool = NIOThreadPool(numberOfThreads: 1)
    pool.start()
    return pool
  }()

  private struct Known {
    var account: Account
    var until: ContinuousClock.Instant
  }

  private let known = Mutex<[UInt32: Known]>([:])

  func account(_ uid: UInt32) async -> Account {
    let now = ContinuousClock.now
    if let found = known.withLock({ $0[uid] }), now < found.until { return found.account }
    let account = (try? await Self.pool.runIfActive { Self.lookUp(uid) }) ?? Account(uid: uid)
    known.withLock { known in
      if known.count >= Self.most { known.removeAll() }
      known[uid] = Known(account: account, until: now.advanced(by: Self.patience))
    }
    return account
  }

  /// Blocks. What NSS cannot tell is not there: no name, no groups, no role by them.
  static func lookUp(_ uid: UInt32) -> Account {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1 << 16) { buffer in
      var account = Account(uid: uid)
      var entry = passwd()
      var found: UnsafeMutablePointer<passwd>?
      guard let room = buffer.baseAddress, getpwuid_r(uid, &entry, room, buffer.count, &found) == 0, found != nil,
        let name = entry.pw_name
      else { return account }
      account.user = String(cString: name)
      var groups = [gid_t](repeating: 0, count: 64)
      var count = Int32(groups.count)
      while getgrouplist(name, entry.pw_gid, &groups, &count) < 0 {
        // It says how many there are; one that says no more than there was room for would ask for ever.
        guard Int(count) > groups.count else { return account }
        groups = [gid_t](repeating: 0, count: Int(count))
      }
      account.groups = Set(groups.prefix(Int(count)).compactMap(groupName))
      return account
    }
  }

  private static func groupName(_ id: gid_t) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1 << 16) { buffer in
      var entry = group()
      var found: UnsafeMutablePointer<group>?
      guard let room = buffer.baseAddress, getgrgid_r(id, &entry, room, buffer.count, &found) == 0, found != nil,
        let name = entry.gr_name
      else { return nil }
      return String(cString: name)
    }
  }
}
