import Foundation
import Observations

/// Alerts about the gateway, a destination or a device: nothing was measured, and nobody is named.
extension AlertSpeaker {
  func sentences(of fact: GatewayFact) -> [String] {
    var sentences = [sentence(isOver ? ended(fact) : found(fact))]
    if !isOver, let rebuilt = fact.rebuilt { sentences += [sentence(source(rebuilt)), sentence(loss(rebuilt))] }
    let notes = certainty + marks
    if !notes.isEmpty { sentences.append(sentence(notes.joined(separator: "; "))) }
    sentences.append(next(fact))
    return sentences
  }

  /// In few words, the longest first.
  func titles(of fact: GatewayFact) -> [String] {
    let short = short(fact.condition.name)
    return (transition.about.map { ["\(short), \($0)"] } ?? []) + [short]
  }

  private func short(_ name: GatewayCondition.Name) -> String {
    switch name {
    case .batteryLow: isOver ? say("battery good again", "pin đã tốt") : say("battery low", "sắp hết pin")
    case .clockWrong: isOver ? say("clock right again", "đồng hồ đã đúng") : say("clock wrong", "đồng hồ sai giờ")
    case .clockUnset: isOver ? say("clock set", "đã chỉnh giờ") : say("clock not set", "chưa chỉnh giờ")
    case .bondStale: isOver ? say("paired again", "đã ghép nối lại") : say("pairing lost", "mất ghép nối")
    case .undeliveredAlert:
      isOver ? say("alert delivered", "tin báo đã gửi được") : say("alert not delivered", "tin báo chưa gửi được")
    case .destinationDown:
      isOver ? say("can be reached again", "đã gửi lại được") : say("cannot be reached", "không gửi đến được")
    case .destinationRefuses:
      isOver ? say("takes messages again", "đã nhận tin trở lại") : say("refuses messages", "từ chối nhận tin")
    case .diskLow: isOver ? say("enough room again", "đã đủ chỗ lưu") : say("little room left", "sắp hết chỗ lưu")
    case .storeFailing:
      isOver
        ? say("readings are stored again", "đã lưu lại được") : say("readings are not stored", "không lưu được kết quả")
    case .databaseDamaged:
      isOver
        ? say("database in order", "dữ liệu đã ổn định")
        : say("database damaged and rebuilt", "dữ liệu hỏng, đã dựng lại")
    case .adapterMissing:
      isOver ? say("Bluetooth works again", "Bluetooth đã chạy lại") : say("no Bluetooth", "mất Bluetooth")
    case .configurationRefused:
      isOver ? say("configuration taken", "đã nhận cấu hình") : say("configuration has a fault", "cấu hình có lỗi")
    }
  }

  /// The device or destination, as the subject of a sentence.
  private func thing(_ fact: GatewayFact) -> String {
    if let about = transition.about {
      return fact.condition.name.subject == .device
        ? say("the device \(about)", "máy \(about)")
        : say("the destination “\(about)”", "nơi nhận “\(about)”")
    }
    return fact.condition.name.subject == .device
      ? say("a device", "một máy đo") : say("the gateway", "cổng sức khỏe")
  }

  private func since(_ fact: GatewayFact) -> (en: String, vi: String) {
    fact.since.map { ("since \(time($0))", "từ \(time($0))") } ?? ("for a while", "một lúc nay")
  }

