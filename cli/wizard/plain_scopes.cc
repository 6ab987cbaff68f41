#include "cli/wizard/plain_scopes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "base/text.h"

namespace claviger::cli::wizard {
namespace {

constexpr std::size_t kPageSize = 20;
constexpr std::string_view kBundlePrefix = "bundle:";

// 1 or more; 0 if it is none.
std::size_t NumberOf(std::string_view text) {
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && end == text.data() + text.size() ? number : 0;
}

std::string_view Marked(Action action) {
  return action == Action::kRead ? "read" : action == Action::kWrite ? "WRITE" : "DELETE";
}

}  // namespace

PlainScopes::End PlainScopes::Ask() {
  table_.SetPageSize(kPageSize);
  terminal_.Say(fmt::format(
      "There are {} scopes to choose from{}. Type ? to hear what can be answered.",
      state_.offer().scopes.size(),
      state_.offer().bundles.empty() ? "" : fmt::format(" and {} bundles", state_.offer().bundles.size())));
  if (!listed_) List();
  for (;;) {
    if (state_.complaint()) terminal_.Say("Wrong: " + state_.complaint()->message);
    state_.ForgetComplaint();
    const auto answer = terminal_.Ask(fmt::format("Scopes ({} chosen; Enter goes on):", state_.CountGiven()));
    if (!answer) return End::kLeave;
    if (answer->empty()) return End::kNext;
    if (*answer == "<") return End::kBack;
    if (answer->front() == '/') {
      table_.SetSearch(answer->substr(1));
      table_.MoveTo(0);
      List();
      continue;
    }
    std::istringstream words(*answer);
    std::string word;
    bool chose = false;
    while (std::getline(words, word, ' ')) {
      for (std::size_t at = 0; at <= word.size();) {
        const std::size_t end = std::min(word.find(',', at), word.size());
        const std::string part = word.substr(at, end - at);
        if (!part.empty() && !Obey(part)) {
          terminal_.Say(
              fmt::format("\"{}\" is neither a number of the list, nor a scope, nor one of the words that ? "
                          "names.",
                          EscapeForDisplay(part)));
        } else {
          chose = true;
        }
        at = end + 1;
      }
    }
    if (chose) Tell();
  }
}

void PlainScopes::Tell() {
  terminal_.Say(fmt::format("Chosen: {} read, {} write, {} delete.", state_.CountGiven(Action::kRead),
                            state_.CountGiven(Action::kWrite), state_.CountGiven(Action::kDelete)));
}

bool PlainScopes::Obey(const std::string& word) {
  if (ObeyFilter(word)) {
    table_.MoveTo(0);
    List();
  } else if (word == "?") {
    Help();
  } else if (word == "list") {
    List();
  } else if (word == "more") {
    table_.MoveToPage(table_.page() + 1 < table_.pages() ? table_.page() + 1 : 0);
    List();
  } else if (word == "all") {
    table_.ToggleShown();
  } else if (word == "chosen") {
    ListChosen();
  } else if (word == "bundles") {
    ListBundles();
  } else if (word.starts_with(kBundlePrefix)) {
    return ChooseBundle(word.substr(kBundlePrefix.size()));
  } else {
    return Choose(word);
  }
  return true;
}

bool PlainScopes::ObeyFilter(const std::string& word) {
  if (word == "read" || word == "write" || word == "delete") {
    table_.SetFilter(ActionOf(word));
    return true;
  }
  if (word != "every") return false;
  table_.SetFilter(std::nullopt);
  table_.SetSearch("");
  return true;
}

bool PlainScopes::Choose(const std::string& word) {
  std::vector<bool>& chosen = state_.answers().scopes;
  const std::size_t dash = word.find('-');
  const std::size_t first = NumberOf(std::string_view(word).substr(0, dash));
  const std::size_t last =
      dash == std::string::npos ? first : NumberOf(std::string_view(word).substr(dash + 1));
  if (first > 0 && last >= first && last <= table_.shown().size()) {
    for (std::size_t i = first; i <= last; ++i) {
      const std::size_t scope = table_.shown()[i - 1];
      chosen[scope] = !chosen[scope];
    }
    return true;
  }
  const auto& scopes = state_.offer().scopes;
  const auto found = std::find_if(scopes.begin(), scopes.end(),
                                  [&](const OfferedScope& scope) { return scope.name == word; });
  if (found == scopes.end()) return false;
  const auto position = static_cast<std::size_t>(found - scopes.begin());
  chosen[position] = !chosen[position];
  return true;
}

bool PlainScopes::ChooseBundle(const std::string& name) {
  const auto& bundles = state_.offer().bundles;
  const auto found = std::find_if(bundles.begin(), bundles.end(),
                                  [&](const OfferedBundle& bundle) { return bundle.name == name; });
  if (found == bundles.end()) return false;
  state_.ToggleBundle(static_cast<std::size_t>(found - bundles.begin()));
  return true;
}

void PlainScopes::List() {
  listed_ = true;
  std::string what = table_.filter() ? fmt::format("{} scopes", ActionName(*table_.filter())) : "scopes";
  if (!table_.search().empty()) what += fmt::format(" with \"{}\"", EscapeForDisplay(table_.search()));
  if (table_.shown().empty()) return terminal_.Say(fmt::format("There are no {}; every lists all.", what));
  for (std::size_t row = table_.page_begin(); row < table_.page_end(); ++row) {
    const OfferedScope& scope = state_.offer().scopes[table_.shown()[row]];
    terminal_.Say(
        fmt::format("{}. {}{}: {}. {}", row + 1, state_.Given(table_.shown()[row]) ? "chosen, " : "",
                    scope.name, scope.summary, Marked(scope.action)),
        4);
  }
  terminal_.Say(fmt::format("{} to {} of {} {}{}.", table_.page_begin() + 1, table_.page_end(),
                            table_.shown().size(), what, table_.pages() > 1 ? "; more goes on" : ""));
}

void PlainScopes::ListBundles() {
  for (std::size_t i = 0; i < state_.offer().bundles.size(); ++i) {
    const OfferedBundle& bundle = state_.offer().bundles[i];
    terminal_.Say(fmt::format("{}{}: {}, {} scopes", state_.answers().bundles[i] ? "chosen, " : "",
                              bundle.name, bundle.summary, bundle.scopes.size()),
                  4);
  }
  if (state_.offer().bundles.empty()) terminal_.Say("The catalogue has no bundles.");
}

void PlainScopes::ListChosen() {
  for (std::size_t i = 0; i < state_.offer().scopes.size(); ++i) {
    if (state_.Given(i)) terminal_.Say("  " + state_.offer().scopes[i].name);
  }
}

void PlainScopes::Help() {
  for (const std::string_view line :
       {"3 or 5-8 or a name: chooses these scopes, or gives them up again. Several at once: 1 4,7-9",
        "all: chooses all that the list has; again: none of them",
        "/text: lists only what has this text; / alone: all",
        "read, write, delete: lists only what does this; every: all again",
        "list, more: the list again, its next part", "chosen: lists what is chosen",
        "bundles: lists the bundles; bundle:NAME chooses one, or gives it up",
        "Enter goes on, < goes back, Ctrl-C leaves"}) {
    terminal_.Say(fmt::format("  {}", line), 4);
  }
}

}  // namespace claviger::cli::wizard
