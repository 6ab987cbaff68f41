#include "daemon/config.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>

#include "base/file.h"
#include "base/text.h"
#include "daemon/setting.h"
#include "daemon/setting_names.h"
#include "daemon/setting_value.h"

namespace claviger {
namespace {

constexpr std::size_t kLargestFile = 64 * 1024;

using Line = toml::source_index;

// Collects what is wrong, so that the error which stands first in the file can be told.
class Findings {
 public:
  void Add(Line line, const std::string& message) {
    if (!first_ || line < first_line_) {
      first_ = message;
      first_line_ = line;
    }
  }
  std::optional<Error> First(const std::string& file) const {
    if (!first_) return std::nullopt;
    return Error(ErrorCode::kConfiguration, fmt::format("{}:{}: {}", file, first_line_, *first_));
  }

 private:
  std::optional<std::string> first_;
  Line first_line_ = 0;
};

Line LineOf(const toml::node& node) { return node.source().begin.line; }

// False if anything in it is wrong.
bool ReadTable(std::string_view table, const toml::table& content, const Accounts& accounts, Config& config,
               Findings& findings) {
  bool right = true;
  for (const auto& [key, node] : content) {
    const Setting* setting = FindSetting(table, key.str());
    if (setting == nullptr) {
      findings.Add(key.source().begin.line, UnknownSetting(table, key.str()));
    } else if (const auto read = AssignSetting(*setting, node, accounts, config); !read) {
      findings.Add(LineOf(node), read.error().message());
    } else {
      continue;
    }
    right = false;
  }
  return right;
}

void ReadEntry(const SettingList& list, const toml::table& content, const Accounts& accounts, Config& config,
               Findings& findings) {
  list.append(config);
  bool right = ReadTable(list.table, content, accounts, config, findings);
  for (const Setting& setting : list.settings) {
    if (!setting.required || content.contains(setting.name)) continue;
    findings.Add(LineOf(content),
                 fmt::format("{}: is missing; write {}", FullName(setting), DescribeSetting(setting)));
    right = false;
  }
  if (!right) return;
  const auto fault = list.check(config);
  if (!fault) return;
  const toml::node* at = content.get(fault->setting);
  findings.Add(LineOf(at != nullptr ? *at : content),
               fmt::format("{} {}{}{}", TableHeader(list.table), fault->setting,
                           fault->setting.empty() ? "" : ": ", fault->message));
}

void ReadList(const SettingList& list, Line line, const toml::node& node, const Accounts& accounts,
              Config& config, Findings& findings) {
  const toml::array* entries = node.as_array();
  if (entries == nullptr || (!entries->empty() && !entries->is_array_of_tables())) {
    findings.Add(line,
                 fmt::format("{0} is a list of tables; write [[{0}]] and its settings below", list.table));
    return;
  }
  for (std::size_t i = 0; i < entries->size(); ++i) {
    const toml::table& entry = *entries->get(i)->as_table();
    if (i == list.most) {
      findings.Add(LineOf(entry), fmt::format("{} stands here more than {} times; join some of them",
                                              TableHeader(list.table), list.most));
      return;
    }
    ReadEntry(list, entry, accounts, config, findings);
  }
}

void ReadTables(const toml::table& root, const Accounts& accounts, Config& config, Findings& findings) {
  for (const auto& [key, node] : root) {
    const Line line = key.source().begin.line;
    const toml::table* table = node.as_table();
    if (const SettingList* list = FindSettingList(key.str()); list != nullptr) {
      ReadList(*list, line, node, accounts, config, findings);
    } else if (table == nullptr) {
      findings.Add(line, HomelessSetting(key.str()));
    } else if (IsTable(key.str())) {
      (void)ReadTable(key.str(), *table, accounts, config, findings);
    } else {
      findings.Add(line, UnknownTable(key.str()));
    }
  }
}

Status FillDefaultMembers(const toml::table& root, const Accounts& accounts, Config& config) {
  for (const Setting& setting : Settings()) {
    if (root[setting.table][setting.name]) continue;
    if (auto filled = AssignDefaultMembers(setting, accounts, config); !filled) return filled;
  }
  return Ok();
}

// "`smaller` must not be greater than `larger`", at the line of the one that the file sets last.
void CheckOrder(const toml::table& root, const Config& config, std::string_view table_and_smaller,
                std::string_view table_and_larger, bool holds, Findings& findings) {
  if (holds) return;
  const auto find = [](std::string_view path) {
    const auto space = path.find(' ');
    return FindSetting(path.substr(0, space), path.substr(space + 1));
  };
  const Setting* smaller = find(table_and_smaller);
  const Setting* larger = find(table_and_larger);
  Line line = 0;
  for (const Setting* setting : {smaller, larger}) {
    if (const auto node = root[setting->table][setting->name]; node)
      line = std::max(line, LineOf(*node.node()));
  }
  findings.Add(line,
               fmt::format("[{}] {} ({}) is greater than [{}] {} ({}); lower the first or raise the second",
                           smaller->table, smaller->name, FormatSetting(*smaller, config), larger->table,
                           larger->name, FormatSetting(*larger, config)));
}

void CheckRelations(const toml::table& root, const Config& config, Findings& findings) {
  const keys::Policy& policy = config.policy;
  CheckOrder(root, config, "policy default_lifetime", "policy maximum_lifetime",
             policy.default_lifetime <= policy.maximum_lifetime, findings);
  CheckOrder(root, config, "policy default_grace", "policy maximum_grace",
             policy.default_grace <= policy.maximum_grace, findings);
  CheckOrder(root, config, "token loss_grace", "store proof_lifetime",
             config.token_loss_grace <= config.proof_lifetime, findings);
}

// toml++ reports by exception; this is where it ends. Its texts begin with "Error while parsing ...".
Result<toml::table> ParseToml(std::string_view text, const std::string& file) {
  try {
    return toml::parse(text, std::string_view(file));
  } catch (const toml::parse_error& error) {
    return Error(ErrorCode::kConfiguration,
                 fmt::format("{}:{}: this is not TOML: {}", file, error.source().begin.line,
                             EscapeForDisplay(error.description())));
  }
}

// Who can write this file chooses the module that is loaded into the token's process.
Status CheckWriters(const std::string& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) return ErrnoError(ErrorCode::kConfiguration, "read " + path, errno);
  if (!S_ISREG(status.st_mode)) {
    return Error(ErrorCode::kConfiguration, fmt::format("{} is not a file; name a claviger.toml", path));
  }
  if (status.st_uid != 0 && status.st_uid != geteuid()) {
    return Error(ErrorCode::kConfiguration,
                 fmt::format("{} belongs to uid {}, who could change it; run: chown root {}", path,
                             status.st_uid, path));
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Error(ErrorCode::kConfiguration,
                 fmt::format("{} can be changed by others than its owner; run: chmod go-w {}", path, path));
  }
  return Ok();
}

}  // namespace