  private func found(_ fact: GatewayFact) -> String {
    let (thing, since) = (thing(fact), since(fact))
    switch fact.condition.name {
    case .batteryLow: return say("the battery of \(thing) is low", "\(thing) sắp hết pin")
    case .clockWrong: return say("the clock of \(thing) is wrong", "đồng hồ của \(thing) chạy sai giờ")
    case .clockUnset:
      return say("the clock of \(thing) has not been set", "đồng hồ của \(thing) chưa được chỉnh ngày giờ")
    case .bondStale:
      return say(
        "\(thing) does not know the gateway any more, and its readings do not come through",
        "\(thing) không còn nhận ra cổng sức khỏe, nên kết quả đo không về được")
    case .undeliveredAlert:
      return say(
        "\(since.en), an alert could not be delivered to \(thing)", "\(since.vi) có cảnh báo chưa gửi được đến \(thing)"
      )
    case .destinationDown:
      return say("\(since.en), nothing could be delivered to \(thing)", "\(since.vi) không gửi được gì đến \(thing)")
    case .destinationRefuses:
      return say("\(thing) has refused what is sent to it \(since.en)", "\(since.vi) \(thing) từ chối nhận tin")
    case .diskLow: return say("\(thing) has little room left for readings", "\(thing) sắp hết chỗ lưu kết quả đo")
    case .storeFailing:
      return say(
        "\(thing) has not been able to store readings \(since.en)", "\(since.vi) \(thing) không lưu được kết quả đo")
    case .databaseDamaged:
      return say(
        "the database of \(thing) was damaged, and was built anew", "dữ liệu của \(thing) bị hỏng và đã được dựng lại")
    case .adapterMissing:
      return say(
        "\(thing) has not been able to use Bluetooth \(since.en)", "\(since.vi) \(thing) không dùng được Bluetooth")
    case .configurationRefused:
      return say(
        "\(thing) could not take its new configuration and goes by the last good one \(since.en)",
        "\(thing) không nhận được cấu hình mới, vẫn dùng cấu hình tốt gần nhất \(since.vi)")
        + (fact.detail.map { ": \($0)" } ?? "")
    }
  }

  private func ended(_ fact: GatewayFact) -> String {
    let (thing, since) = (thing(fact), since(fact))
    switch fact.condition.name {
    case .batteryLow: return say("the battery of \(thing) is good again", "pin của \(thing) đã tốt trở lại")
    case .clockWrong: return say("the clock of \(thing) is right again", "đồng hồ của \(thing) đã đúng giờ")
    case .clockUnset: return say("the clock of \(thing) is set", "đồng hồ của \(thing) đã được chỉnh ngày giờ")
    case .bondStale:
      return say("\(thing) knows the gateway again", "\(thing) đã nhận ra cổng sức khỏe trở lại")
    case .undeliveredAlert:
      return say("no alert waits any more for \(thing)", "không còn cảnh báo nào chờ gửi đến \(thing)")
    case .destinationDown:
      return say(
        "messages reach \(thing) again; they had not \(since.en)",
        "đã gửi lại được đến \(thing), sau khi \(since.vi) không gửi được")
    case .destinationRefuses: return say("\(thing) takes messages again", "\(thing) đã nhận tin trở lại")
    case .diskLow: return say("\(thing) has enough room again", "\(thing) đã đủ chỗ lưu kết quả đo")
    case .storeFailing:
      return say(
        "\(thing) stores readings again; it had not \(since.en)",
        "\(thing) đã lưu lại được kết quả đo, sau khi \(since.vi) không lưu được")
    case .databaseDamaged:
      return say(
        "\(thing) has worked with the rebuilt database since, and no damage was found again",
        "\(thing) đã chạy với dữ liệu dựng lại mà không thấy hỏng thêm")
    case .adapterMissing:
      return say(
        "\(thing) can use Bluetooth again; it could not \(since.en)",
        "\(thing) đã dùng lại được Bluetooth, sau khi \(since.vi) không dùng được")
    case .configurationRefused:
      return say("\(thing) has taken its configuration", "\(thing) đã nhận cấu hình")
    }
  }

  private func source(_ rebuilt: RebuiltDatabase) -> String {
    let (restored, salvaged) = (readings(Decimal(rebuilt.restored)), readings(Decimal(rebuilt.salvaged)))
    guard let made = rebuilt.copyMadeAt else {
      return say(
        "there was no copy; \(salvaged) could be read from the damaged file",
        "không có bản sao nào; đã đọc lại được \(salvaged) từ tệp bị hỏng")
    }
    return say(
      "\(restored) came from the copy of \(time(made)), and \(salvaged) more from the damaged file",
      "đã lấy lại \(restored) từ bản sao lúc \(time(made)), và thêm \(salvaged) từ tệp bị hỏng")
  }

