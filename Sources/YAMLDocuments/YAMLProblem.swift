/// What libyaml says of a text that is not YAML, in Vietnamese: of the mistakes that are made by hand. What else it says stays as
/// it is.
enum YAMLProblem {
  static func vietnamese(_ problem: String) -> String {
    switch problem {
    case "mapping values are not allowed in this context":
      "dấu hai chấm ở chỗ không được phép; hãy xem lại thụt đầu dòng, hoặc đặt chữ trong dấu nháy"
    case "did not find expected key": "cần tên của một mục ở đây; hãy xem lại thụt đầu dòng"
    case "did not find expected '-' indicator": "cần dấu gạch đầu dòng (-) ở đây; hãy xem lại thụt đầu dòng"
    case "could not find expected ':'": "thiếu dấu hai chấm sau tên"
    case "did not find expected ',' or ']'": "thiếu dấu phẩy hoặc dấu ]"
    case "did not find expected ',' or '}'": "thiếu dấu phẩy hoặc dấu }"
    case "found unexpected end of stream": "tệp kết thúc giữa chừng; hãy xem có thiếu dấu nháy hoặc ngoặc đóng không"
    case "found a tab character where an indentation space is expected",
      "found a tab character that violates indentation":
      "có dấu Tab; hãy thụt đầu dòng bằng dấu cách"
    case "found character that cannot start any token":
      "có ký tự không được đứng đầu, chẳng hạn dấu Tab, @ hoặc `; thụt đầu dòng bằng dấu cách"
    case "block sequence entries are not allowed in this context": "dấu gạch đầu dòng (-) ở chỗ không được phép"
    case "did not find expected node content": "thiếu giá trị ở đây"
    case "found unknown escape character": "có ký tự sau dấu \\ không hợp lệ"
    default: problem
    }
  }
}
