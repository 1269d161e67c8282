/// What an 11073 float says in the place of a number (ISO/IEEE 11073-20601, FLOAT-Type and SFLOAT-Type).
///
/// The raw values are the words of the JSON form: `{"special":"nan"}`.
package enum SpecialValue: String, Hashable, Sendable, CaseIterable {
  /// NaN: there is no valid number, for example a pulse that the cuff could not count.
  case notANumber = "nan"
  /// NRes: not at this resolution.
  case notAtThisResolution = "nres"
  case positiveInfinity = "+inf"
  case negativeInfinity = "-inf"
  /// Reserved for future use.
  case reserved
}
