import Testing

@testable import Forwarding

@Suite struct TransactionAnswerTests {
  private func answer(_ text: String) -> TransactionAnswer { TransactionAnswer(body: Array(text.utf8)) }

  @Test func onlyAWholeTransactionResponseIsADelivery() {
    let good =
      #"{"resourceType":"Bundle","type":"transaction-response","entry":[{"response":{"status":"201 Created"}},"#
      + #"{"response":{"status":"200"}}]}"#
    #expect(answer(good).fault(expecting: 2) == nil)
    #expect(answer(good).fault(expecting: 3) == "3 entries were sent and 2 answered")
    #expect(answer(good.replacing("201 Created", with: "404")).fault(expecting: 2) == "an entry was answered 404")
    #expect(
      answer(good.replacing("-response\"", with: "\"")).fault(expecting: 2) == "the answer is no transaction-response")
    #expect(answer("<html>welcome</html>").fault(expecting: 2) == "the answer is no transaction-response")
    #expect(answer("").fault(expecting: 2) == "the answer is no transaction-response")
    #expect(answer(#"{"resourceType":"Bundle","type":"transaction-response"}"#).fault(expecting: 1) != nil)
  }

  @Test func aRefusalKeepsPlacesAndLosesValues() {
    let outcome = #"""
      {"resourceType":"OperationOutcome","issue":[
       {"severity":"warning","code":"informational","diagnostics":"never mind 1"},
       {"severity":"error","code":"invalid","expression":["Bundle.entry[4].resource.component[0]"],
        "diagnostics":"Bundle.entry[4]: value '187' of p-abc at 2026-03-10T07:00:05 is above 180 for Bà Nội"}]}
      """#
    let text = answer(outcome).refusal(hiding: ["p-abc", "Bà Nội"])
    #expect(
      text
        == "invalid, Bundle.entry[4].resource.component[0], Bundle.entry[4]: value … of … at … is above … for …")
    #expect(answer(outcome).isOperationOutcome)
    #expect(!answer("<html>").isOperationOutcome)
    #expect(answer("<html>").refusal(hiding: []) == "")
  }
}
