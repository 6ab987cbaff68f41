#include "cli/wizard/secret_page.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/json_view.h"
#include "cli/key_view.h"

namespace claviger::cli::wizard {

View SecretPage::Draw(const Size& size, const Glyphs& glyphs) {
  static_cast<void>(glyphs);
  const std::size_t width = size.columns - 2 * kSecretColumn;
  const std::size_t lines = (session_.key().size() + width - 1) / width;
  View view;
  view.AddWrapped(fmt::format("Issued: {}", KeyTitle(session_.record())), 2, size.columns - 2);
  view.AddWrapped("This is the only time that its key string is shown. Nothing can bring it back.", 2,
                  size.columns - 2, Look::kBold);
  view.Add("");
  secret_row_ = view.lines.size();
  for (std::size_t i = 0; i < lines; ++i) view.Add("");
  if (lines > 1) {
    view.AddWrapped("(one string, in several lines: the terminal is narrow)", 2, size.columns - 2,
                    Look::kFaint);
  }
  view.Add("");
  if (asked_ == Asked::kPath) {
    constexpr std::string_view kLabel = "  File  ";
    view.focus = view.lines.size();
    view.cursor =
        Place{view.lines.size(), kLabel.size() + path_.CursorColumn(size.columns - kLabel.size() - 2)};
    view.lines.push_back(
        {{std::string(kLabel), Look::kBold}, {path_.Draw(size.columns - kLabel.size() - 2)}});
    view.AddWrapped("A new file that only you can read (0600). One that is there is not written over.",
                    kLabel.size() + 1, size.columns - 2, Look::kFaint);
  } else if (!session_.file().empty()) {
    view.AddWrapped(
        fmt::format("It is also in {}, which only you can read.", EscapeForDisplay(session_.file())), 2,
        size.columns - 2, Look::kGood);
  } else {
    view.AddWrapped("Copy it to where it belongs now, or write it to a file with f.", 2, size.columns - 2);
  }
  return view;
}

Move SecretPage::Handle(const Key& key) {
  if (asked_ == Asked::kPath) return HandlePath(key);
  if (asked_ == Asked::kSaved) {
    if (key.Is('y')) {
      session_.Keep();
      return Move::kNext;
    }
    if (key.Is('n') || key.kind == KeyKind::kEscape) {
      asked_ = Asked::kNothing;
      message_ = {};
    }
    return Move::kStay;
  }
  if (key.Is('f') && session_.file().empty()) {
    asked_ = Asked::kPath;
    message_ = {};
  } else if (key.kind == KeyKind::kEnter || key.kind == KeyKind::kEscape) {
    if (session_.kept()) return Move::kNext;
    asked_ = Asked::kSaved;
    message_ = {"Is the key saved? It cannot be shown again.  y: yes, it may go   n: not yet",
                Look::kAttention};
  }
  return Move::kStay;
}

Move SecretPage::HandlePath(const Key& key) {
  if (key.kind == KeyKind::kEscape) {
    asked_ = Asked::kNothing;
    message_ = {};
  } else if (key.kind == KeyKind::kEnter) {
    Write();
  } else if (path_.Handle(key)) {
    message_ = {};
  }
  return Move::kStay;
}

void SecretPage::Write() {
  if (path_.text().empty()) {
    message_ = {"type the name of a file, or Esc", Look::kBad};
    return;
  }
  const auto written = session_.WriteTo(path_.text());
  if (!written) {
    message_ = {written.error().message, Look::kBad};
    return;
  }
  asked_ = Asked::kNothing;
  message_ = {"written", Look::kGood};
}

std::vector<KeyHint> SecretPage::hints() const {
  if (asked_ == Asked::kPath) return {{"Enter", "write"}, {"Esc", "do not"}, {"F1", "help"}};
  if (asked_ == Asked::kSaved) return {{"y", "yes, it may go"}, {"n", "not yet"}};
  std::vector<KeyHint> hints = {{"Enter", session_.kept() ? "done" : "it is saved"}, {"?", "help"}};
  if (session_.file().empty()) hints.insert(hints.begin(), {"f", "write it to a file"});
  return hints;
}

std::string_view SecretPage::help() const {
  return "The key string is all that a caller needs, and all that anyone needs who finds it. Claviger does "
         "not keep it: "
         "if it is lost, claviger key rotate makes the next one. When this page goes, the string is wiped "
         "from the "
         "screen, and it is not in the terminal's scrollback.";
}

}  // namespace claviger::cli::wizard
