#include "daemon/keys/catalogue_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "daemon/keys/record.h"

namespace claviger::keys {
namespace {

using Names = std::vector<std::string_view>;

// Reads one file; every error begins with its name and the line of what is wrong.
class CatalogueReader {
 public:
  CatalogueReader(const CatalogueSource& source, std::vector<ScopeAtLine>& scopes)
      : source_(source), scopes_(scopes) {}

  Status Read() {
    toml::table root;
    try {
      root = toml::parse(std::string_view(source_.text), std::string_view(source_.file_name));
    } catch (const toml::parse_error& error) {
      return ErrorAt(error.source(), fmt::format("is not TOML: {}", EscapeForDisplay(error.description())));
    }
    if (auto known = CheckFields(root, {"catalogue", "scope"}, "the file"); !known) return known;
    if (const toml::node* catalogue = root.get("catalogue"); catalogue != nullptr) {
      if (auto read = ReadHead(*catalogue); !read) return read;
    }
    const toml::node* scopes = root.get("scope");
    return scopes == nullptr ? Ok() : ReadScopes(*scopes);
  }

 private:
  std::string Where(const toml::source_region& region) const {
    return fmt::format("{}:{}", source_.file_name, region.begin.line);
  }
  Error ErrorAt(const toml::source_region& region, std::string_view message) const {
    return Error(ErrorCode::kConfiguration, fmt::format("{}: {}", Where(region), message));
  }

  Status CheckFields(const toml::table& table, const Names& known, std::string_view what) const {
    for (const auto& [key, value] : table) {
      if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
      const std::string_view nearest = NearestOf(key.str(), known);
      const std::string advice = nearest.empty() ? fmt::format("{} may have {}", what, fmt::join(known, ", "))
                                                 : fmt::format("did you mean {}", nearest);
      return ErrorAt(key.source(),
                     fmt::format("unknown field \"{}\"; {}", EscapeForDisplay(key.str()), advice));
    }
    return Ok();
  }

  // The text of a field; "" if the table has none.
  Result<std::string> ReadText(const toml::table& table, std::string_view field, std::size_t limit) const {
    const toml::node* node = table.get(field);
    if (node == nullptr) return std::string();
    const toml::value<std::string>* text = node->as_string();
    if (text == nullptr) {
      return ErrorAt(node->source(), fmt::format("{}: must be a string, such as {} = \"...\"", field, field));
    }
    if (auto checked = CheckText(field, text->get(), limit); !checked) {
      return ErrorAt(node->source(), checked.error().message());
    }
    return text->get();
  }

  Status ReadHead(const toml::node& node) {
    const toml::table* table = node.as_table();
    if (table == nullptr) return ErrorAt(node.source(), "catalogue: must be a table; write [catalogue]");
    if (auto known = CheckFields(*table, {"name", "domain", "version"}, "[catalogue]"); !known) return known;
    if (auto name = ReadText(*table, "name", kMaxTextBytes); !name) return name.error();
    auto domain = ReadText(*table, "domain", kMaxScopeLength);
    if (!domain) return domain.error();
    domain_ = std::move(*domain);
    if (!domain_.empty() && !ParseScope("read:any:" + domain_)) {
      return ErrorAt(table->get("domain")->source(),
                     "domain: must be made of a-z, 0-9 and -, such as \"admin\"");
    }
    const toml::node* version = table->get("version");
    if (version == nullptr) return Ok();
    const toml::value<std::int64_t>* number = version->as_integer();
    if (number == nullptr || number->get() < 1) {
      return ErrorAt(version->source(), "version: must be a whole number from 1, such as version = 1");
    }
    return Ok();
  }

  Status ReadScopes(const toml::node& node) {
    const toml::array* array = node.as_array();
    if (array == nullptr)
      return ErrorAt(node.source(), "scope: must be a list of tables; write [[scope]] before each");
    for (const toml::node& element : *array) {
      const toml::table* table = element.as_table();
      if (table == nullptr) {
        return ErrorAt(element.source(), "scope: must be a list of tables; write [[scope]] before each");
      }
      if (auto read = ReadScope(*table); !read) return read;
    }
    return Ok();
  }

  Status ReadScope(const toml::table& table) {
    if (auto known = CheckFields(table, {"name", "summary", "description", "evidence"}, "[[scope]]");
        !known) {
      return known;
    }
    for (const std::string_view field : {"name", "summary"}) {
      if (table.get(field) == nullptr) {
        return ErrorAt(table.source(), fmt::format("this scope has no {}; add {} = \"...\"", field, field));
      }
    }
    auto name = ReadText(table, "name", kMaxScopeLength);
    if (!name) return name.error();
    auto summary = ReadText(table, "summary", kMaxTextBytes);
    if (!summary) return summary.error();
    auto description = ReadText(table, "description", kMaxDescriptionBytes);
    if (!description) return description.error();
    auto evidence = ReadText(table, "evidence", kMaxDescriptionBytes);
    if (!evidence) return evidence.error();

    const toml::source_region& name_source = table.get("name")->source();
    const auto parsed = ParseScope(*name);
    if (!parsed) return ErrorAt(name_source, parsed.error().message());
    if (!domain_.empty() && parsed->domain != domain_) {
      return ErrorAt(name_source,
                     fmt::format("scope {} is not of the file's domain; write {}:{}:{}, or move it to "
                                 "another file",
                                 *name, ScopeActionName(parsed->action), parsed->resource, domain_));
    }
    CatalogueScope scope{*name,
                         parsed->action,
                         std::move(*summary),
                         std::move(*description),
                         std::string(parsed->domain),
                         std::move(*evidence)};
    scopes_.push_back(ScopeAtLine{std::move(scope), Where(name_source)});
    return Ok();
  }

  const CatalogueSource& source_;
  std::vector<ScopeAtLine>& scopes_;
  std::string domain_;
};

}  // namespace

Status ReadCatalogueFile(const CatalogueSource& source, std::vector<ScopeAtLine>& scopes) {
  return CatalogueReader(source, scopes).Read();
}

}  // namespace claviger::keys
