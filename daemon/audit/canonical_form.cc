#include "daemon/audit/canonical_form.h"

namespace claviger::audit {
namespace {

void AppendBigEndian(std::vector<std::uint8_t>& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

}  // namespace

void AppendText(std::vector<std::uint8_t>& out, std::string_view text) {
  AppendBigEndian(out, text.size(), 4);
  out.insert(out.end(), text.begin(), text.end());
}

void AppendNumber(std::vector<std::uint8_t>& out, std::int64_t value) {
  AppendBigEndian(out, 8, 4);
  AppendBigEndian(out, static_cast<std::uint64_t>(value), 8);
}

}  // namespace claviger::audit
