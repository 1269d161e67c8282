import Foundation

/// The descriptions of the schemas in Vietnamese, for messages about a file: by the English, which stands in the schema, where
/// an editor shows it.
enum SchemaDescriptions {
  static let vietnamese: [String: String] =
    (try? JSONDecoder().decode([String: String].self, from: Data(PackageResources.descriptions_vi_json))) ?? [:]
}