Result<Config> ParseConfig(std::string_view text, const std::string& file, const Accounts& accounts) {
  const auto root = ParseToml(text, file);
  if (!root) return root.error();
  Config config;
  Findings findings;
  ReadTables(*root, accounts, config, findings);
  if (auto error = findings.First(file)) return *error;
  CheckRelations(*root, config, findings);
  if (auto error = findings.First(file)) return *error;
  if (auto filled = FillDefaultMembers(*root, accounts, config); !filled) {
    return Error(ErrorCode::kConfiguration, fmt::format("{}: [roles]: {}", file, filled.error().message()));
  }
  config.token.state_directory = config.state_directory;
  return config;
}

Result<Config> LoadConfig(const std::string& path) {
  if (auto checked = CheckWriters(path); !checked) return checked.error();
  const auto text = ReadFile(path, kLargestFile);
  if (!text) return Error(ErrorCode::kConfiguration, text.error().message());
  return ParseConfig(*text, path, HostAccounts());
}

std::vector<std::string> ChangesForRestart(const Config& running, const Config& read) {
  std::vector<std::string> changes;
  for (const Setting& setting : Settings()) {
    if (setting.takes_effect == SettingEffect::kOnRestart &&
        FormatSetting(setting, running) != FormatSetting(setting, read)) {
      changes.push_back(fmt::format("[{}] {}", setting.table, setting.name));
    }
  }
  return changes;
}

}  // namespace claviger