  private func loss(_ rebuilt: RebuiltDatabase) -> String {
    switch rebuilt.missing {
    case 0?: say("no reading is known to be missing", "không thấy thiếu lần đo nào")
    case .some(let count):
      say(
        "\(readings(Decimal(count))) could not be read and are lost, unless a device still has them",
        "\(readings(Decimal(count))) không đọc lại được và đã mất, trừ khi máy đo còn giữ")
    case nil:
      say(
        "other readings may be lost, unless a device still has them",
        "có thể đã mất các lần đo khác, trừ khi máy đo còn giữ")
    }
  }

  private func next(_ fact: GatewayFact) -> String {
    if isOver { return say("Nothing needs to be done now.", "Bây giờ không cần làm gì.") }
    switch transition.stage {
    case .acknowledged:
      return transition.acknowledgement?.role.stopsLadder == true
        ? say("You need not do anything unless they ask you to.", "Quý vị không cần làm gì, trừ khi được nhờ.")
        : say("Please help them to see to it.", "Xin giúp họ xử lý việc này.")
    case .escalated:
      return remedy(fact)
        + say(" Please answer this alert so that the others know.", " Xin trả lời cảnh báo này để mọi người biết.")
    default: return remedy(fact)
    }
  }

  private func remedy(_ fact: GatewayFact) -> String {
    switch fact.condition.name {
    case .batteryLow:
      say("Please change or charge it before it stops.", "Xin thay hoặc sạc pin trước khi máy ngừng chạy.")
    case .clockWrong, .clockUnset:
      say(
        "Please set its clock, as its booklet says; the times of its readings are corrected as far as possible until then.",
        "Xin chỉnh giờ trên máy theo sách hướng dẫn; đến lúc đó giờ của các lần đo vẫn được hiệu chỉnh trong khả năng.")
    case .bondStale:
      say("Please pair it with the gateway again.", "Xin ghép nối lại máy với cổng sức khỏe.")
    case .undeliveredAlert:
      say(
        "Whoever is told there may not know of it; please open the gateway to see the alert, and see that the way there works.",
        "Người nhận tin ở đó có thể chưa biết; xin mở cổng sức khỏe để xem cảnh báo và kiểm tra đường gửi.")
    case .destinationDown:
      say(
        "Whoever is told there is not told of alerts now; please see that the internet and that server work.",
        "Người nhận tin ở đó hiện không nhận được cảnh báo; xin kiểm tra mạng và máy chủ đó.")
    case .destinationRefuses:
      say(
        "What it refuses never arrives there; please ask whose server it is, or have the address changed.",
        "Tin đã bị từ chối sẽ không đến nơi; xin hỏi bên quản lý máy chủ đó hoặc nhờ đổi địa chỉ.")
    case .diskLow: say("Please have room made on its disk.", "Xin nhờ người dọn bớt ổ đĩa của máy.")
    case .storeFailing:
      say(
        "Please have the box looked at; until then the devices keep their readings as far as they can.",
        "Xin nhờ người xem máy; đến lúc đó các máy đo tự giữ kết quả trong khả năng.")
    case .databaseDamaged:
      say(
        "Please see that the people, devices and consents are as they were, and have the disk of the box looked at.",
        "Xin xem lại người đo, máy đo và các đồng ý có còn đúng không, và nhờ người kiểm tra ổ đĩa của máy.")
    case .adapterMissing:
      say(
        "Please see that its Bluetooth adapter is plugged in and switched on; until then no readings come through.",
        "Xin xem bộ thu Bluetooth đã cắm và bật chưa; đến lúc đó kết quả đo chưa về được.")
    case .configurationRefused:
      say(
        "Please have the file mended, then run “vitals reload”; what is new in it does not hold until then.",
        "Xin nhờ người sửa tệp rồi chạy “vitals reload”; đến lúc đó những gì mới trong tệp chưa có hiệu lực.")
    }
  }
}
