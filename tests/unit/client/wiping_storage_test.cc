#include "client/wiping_storage.h"

#include <gtest/gtest.h>

#include <boost/json/parser.hpp>
#include <boost/json/value.hpp>

namespace claviger::client {
namespace {

TEST(WipingStorage, IsKeptByValuesThatAreMovedOutOfADocument) {
  boost::json::parser parser(WipingStorage());
  parser.reset(WipingStorage());
  parser.write(R"({"outer":{"key":"a text that is too long to be kept in place"}})");
  boost::json::value document = parser.release();
  const boost::json::object inner = std::move(document.as_object().at("outer").as_object());
  EXPECT_EQ(*inner.storage(), *WipingStorage());
  EXPECT_EQ(*inner.at("key").as_string().storage(), *WipingStorage());
}

TEST(WipingStorage, IsOneForTheProcess) {
  EXPECT_EQ(WipingStorage().get(), WipingStorage().get());
  EXPECT_NE(*WipingStorage(), *boost::json::storage_ptr());
}

}  // namespace
}  // namespace claviger::client
