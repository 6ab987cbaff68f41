#include "protocol/reply.h"

#include <algorithm>
#include <boost/json/serializer.hpp>
#include <cstddef>

#include "protocol/error_names.h"

namespace claviger::protocol {
namespace {

constexpr std::string_view kPermissionDenied = "org.varlink.service.PermissionDenied";
constexpr std::string_view kUnavailable = "io.claviger.Admin.Unavailable";

void AppendObject(WipingBuffer& out, const boost::json::object& object) {
  constexpr std::size_t kFirstStep =
      1024;  // most replies are shorter; a page of a list has hundreds of thousands
  boost::json::serializer serializer;
  serializer.reset(&object);
  for (std::size_t step = kFirstStep; !serializer.done(); step *= 2) {
    const std::size_t before = out.size();
    out.resize(before + step);
    const auto written = serializer.read(out.data() + before, step);
    out.resize(before + written.size());
  }
}

// Must be escaped: quote, backslash and what is below the space (RFC 8259, section 7).
bool IsPlain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

char* WriteEscaped(char* out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  if (c == '"' || c == '\\') {
    *out++ = '\\';
    *out++ = c;
    return out;
  }
  const auto value = static_cast<unsigned char>(c);
  out = std::copy_n("\\u00", 4, out);
  *out++ = kHex[value >> 4U];
  *out++ = kHex[value & 0xFU];
  return out;
}

}  // namespace

void AppendReply(WipingBuffer& out, const boost::json::object& parameters) {
  Append(out, R"({"parameters":)");
  AppendObject(out, parameters);
  Append(out, std::string_view("}\0", 2));
}

void AppendReplyWithSecret(WipingBuffer& out, std::string_view name, const Secret& secret,
                           const boost::json::object& parameters) {
  Append(out, R"({"parameters":{)");
  AppendJsonString(out, name);
  Append(out, ":\"");
  Append(out, secret.ExposeText());
  out.push_back('"');
  if (parameters.empty()) {
    out.push_back('}');
  } else {
    // The other members follow: their object's brace becomes the comma.
    const std::size_t brace = out.size();
    AppendObject(out, parameters);
    out[brace] = ',';
  }
  Append(out, std::string_view("}\0", 2));
}

void AppendError(WipingBuffer& out, std::string_view name, const boost::json::object& parameters) {
  Append(out, R"({"error":)");
  AppendJsonString(out, name);
  Append(out, R"(,"parameters":)");
  AppendObject(out, parameters);
  Append(out, std::string_view("}\0", 2));
}

void AppendError(WipingBuffer& out, const Error& error) {
  const std::string_view name = NameOf(error.code()).wire_name;
  boost::json::object parameters;
  if (name != kPermissionDenied) parameters["message"] = error.message();
  if (name == kUnavailable) parameters["unknown_outcome"] = false;
  AppendError(out, name, parameters);
}

void AppendInvalidParameter(WipingBuffer& out, std::string_view parameter) {
  AppendError(out, "org.varlink.service.InvalidParameter", {{"parameter", parameter}});
}

void AppendJsonString(WipingBuffer& out, std::string_view text) {
  const std::size_t before = out.size();
  out.resize(before + MostJsonStringBytes(text.size()));
  out.resize(static_cast<std::size_t>(WriteJsonString(out.data() + before, text) - out.data()));
}

char* WriteJsonString(char* out, std::string_view text) {
  *out++ = '"';
  for (const char c : text) {
    if (IsPlain(c)) {
      *out++ = c;
    } else {
      out = WriteEscaped(out, c);
    }
  }
  *out++ = '"';
  return out;
}

}  // namespace claviger::protocol
