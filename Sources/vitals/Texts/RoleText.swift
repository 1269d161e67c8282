/// Who may do what.
enum RoleText: String, TextSet {
  case whoami, whoamiExamples, youAre, own, ownNobody, operate, administer, commands, needs, needsNone
  case ownWord, operateWord, administerWord

  var sentence: Sentence {
    switch self {
    case .whoami: Sentence("What you may do here.", "Bạn được làm gì ở đây.")
    case .whoamiExamples:
      Sentence(
        """
        Example:
          vitals whoami
        Roles are given under 'access' in vitalsd.yaml: own, operate, administer.
        """,
        """
        Ví dụ:
          vitals whoami
        Vai trò được khai báo ở mục 'access' trong vitalsd.yaml: own, operate, administer.
        """)
    case .youAre: Sentence("You are {user}. Your role: {role}.", "Bạn là {user}. Vai trò: {role}.")
    case .own: Sentence("You see what is about {names}.", "Bạn xem được dữ liệu của {names}.")
    case .ownNobody:
      Sentence(
        "You are linked to nobody who is here: the id under 'access' in vitalsd.yaml is not known.",
        "Bạn chưa gắn với ai ở đây: mã trong mục 'access' của vitalsd.yaml không tồn tại.")
    case .operate:
      Sentence(
        "You see everybody, and do all but erase, export everybody and grant consents.",
        "Bạn xem được mọi người và làm được mọi việc, trừ xóa, xuất dữ liệu của tất cả và ghi nhận sự đồng ý.")
    case .administer: Sentence("You may do everything.", "Bạn được làm mọi việc.")
    case .ownWord: Sentence("own", "own (của mình)")
    case .operateWord: Sentence("operate", "operate (vận hành)")
    case .administerWord: Sentence("administer", "administer (quản trị)")
    case .commands: Sentence("Commands: {names}.", "Các lệnh: {names}.")
    case .needs: Sentence("Needs the role '{role}'; see 'vitals whoami'.", "Cần vai trò '{role}'; xem 'vitals whoami'.")
    case .needsNone: Sentence("Needs no role: vitalsd is not asked.", "Không cần vai trò: không hỏi vitalsd.")
    }
  }
}
