import Observations

extension ObservationForRecord {
  /// What a reader must know of this reading and no coded element says, in sentences.
  var notes: [String] {
    if observation.kind == .homeAverage {
      return standing == .withdrawn
        ? ["Withdrawn: a reading in this mean was not this person's. Its values are left out."]
        : ["Mean of readings that the person took at home. \(observation.provenance.format)."]
    }
    var notes =
      standing == .withdrawn ? ["Withdrawn: this reading was not this person's. Its values are left out."] : []
    switch observation.effective.basis {
    case .deviceClock, .deviceClockCorrected, .window: break
    case .deviceClockUnchecked:
      notes.append("Time by the device's own clock, which the gateway could not compare with its own.")
    case .received:
      notes.append("The device gave no usable time: this is when the gateway received the reading.")
    case .betweenVisits:
      notes.append(
        "From the device's memory without a usable time: taken within this period, between two visits of the device.")
    case .boxClockUnknown:
      notes.append(
        "The gateway's own clock was not known to be right when it received the reading, and it restarted before it was: "
          + "taken within this period.")
    }
    if observation.marks.contains(.timeCorrected), observation.effective.basis != .boxClockUnknown {
      notes.append("The gateway's own clock was set after it had received the reading: its time was worked out then.")
    }
    if observation.marks.contains(.possibleRepeat) {
      notes.append("May be a repeat of an earlier reading: the device sends no time, and the values are equal.")
    }
    if observation.provenance.authentication == .unauthenticated {
      notes.append("Received over an unencrypted radio link: the device cannot be paired, so its name is not proven.")
    }
    return notes
  }

  /// The device doubted its own measurement. An irregular pulse is a finding and no doubt; it stands among the flags.
  /// (Measurement status *questionable* in the guides; an alert's high or low is not one.)
  var isQuestionable: Bool {
    !observation.flags.isDisjoint(with: [
      .bodyMovement, .cuffTooLoose, .improperPosition, .pulseAboveRange, .pulseBelowRange, .questionable,
    ])
  }
}
