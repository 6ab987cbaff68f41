// The page that shows the key string, this once.
#pragma once

#include "cli/wizard/frame.h"
#include "cli/wizard/page.h"
#include "cli/wizard/session.h"
#include "cli/wizard/text_field.h"

namespace claviger::cli::wizard {

// kNext: it may go.
class SecretPage : public Page {
 public:
  explicit SecretPage(Session& session) : session_(session) {}

  std::string_view title() const override { return "The key, this once"; }
  // Without the key string, for which it leaves room at secret_row().
  View Draw(const Size& size, const Glyphs& glyphs) override;
  // In the last Draw; the first line of the body is 0.
  std::size_t secret_row() const { return secret_row_; }
  static constexpr std::size_t kSecretColumn = 3;
  Move Handle(const Key& key) override;
  std::vector<KeyHint> hints() const override;
  std::string_view help() const override;
  bool typing() const override { return asked_ == Asked::kPath; }
  bool grave() const override { return true; }

  const Message& message() const { return message_; }

 private:
  enum class Asked { kNothing, kPath, kSaved };

  Move HandlePath(const Key& key);
  void Write();

  Session& session_;
  Asked asked_ = Asked::kNothing;
  TextField path_{1024};
  Message message_;
  std::size_t secret_row_ = 0;
};

}  // namespace claviger::cli::wizard
