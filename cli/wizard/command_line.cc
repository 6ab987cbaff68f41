#include "cli/wizard/command_line.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "cli/text_width.h"

namespace claviger::cli::wizard {
namespace {

bool NeedsNoQuotes(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("-_.:/@+,").find(c) != std::string_view::npos;
}

}  // namespace

std::string ShellQuoted(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), NeedsNoQuotes)) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted.push_back(c);
    }
  }
  quoted.push_back('\'');
  return quoted;
}

std::vector<std::string> CommandWords(const WizardState& state) {
  const Answers& answers = state.answers();
  std::vector<std::string> words = {"claviger key create"};
  const auto add = [&](std::string_view option, const std::string& value) {
    // With "=", so that a value that begins with "-" is no option.
    const char between = value.starts_with('-') ? '=' : ' ';
    if (!value.empty()) words.push_back("--" + std::string(option) + between + ShellQuoted(value));
  };
  add("name", answers.name);
  add("description", answers.description);
  add("owner", answers.owner);
  add("team", answers.team);
  add("expires", state.ExpiryWord());
  if (answers.unscoped) {
    add("unscoped-reason", answers.unscoped_reason);
    return words;
  }
  for (std::size_t i = 0; i < answers.bundles.size(); ++i) {
    if (answers.bundles[i]) add("bundle", state.offer().bundles[i].name);
  }
  for (std::size_t i = 0; i < answers.scopes.size(); ++i) {
    if (state.Named(i)) add("scope", state.offer().scopes[i].name);
  }
  return words;
}

std::string FoldedCommand(const std::vector<std::string>& words, std::size_t width) {
  constexpr std::string_view kFold = " \\\n    ";
  std::string text = "  ";
  std::size_t used = 2;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t columns = DisplayWidth(words[i]);
    if (i > 0 && used + columns + 3 > width) {
      text += kFold;
      used = 4;
    } else if (i > 0) {
      text.push_back(' ');
      ++used;
    }
    text += words[i];
    used += columns;
  }
  return text;
}

}  // namespace claviger::cli::wizard
