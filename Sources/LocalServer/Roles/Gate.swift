import Foundation
import Hummingbird
package import LocalAPI
import Logging
import Observations
package import Store

/// The one place where it is decided who may do what at the socket, and where it is written down.
struct Gate: Sendable {
  let notes: AccessNotes
  let accounts: Accounts
  let policy: @Sendable () -> AccessPolicy

  /// Nil for whom the kernel does not name, and for whom nobody gave a role.
  func standing(of uid: UInt32?) async -> Standing? {
    // What the kernel says where it knows nothing, as of a socket that is none of ours.
    guard let uid, uid != .max else { return nil }
    // Without asking NSS, which may be waiting for a server that is away.
    if uid == 0 || uid == accounts.service { return Standing(Account(uid: uid), .administer) }
    return policy().standing(of: await accounts.account(uid))
  }

  /// Lets a request in whose sender has the role that its route needs, and writes down what was done or refused.
  func answer(
    _ request: Request, _ context: LocalContext, _ route: RouteDeclaration,
    _ handle: @Sendable (Request, LocalContext, Scope) async throws -> Response
  ) async throws -> Response {
    var context = context
    context.uid = accounts.peer(await context.peerUID())
    let standing = await standing(of: context.uid)
    var needed = route.role
    if let everybody = route.everybody, let standing, standing.role != .own, request.query("patient") == nil {
      needed = everybody
    }
    guard let standing, standing.role >= needed else {
      await notes.writeSoon(note(route, context, refused: true))
      throw Self.refusal(standing?.role, needed: needed)
    }
    context.standing = standing
    context.stillMay = { [self, uid = context.uid, needed] in
      let now = await self.standing(of: uid)
      guard let now, now.role >= needed else { throw Self.refusal(now?.role, needed: needed) }
      guard now.scope == standing.scope else {
        throw RequestFailure(
          APIError.Code.notAllowed, "whose readings this account may see has changed since this began",
          remedy: "ask once more")
      }
    }
    do {
      let response = try await handle(request, context, standing.scope)
      guard let action = route.action else { return response }
      let done = note(route, context, refused: false)
      switch action {
      // What leaves in one piece waits for it.
      case .export, .backup: try await notes.write(done)
      // What fires is shown though the card takes no more writes.
      case .read: await notes.writeSoon(done)
      // That it cannot be written down undoes nothing.
      default: try? await notes.write(done)
      }
      return response
    } catch {
      if let hidden = (error as? RequestFailure)?.hidden ?? (error as? FHIRFailure)?.hidden {
        context.note(hidden)
        await notes.writeSoon(note(route, context, refused: true))
      }
      throw error
    }
  }

  /// What is to be written down of a request now: a line for each whom it was about.
  private func note(_ route: RouteDeclaration, _ context: LocalContext, refused: Bool) -> [AccessNotes.Note] {
    let noted = context.noted
    var whose = noted.patients.sorted { $0.rawValue < $1.rawValue }.map(Optional.some)
    if whose.isEmpty, let own = context.standing?.scope.patients {
      whose = own.sorted { $0.rawValue < $1.rawValue }.map(Optional.some)
    }
    let now = Date()
    if whose.isEmpty { whose = [nil] }
    return whose.flatMap { patient in
      notes.count(
        AccessNotes.Line(
          action: route.action ?? .read, uid: context.uid, patient: patient, subject: noted.subject, refused: refused),
        at: now)
    }
  }

  private static func refusal(_ role: Role?, needed: Role) -> RequestFailure {
    let has = role.map { "this account has '\($0.rawValue)'" } ?? "this account has no role"
    return RequestFailure(
      APIError.Code.notAllowed, "this needs the role '\(needed.rawValue)'; \(has)",
      remedy: needed == .administer
        ? "ask whoever administers the box, or use 'sudo'; roles are given under 'access' in vitalsd.yaml"
        : "roles are given under 'access' in vitalsd.yaml, by whoever administers the box")
  }
}

/// A route, with what it takes to use it.
package struct RouteDeclaration: Hashable, Sendable {
  package var method: String
  /// Parts in braces stand for what a request names.
  package var path: String
  package var role: Role
  /// The role for asking about everybody at once, where that is another; a request about one person names them as `patient`.
  package var everybody: Role?
  /// As what it is written down when it is done; nil: only that it was refused is written down.
  package var action: Access.Action?

  /// `GET /v1/readings`.
  package var name: String { "\(method) \(path)" }
}

/// Takes routes. Each says by the word it is added with which role it needs; there is no other way to add one.
///
/// A route of ``own(_:_:noting:everybody:_:)`` is given whose readings the request may see, and answers as if nobody else were
/// there.
final class Routes {
  typealias Handler = @Sendable (Request, LocalContext) async throws -> Response
  typealias ScopedHandler = @Sendable (Request, LocalContext, Scope) async throws -> Response

  private let router: Router<LocalContext>
  private let gate: Gate
  private let root: String
  private(set) var declarations: [RouteDeclaration] = []

  /// - Parameter root: what stands before every path.
  init(_ router: Router<LocalContext>, _ gate: Gate, root: String = "/v1/") {
    self.router = router
    self.gate = gate
    self.root = root
  }

  /// For everybody with a role; accounts of ``LocalAPI/Role/own`` about the people they are linked to.
  /// - Parameter everybody: the role for leaving out whom it is about, where that needs more.
  func own(
    _ method: HTTPRequest.Method, _ path: String, noting action: Access.Action? = nil, everybody: Role? = nil,
    _ handle: @escaping ScopedHandler
  ) {
    add(method, path, .own, action, everybody, handle)
  }

  func operate(
    _ method: HTTPRequest.Method, _ path: String, noting action: Access.Action? = nil, _ handle: @escaping Handler
  ) {
    add(method, path, .operate, action, nil) { request, context, _ in try await handle(request, context) }
  }

  func administer(
    _ method: HTTPRequest.Method, _ path: String, noting action: Access.Action? = nil, _ handle: @escaping Handler
  ) {
    add(method, path, .administer, action, nil) { request, context, _ in try await handle(request, context) }
  }

  private func add(
    _ method: HTTPRequest.Method, _ path: String, _ role: Role, _ action: Access.Action?, _ everybody: Role?,
    _ handle: @escaping ScopedHandler
  ) {
    let route = RouteDeclaration(
      method: method.rawValue, path: root + path, role: role, everybody: everybody, action: action)
    declarations.append(route)
    router.on(RouterPath(route.path), method: method) { [gate] request, context in
      try await gate.answer(request, context, route, handle)
    }
  }
}
