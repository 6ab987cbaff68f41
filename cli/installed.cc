#include "cli/installed.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <array>
#include <optional>
#include <sstream>
#include <vector>

#include "base/text.h"

namespace claviger::cli {
namespace {

struct Known {
  std::string_view table;
  std::string_view name;
  std::string InstalledSettings::*member;
  std::string_view by_default;
};
constexpr std::array kKnown = {
    Known{"store", "directory", &InstalledSettings::store_directory, "/var/lib/claviger"},
    Known{"token", "module", &InstalledSettings::module, "/usr/lib/softhsm/libsofthsm2.so"},
    Known{"token", "uri", &InstalledSettings::uri, "pkcs11:token=claviger"},
    Known{"token", "pin_file", &InstalledSettings::pin_file, ""},
    Known{"keys", "scopes_directory", &InstalledSettings::scopes_directory, "/etc/claviger/scopes.d"},
};

// The parser's exceptions end here.
Result<toml::table> Parse(std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return Error(ErrorCode::kConfiguration, fmt::format("{}:{}: {}; clavigerd --check says more", kConfigPath,
                                                        error.source().begin.line, error.description()));
  }
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Without the # before it, if that is all that keeps it from being in force.
std::string_view Uncommented(std::string_view line) {
  line = Trimmed(line);
  if (line.starts_with('#')) line.remove_prefix(1);
  return line;
}

bool Sets(std::string_view line, std::string_view name) {
  if (!line.starts_with(name)) return false;
  return Trimmed(line.substr(name.size())).starts_with('=');
}

// Where in `lines` the table begins; nullopt if nowhere. Prefers the heading that is in force, and else puts
// the one into force that is commented out.
std::optional<std::size_t> FindTable(std::vector<std::string>& lines, std::string_view table) {
  const std::string heading = fmt::format("[{}]", table);
  std::optional<std::size_t> commented;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (Trimmed(lines[i]).starts_with(heading)) return i;
    if (!commented && Uncommented(lines[i]) == heading) commented = i;
  }
  if (commented) lines[*commented] = heading;
  return commented;
}

void SetIn(std::vector<std::string>& lines, std::size_t heading, std::string_view name,
           const std::string& setting) {
  std::optional<std::size_t> commented;
  for (std::size_t i = heading + 1; i < lines.size(); ++i) {
    const std::string_view line = Trimmed(lines[i]);
    if (line.starts_with('[')) break;
    if (Sets(line, name)) {
      lines[i] = setting;
      return;
    }
    // Headings that are commented out end what belongs to this one, for a reader.
    if (Uncommented(line).starts_with('[') && !commented) commented = i - 1;
    if (!commented && Sets(Uncommented(line), name)) commented = i;
  }
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(commented.value_or(heading) + 1), setting);
}

// Whether `after` is `before` with this one setting.
bool DiffersOnlyIn(toml::table before, toml::table after, std::string_view table, std::string_view name,
                   std::string_view value) {
  toml::table* changed = after[table].as_table();
  if (changed == nullptr || (*changed)[name].value<std::string>() != std::string(value)) return false;
  changed->erase(name);
  if (toml::table* former = before[table].as_table()) {
    former->erase(name);
  } else {
    before.insert(table, toml::table{});
  }
  return before == after;
}

}  // namespace

Result<InstalledSettings> ReadSettings(std::string_view text) {
  auto parsed = Parse(text);
  if (!parsed) return parsed.error();
  InstalledSettings settings;
  for (const Known& known : kKnown) {
    const auto node = (*parsed)[known.table][known.name];
    if (node && !node.is_string()) {
      return Error(ErrorCode::kConfiguration,
                   fmt::format("{}: [{}] {} is no text; clavigerd --check says more", kConfigPath,
                               known.table, known.name));
    }
    settings.*known.member = node.value_or(std::string(known.by_default));
  }
  return settings;
}

Result<InstalledSettings> ReadSettings(const Host& host) {
  const auto text = host.Read(kConfigPath, kMaxConfigBytes);
  if (!text && text.error().code() != ErrorCode::kNotFound) return text.error();
  return ReadSettings(text ? std::string_view(*text) : std::string_view());
}

Result<std::string> WithSetting(const std::string& text, std::string_view table, std::string_view name,
                                std::string_view value) {
  auto before = Parse(text);
  if (!before) return before.error();
  std::ostringstream quoted;
  quoted << toml::value<std::string>(std::string(value));
  const std::string setting = fmt::format("{} = {}", name, quoted.str());
  std::vector<std::string> lines = LinesOf(text);
  auto heading = FindTable(lines, table);
  if (!heading) {
    if (!lines.empty()) lines.emplace_back();
    heading = lines.size();
    lines.push_back(fmt::format("[{}]", table));
  }
  SetIn(lines, *heading, name, setting);
  std::string edited;
  for (const std::string& line : lines) edited.append(line).push_back('\n');
  auto after = Parse(edited);
  if (!after || !DiffersOnlyIn(std::move(*before), std::move(*after), table, name, value)) {
    return Error(ErrorCode::kUnsupported,
                 fmt::format("{} is written in a way that is not edited by a program; write into its table "
                             "[{}]: {}",
                             kConfigPath, table, EscapeForDisplay(setting)));
  }
  return edited;
}

}  // namespace claviger::cli
