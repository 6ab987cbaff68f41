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
  CatalogueReader(const CatalogueSource& source, CatalogueContent& content)
      : source_(source), content_(content) {
    file_.file_name = source.file_name;
  }

  Status Read() {
    toml::table root;
    try {
      root = toml::parse(std::string_view(source_.text), std::string_view(source_.file_name));
    } catch (const toml::parse_error& error) {
      return ErrorAt(error.source(), fmt::format("is not TOML: {}", EscapeForDisplay(error.description())));
    }
    if (auto known = CheckFields(root, {"catalogue", "scope", "bundle"}, "the file"); !known) return known;
    if (const toml::node* catalogue = root.get("catalogue"); catalogue != nullptr) {
      if (auto read = ReadHead(*catalogue); !read) return read;
    }
    const std::size_t scopes_before = content_.scopes.size();
    if (auto read = ReadTables(root, "scope", &CatalogueReader::ReadScope); !read) return read;
    if (auto read = ReadTables(root, "bundle", &CatalogueReader::ReadBundle); !read) return read;
    file_.scopes = content_.scopes.size() - scopes_before;
    content_.files.push_back(std::move(file_));
    return Ok();
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
    auto name = ReadText(*table, "name", kMaxTextBytes);
    if (!name) return name.error();
    file_.name = std::move(*name);
    auto domain = ReadText(*table, "domain", kMaxScopeLength);
    if (!domain) return domain.error();
    file_.domain = std::move(*domain);
    if (!file_.domain.empty() && !ParseScope("read:any:" + file_.domain)) {
      return ErrorAt(table->get("domain")->source(),
                     "domain: must be made of a-z, 0-9 and -, such as \"admin\"");
    }
    const toml::node* version = table->get("version");
    if (version == nullptr) return Ok();
    const toml::value<std::int64_t>* number = version->as_integer();
    if (number == nullptr || number->get() < 1) {
      return ErrorAt(version->source(), "version: must be a whole number from 1, such as version = 1");
    }
    file_.version = number->get();
    return Ok();
  }

  // The list of tables called `field`, if there is one: `read` is called for each.
  Status ReadTables(const toml::table& root, std::string_view field,
                    Status (CatalogueReader::*read)(const toml::table&)) {
    const toml::node* node = root.get(field);
    if (node == nullptr) return Ok();
    const auto refuse = [&](const toml::node& wrong) {
      return ErrorAt(wrong.source(),
                     fmt::format("{}: must be a list of tables; write [[{}]] before each", field, field));
    };
    const toml::array* array = node->as_array();
    if (array == nullptr) return refuse(*node);
    for (const toml::node& element : *array) {
      const toml::table* table = element.as_table();
      if (table == nullptr) return refuse(element);
      if (auto done = (this->*read)(*table); !done) return done;
    }
    return Ok();
  }

  Status CheckPresent(const toml::table& table, const Names& fields, std::string_view what) const {
    for (const std::string_view field : fields) {
      if (table.get(field) == nullptr) {
        return ErrorAt(table.source(),
                       fmt::format("this {} has no {}; add {} = \"...\"", what, field, field));
      }
    }
    return Ok();
  }

  Status ReadScope(const toml::table& table) {
    if (auto known = CheckFields(table, {"name", "summary", "description", "evidence"}, "[[scope]]");
        !known) {
      return known;
    }
    if (auto present = CheckPresent(table, {"name", "summary"}, "scope"); !present) return present;
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
    if (!file_.domain.empty() && parsed->domain != file_.domain) {
      return ErrorAt(name_source,
                     fmt::format("scope {} is not of the file's domain; write {}:{}:{}, or move it to "
                                 "another file",
                                 *name, ScopeActionName(parsed->action), parsed->resource, file_.domain));
    }
    CatalogueScope scope{*name,
                         parsed->action,
                         std::move(*summary),
                         std::move(*description),
                         std::string(parsed->domain),
                         std::move(*evidence)};
    content_.scopes.push_back(ScopeAtLine{std::move(scope), Where(name_source)});
    return Ok();
  }

  Status ReadBundle(const toml::table& table) {
    if (auto known = CheckFields(table, {"name", "summary", "scopes"}, "[[bundle]]"); !known) return known;
    if (auto present = CheckPresent(table, {"name", "summary"}, "bundle"); !present) return present;
    auto name = ReadText(table, "name", kMaxScopeLength);
    if (!name) return name.error();
    const toml::source_region& name_source = table.get("name")->source();
    if (!IsScopeSegment(*name)) {
      return ErrorAt(name_source, "name: must be made of a-z, 0-9 and -, such as \"read-only\"");
    }
    auto summary = ReadText(table, "summary", kMaxTextBytes);
    if (!summary) return summary.error();
    auto entries = ReadEntries(table);
    if (!entries) return entries.error();
    content_.bundles.push_back(
        BundleAtLine{std::move(*name), std::move(*summary), std::move(*entries), Where(name_source)});
    return Ok();
  }

  Result<std::vector<BundleEntry>> ReadEntries(const toml::table& table) const {
    const toml::node* node = table.get("scopes");
    const toml::array* array = node == nullptr ? nullptr : node->as_array();
    if (array == nullptr || array->empty()) {
      return ErrorAt(node == nullptr ? table.source() : node->source(),
                     "scopes: must be a list of scopes or patterns, such as scopes = [\"read:*\"]");
    }
    if (array->size() > kMaxBundleEntries) {
      return ErrorAt(node->source(),
                     fmt::format("scopes: has {} entries; a bundle can have {}, so use patterns",
                                 array->size(), kMaxBundleEntries));
    }
    std::vector<BundleEntry> entries;
    for (const toml::node& element : *array) {
      const toml::value<std::string>* text = element.as_string();
      if (text == nullptr) return ErrorAt(element.source(), "scopes: must be strings, such as \"read:*\"");
      auto pattern = ScopePattern::Parse(text->get());
      if (!pattern) return ErrorAt(element.source(), pattern.error().message());
      entries.push_back({std::move(*pattern), Where(element.source())});
    }
    return entries;
  }

  const CatalogueSource& source_;
  CatalogueContent& content_;
  CatalogueFile file_;
};

}  // namespace

Status ReadCatalogueFile(const CatalogueSource& source, CatalogueContent& content) {
  return CatalogueReader(source, content).Read();
}

}  // namespace claviger::keys
