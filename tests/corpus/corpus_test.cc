// Each file of calls/ is one frame without its NUL; its name says what it is, its folder what must become of
// it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "protocol/call.h"
#include "protocol/dispatcher.h"
#include "protocol/limits.h"

namespace claviger::protocol {
namespace {

// How many files there were, and of them how many were calls.
std::pair<std::size_t, std::size_t> ParseAll(const char* folder, bool expected) {
  CallParser parser(kMaxVerifyFrameBytes);
  std::size_t files = 0;
  std::size_t calls = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(CORPUS_FOLDER) / folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::vector<char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const std::size_t size = bytes.size();
    bytes.resize(size + kFramePadding, '}');
    const auto call = parser.Parse(std::span(bytes).first(size));
    EXPECT_EQ(call.has_value(), expected) << entry.path() << (call ? "" : ": " + call.error().message());
    ++files;
    if (call) ++calls;
  }
  return {files, calls};
}

TEST(Corpus, HoldsValidCallsThatAreTaken) {
  const auto [files, calls] = ParseAll("calls/valid", true);
  EXPECT_GE(files, 20U);
  EXPECT_EQ(calls, files);
}

TEST(Corpus, HoldsInvalidCallsThatAreRefused) {
  const auto [files, calls] = ParseAll("calls/invalid", false);
  EXPECT_GE(files, 70U);
  EXPECT_EQ(calls, 0U);
}

}  // namespace
}  // namespace claviger::protocol
