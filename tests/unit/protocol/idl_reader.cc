#include "tests/unit/protocol/idl_reader.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <regex>

namespace claviger::protocol {
namespace {

constexpr std::array<std::string_view, 5> kBaseTypes = {"bool", "int", "float", "string", "object"};

bool Matches(const std::string& text, const char* pattern) {
  return std::regex_match(text, std::regex(pattern));
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool ReadInterface(IdlInterface& interface) {
    interface.comment = SkipToMember();
    if (Word() != "interface") return Fail("the interface comes first");
    interface.name = Name(".-");
    if (!Matches(interface.name, R"([A-Za-z](-*[A-Za-z0-9])*(\.[A-Za-z0-9](-*[A-Za-z0-9])*)+)")) {
      return Fail("not an interface name: " + interface.name);
    }
    for (;;) {
      std::string comment = SkipToMember();
      if (at_ == text_.size()) return true;
      IdlMember& member = interface.members.emplace_back();
      member.comment = std::move(comment);
      if (!ReadMember(member)) return false;
      const auto same = [&](const IdlMember& other) { return other.name == member.name; };
      if (std::count_if(interface.members.begin(), interface.members.end(), same) != 1) {
        return Fail("doubled member " + member.name);
      }
    }
  }

  Error error() const {
    return Error(ErrorCode::kInvalidArgument,
                 "line " +
                     std::to_string(1 + std::count(text_.begin(),
                                                   text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n')) +
                     ": " + error_);
  }

 private:
  bool Fail(std::string error) {
    if (error_.empty()) error_ = std::move(error);
    return false;
  }

  bool ReadMember(IdlMember& member) {
    member.kind = Word();
    member.name = Name("");
    if (!Matches(member.name, "[A-Z][A-Za-z0-9]*")) return Fail("not a member name: " + member.name);
    if (member.kind == "type") return ReadStruct(member, false);
    if (member.kind == "error") return ReadStruct(member, true);
    if (member.kind != "method") return Fail("not a kind of member: " + member.kind);
    if (!ReadStruct(member, true)) return false;
    if (!Take("->")) return Fail("-> expected");
    return ReadStruct(member, true);
  }

  // (a: T, b: T), or an enum: (a, b).
  bool ReadStruct(IdlMember& member, bool may_be_empty) {
    if (!Take("(")) return Fail("( expected");
    if (Take(")")) return may_be_empty || Fail("empty struct");
    std::vector<std::string> own;
    bool is_enum = false;
    do {
      const std::string field = Name("_");
      if (!Matches(field, "[A-Za-z](_?[A-Za-z0-9])*")) return Fail("not a field name: " + field);
      if (std::find(own.begin(), own.end(), field) != own.end()) return Fail("doubled field " + field);
      const bool typed = Take(":");
      if (own.empty()) is_enum = !typed;
      if (typed == is_enum) return Fail("a struct without all its types, or an enum with some");
      own.push_back(field);
      if (typed && !ReadType(member)) return false;
    } while (Take(","));
    member.fields.insert(member.fields.end(), own.begin(), own.end());
    return Take(")") || Fail(", or ) expected");
  }

  bool ReadType(IdlMember& member) {
    if (Take("?")) {
      if (Take("?")) return Fail("?? is no type");
      return ReadType(member);
    }
    if (Take("[string]") || Take("[]")) return ReadType(member);
    SkipBlanks();
    if (text_.substr(at_, 1) == "(") return ReadStruct(member, false);
    const std::string name = Name("");
    if (std::find(kBaseTypes.begin(), kBaseTypes.end(), name) != kBaseTypes.end()) return true;
    if (!Matches(name, "[A-Z][A-Za-z0-9]*")) return Fail("not a type: " + name);
    member.references.push_back(name);
    return true;
  }

  void SkipBlanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }

  // To the next member or the end; returns the comment block that stands right before it.
  std::string SkipToMember() {
    std::string comment;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '#') {
        const std::size_t end = std::min(text_.find('\n', at_), text_.size());
        comment += std::string(text_.substr(at_ + 1, end - at_ - 1)) + "\n";
        at_ = end;  // the comment's own line end is none of an empty line
        if (at_ == text_.size()) break;
      } else if (text_[at_] == '\n') {
        comment.clear();
      } else if (std::isspace(static_cast<unsigned char>(text_[at_])) == 0) {
        break;
      }
    }
    return comment;
  }

  bool Take(std::string_view token) {
    SkipBlanks();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }

  // Letters, digits and `more`.
  std::string Name(std::string_view more) {
    SkipBlanks();
    const std::size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 ||
                                  more.find(text_[at_]) != std::string_view::npos)) {
      ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }
  std::string Word() { return Name(""); }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string error_;
};

}  // namespace

Result<IdlInterface> ReadIdl(std::string_view text) {
  Reader reader(text);
  IdlInterface interface;
  if (!reader.ReadInterface(interface)) return reader.error();
  return interface;
}

}  // namespace claviger::protocol
