import Foundation
import Testing

@testable import vitals

@Suite struct TextTests {
  static let all: [(name: String, sentence: Sentence)] = {
    func named<Set: TextSet>(_: Set.Type) -> [(name: String, sentence: Sentence)] {
      Set.allCases.map { ("\(Set.self).\($0)", $0.sentence) }
    }
    return named(PairingText.self) + named(ListText.self) + named(StatusText.self) + named(DoctorText.self)
      + named(HealthText.self)
      + named(ErrorText.self) + named(ArgumentText.self) + named(HelpText.self) + named(OwnershipText.self)
      + named(LearnText.self)
      + named(VisitText.self) + named(WebhookText.self) + named(DeliveryText.self) + named(EpisodeText.self)
      + named(RecordText.self) + named(RoleText.self) + named(AnnounceText.self)
      + named(ReloadText.self) + named(ConditionText.self) + named(BackupText.self)
  }()

  @Test func everySentenceHasBothLanguagesAndTheSamePlaceholders() {
    #expect(Self.all.count > 250)
    for (name, sentence) in Self.all {
      #expect(!sentence.en.isEmpty && !sentence.vi.isEmpty, "\(name)")
      #expect(Sentence.placeholders(of: sentence.en) == Sentence.placeholders(of: sentence.vi), "\(name)")
    }
  }

  /// A terminal's font and a search for a word both need composed letters, and a decomposed one shows that a sentence was
  /// pasted from elsewhere.
  @Test func vietnameseIsComposed() {
    for (name, sentence) in Self.all {
      #expect(
        Array(sentence.vi.unicodeScalars) == Array(sentence.vi.precomposedStringWithCanonicalMapping.unicodeScalars),
        "\(name)")
    }
  }

  /// Sentences (not words, examples or bare values) without a single Vietnamese mark were forgotten.
  @Test func vietnameseSentencesHaveTheirMarks() {
    let marks = CharacterSet(
      charactersIn: "ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ")
    for (name, sentence) in Self.all where sentence.en != sentence.vi {
      #expect(sentence.vi.lowercased().unicodeScalars.contains { marks.contains($0) }, "\(name): \(sentence.vi)")
    }
  }

  /// A terminal has 80 columns; ArgumentParser breaks a longer line wherever a word ends, and it can be copied no more.
  @Test func examplesFitIntoATerminal() {
    for (name, sentence) in Self.all {
      for text in [sentence.en, sentence.vi] where text.contains("Examples:") || text.contains("Ví dụ:") {
        for line in text.split(separator: "\n") where line.hasPrefix("  ") {
          #expect(DisplayWidth.of(String(line)) <= 78, "\(name): \(line)")
        }
      }
    }
  }

  @Test func placeholdersAreFilledOnceAndNotAgainInsideValues() {
    #expect(
      Language.en.text(ListText.patientAdded, ["name": "{id}", "id": "p-1"]) == "Added {id}: p-1")
    #expect(Language.vi.text(ListText.patientAdded, ["name": "Mai", "id": "p-1"]) == "Đã thêm Mai: p-1")
  }

  @Test(arguments: [
    (["vitals", "status", "--lang", "vi"], ["LANG": "en_GB.UTF-8"], Language.vi),
    (["vitals", "status", "--lang=en"], ["LANG": "vi_VN.UTF-8"], .en),
    (["vitals"], ["LANG": "vi_VN.UTF-8"], .vi),
    (["vitals"], ["LC_ALL": "C", "LANG": "vi_VN.UTF-8"], .en),
    (["vitals"], ["LC_ALL": "", "LANG": "vi_VN"], .vi),
    (["vitals"], ["LANG": "vie"], .en),
    (["vitals"], [:], .en),
    (["vitals", "patients", "add", "--", "--lang", "vi"], [:], .en),
  ])
  func languageIsChosen(arguments: [String], environment: [String: String], expected: Language) {
    #expect(Language.chosen(arguments: arguments, environment: environment) == expected)
  }
}
