#include "cli/wizard/screen_wizard.h"

#include <array>
#include <memory>
#include <optional>

#include "cli/wizard/access_page.h"
#include "cli/wizard/details_page.h"
#include "cli/wizard/expiry_page.h"
#include "cli/wizard/frame.h"
#include "cli/wizard/review_page.h"
#include "cli/wizard/scopes_page.h"
#include "cli/wizard/screen.h"
#include "cli/wizard/secret_page.h"

namespace claviger::cli::wizard {
namespace {

constexpr Size kLeast = {Screen::kLeastRows, Screen::kLeastColumns};

class ScreenWizard {
 public:
  ScreenWizard(Screen& screen, const Glyphs& glyphs, WizardState& state, Session& session)
      : screen_(screen),
        glyphs_(glyphs),
        state_(state),
        session_(session),
        access_(state),
        details_(state),
        expiry_(state),
        scopes_(state),
        review_(state),
        secret_(session) {}

  void Run() {
    while (!over_) {
      Draw();
      const Key key = screen_.Read();
      if (key.kind == KeyKind::kInterrupted) return;
      if (const auto heard = Heed(key)) Do(ThePage().Handle(*heard));
    }
  }

 private:
  Page& ThePage() {
    if (session_.issued()) return secret_;
    const std::array<Page*, 5> pages = {&access_, &details_, &expiry_, &scopes_, &review_};
    return *pages.at(static_cast<std::size_t>(state_.step()));
  }

  // The key as the page shall get it; absent if it is none of the page's.
  std::optional<Key> Heed(Key key) {
    if (key.kind == KeyKind::kRedraw || TooSmallNow()) return std::nullopt;
    if (help_) {
      help_ = false;
      return std::nullopt;
    }
    if (leaving_) {
      over_ = key.Is('y') && !key.burst;
      leaving_ = false;
      return std::nullopt;
    }
    const bool typing = ThePage().typing();
    if (key.kind == KeyKind::kHelp || (!typing && key.Is('?'))) {
      help_ = true;
      return std::nullopt;
    }
    // What was pasted is text, and goes on nowhere.
    const bool goes_on = key.kind == KeyKind::kEnter || ThePage().grave();
    if (!typing && (key.kind == KeyKind::kPaste || (key.burst && goes_on))) return std::nullopt;
    if (key.kind == KeyKind::kEnter && key.burst) return Key{KeyKind::kText, " "};
    return key;
  }

  void Do(Move move) {
    const Step before = state_.step();
    switch (move) {
      case Move::kStay:
        return;
      case Move::kNext:
        over_ = session_.issued();
        if (over_) return;
        if (state_.Next() && state_.step() == Step::kReview) Review();
        break;
      case Move::kBack:
        leaving_ = !state_.Back();
        break;
      case Move::kCreate:
        Wait("issuing the key ...");
        session_.Create();
        break;
      case Move::kAgain:
        state_.ForgetComplaint();
        Review();
        break;
    }
    if (state_.complaint()) ThePage().Focus(state_.complaint()->field);
    // Nobody has answered this page yet.
    if (state_.step() != before || session_.issued()) screen_.DropInput();
  }

  void Review() {
    Wait("asking the daemon how the key would be ...");
    review_.Show(session_.Preview());
  }

  bool TooSmallNow() const {
    return screen_.size().rows < kLeast.rows || screen_.size().columns < kLeast.columns;
  }

  Message TheMessage() const {
    if (leaving_) return {"Leave without a key?  y: leave   any other key: stay", Look::kAttention};
    if (session_.issued()) return secret_.message();
    if (state_.complaint()) return {state_.complaint()->message, Look::kBad};
    return {};
  }

  void Wait(std::string_view what) { Draw(Message{std::string(what), Look::kPlain}); }

  void Draw() { Draw(TheMessage()); }

  void Draw(Message message) {
    const Size size = screen_.size();
    if (TooSmallNow()) return screen_.Show(TooSmall(size, kLeast));
    state_.SetNow(SystemTime().Wall());
    Page& page = ThePage();
    Frame frame{page.title(), session_.issued() ? std::vector<Step>() : state_.steps(), state_.step(),
                std::move(message), page.hints()};
    if (help_) return DrawHelp(frame, page, size);
    const Size body = BodyOf(frame, size);
    View view = page.Draw(body, glyphs_);
    frame.hints = page.hints();
    const std::size_t before = view.lines.size();
    const bool whole = before <= body.rows;
    screen_.Show(Framed(frame, std::move(view), size, glyphs_));
    if (session_.issued() && whole) {
      screen_.ShowSecret({kBodyRow + secret_.secret_row(), SecretPage::kSecretColumn},
                         session_.key().ExposeText());
    }
  }

  void DrawHelp(Frame& frame, const Page& page, const Size& size) {
    frame.message = {};
    frame.hints = {{"any key", "back to the page"}};
    View view;
    view.Add("");
    view.AddWrapped(page.help(), 2, std::min<std::size_t>(size.columns - 2, 78));
    view.Add("");
    view.AddWrapped(
        "Esc goes back a page and keeps what was answered. Ctrl-C leaves at once; until the key is "
        "created, nothing is done.",
        2, std::min<std::size_t>(size.columns - 2, 78), Look::kFaint);
    screen_.Show(Framed(frame, std::move(view), size, glyphs_));
  }

  static constexpr std::size_t kBodyRow = 3;

  Screen& screen_;
  const Glyphs glyphs_;
  WizardState& state_;
  Session& session_;
  AccessPage access_;
  DetailsPage details_;
  ExpiryPage expiry_;
  ScopesPage scopes_;
  class ReviewPage review_;
  SecretPage secret_;
  bool help_ = false;
  bool leaving_ = false;
  bool over_ = false;
};

}  // namespace

bool AskOnScreen(const Terminal& terminal, const Interruption& interruption, WizardState& state,
                 Session& session) {
  Screen screen(terminal, interruption);
  if (!screen.open()) return false;
  ScreenWizard(screen, GlyphsFor(terminal.utf8), state, session).Run();
  return true;
}

}  // namespace claviger::cli::wizard
