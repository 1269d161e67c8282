extension LocalClient {
  /// `GET /v1/backup`: all of the household as a tar archive, piece by piece and in the clear; an end without an error
  /// means that it is whole.
  package func backup(each: ([UInt8]) async throws -> Void) async throws {
    try await download(LocalRequest(.get, ["backup"]), each: each)
  }
}
