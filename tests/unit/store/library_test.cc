#include "daemon/store/library.h"

#include <gtest/gtest.h>
#include <sqlcipher/sqlite3.h>

namespace claviger::store {
namespace {

TEST(LibraryVersionTest, IsThatOfTheLibraryWhichEncrypts) {
  const auto version = ReadLibraryVersion();
  ASSERT_TRUE(version) << version.error().message();
  EXPECT_TRUE(version->cipher.starts_with("3.") || version->cipher.starts_with("4.")) << version->cipher;
  EXPECT_EQ(version->sqlite, sqlite3_libversion());
  EXPECT_TRUE(version->as_built);
}

}  // namespace
}  // namespace claviger::store
