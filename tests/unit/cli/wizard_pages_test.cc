#include <gtest/gtest.h>

#include "cli/text_width.h"
#include "cli/wizard/access_page.h"
#include "cli/wizard/details_page.h"
#include "cli/wizard/expiry_page.h"
#include "cli/wizard/frame.h"
#include "cli/wizard/scopes_page.h"
#include "cli/wizard/text_field.h"
#include "wizard_fixture.h"

namespace claviger::cli::wizard {
namespace {

Key Text(std::string text) { return Key{KeyKind::kText, std::move(text)}; }

void Type(Page& page, std::string_view text) {
  for (const char c : text) static_cast<void>(page.Handle(Text(std::string(1, c))));
}

std::string Shown(const View& view) {
  std::string text;
  for (const Line& line : view.lines) {
    for (const Span& span : line) text += span.text;
    text.push_back('\n');
  }
  return text;
}

TEST(TextFieldTest, IsEditedByWholeCharacters) {
  TextField field(100);
  for (const char* c : {"a", "\u00e9", "e", "\u0301", "\u9375"}) field.Handle(Text(c));
  field.Handle(Key{KeyKind::kLeft});
  field.Handle(Key{KeyKind::kBackspace});  // e with its combining accent
  EXPECT_EQ(field.text(), "a\u00e9\u9375");
  field.Handle(Key{KeyKind::kHome});
  field.Handle(Key{KeyKind::kDelete});
  EXPECT_EQ(field.text(), "\u00e9\u9375");
  field.Handle(Key{KeyKind::kClear});
  EXPECT_EQ(field.text(), "");
}

TEST(TextFieldTest, HasALimitAndNeverHalfACharacter) {
  TextField field(4);
  field.Handle(Key{KeyKind::kPaste, "ab\u9375"});
  EXPECT_EQ(field.text(), "ab");
  field.Handle(Key{KeyKind::kPaste, "cdef"});
  EXPECT_EQ(field.text(), "abcd");
}

TEST(TextFieldTest, ShowsWhereTheCursorIs) {
  TextField field(400);
  field.Handle(Key{KeyKind::kPaste, std::string(50, 'a') + "\u9375z"});
  const std::string shown = field.Draw(12);
  EXPECT_EQ(DisplayWidth(shown), 12U);
  EXPECT_NE(shown.find("\u9375z"), std::string::npos);
  EXPECT_LT(field.CursorColumn(12), 12U);
  field.Handle(Key{KeyKind::kHome});
  EXPECT_EQ(field.CursorColumn(12), 1U);
  EXPECT_EQ(field.Draw(12), "[aaaaaaaaaa]");
}

TEST(ScopeTableTest, SearchesAndFilters) {
  WizardState state = StateOf();
  ScopeTable table(state);
  EXPECT_EQ(table.shown().size(), 4U);
  table.SetSearch("POLICIES");
  EXPECT_EQ(table.shown(), (std::vector<std::size_t>{0, 2, 3}));
  table.SetFilter(Action::kWrite);
  EXPECT_EQ(table.shown(), (std::vector<std::size_t>{3}));
  table.SetSearch("nothing such");
  EXPECT_TRUE(table.shown().empty());
  table.Toggle();
  table.MoveDown();
  EXPECT_EQ(table.pages(), 1U);
  EXPECT_EQ(state.CountGiven(), 0U);
}

TEST(ScopeTableTest, TheCursorStaysOnItsScope) {
  WizardState state = StateOf();
  ScopeTable table(state);
  table.MoveTo(2);
  table.SetFilter(Action::kRead);
  EXPECT_EQ(table.shown()[table.cursor()], 2U);
  table.SetFilter(std::nullopt);
  EXPECT_EQ(table.shown()[table.cursor()], 2U);
}

TEST(ScopeTableTest, PagesEndWhereTheTableEnds) {
  WizardState state = StateOf();
  ScopeTable table(state);
  table.SetPageSize(3);
  EXPECT_EQ(table.pages(), 2U);
  table.MoveToPage(7);
  EXPECT_EQ(table.page_begin(), 3U);
  EXPECT_EQ(table.page_end(), 4U);
  table.MoveDown();
  EXPECT_EQ(table.cursor(), 3U);
  table.SetPageSize(0);
  EXPECT_EQ(table.page_size(), 1U);
}

TEST(ScopeTableTest, AllThatIsShownIsChosenAndGivenUpAgain) {
  WizardState state = StateOf();
  ScopeTable table(state);
  table.SetPageSize(1);
  table.SetFilter(Action::kRead);
  table.ToggleShown();
  EXPECT_EQ(state.CountGiven(), 2U);
  EXPECT_EQ(state.CountGiven(Action::kRead), 2U);
  table.Toggle();
  table.ToggleShown();
  EXPECT_EQ(state.CountGiven(), 2U);
  table.ToggleShown();
  EXPECT_EQ(state.CountGiven(), 0U);
}

TEST(AccessPageTest, AKeyWithoutScopesIsNotChosenWhereItIsForbidden) {
  WizardState state = StateOf();
  AccessPage page(state);
  EXPECT_EQ(page.Handle(Key{KeyKind::kDown}), Move::kStay);
  EXPECT_EQ(page.Handle(Key{KeyKind::kEnter}), Move::kStay);
  EXPECT_FALSE(state.answers().unscoped);
  ASSERT_TRUE(state.complaint());
  EXPECT_NE(Shown(page.Draw({20, 80}, GlyphsFor(false))).find("not offered"), std::string::npos);
}

TEST(AccessPageTest, AKeyWithoutScopesNeedsItsReason) {
  boost::json::object policy = PolicyReply();
  policy["unscoped"] = "allow-with-reason";
  WizardState state = StateOf(policy);
  AccessPage page(state);
  page.Handle(Key{KeyKind::kDown});
  EXPECT_EQ(page.Handle(Key{KeyKind::kEnter}), Move::kStay);
  EXPECT_TRUE(page.typing());
  Type(page, " it must ");
  EXPECT_EQ(state.answers().unscoped_reason, "it must");
  EXPECT_EQ(page.Handle(Key{KeyKind::kEnter}), Move::kNext);
}

TEST(DetailsPageTest, FieldsAreFilledOneAfterTheOther) {
  WizardState state = StateOf();
  DetailsPage page(state);
  for (const char* text : {"a name", "why", "alice", "ops"}) {
    Type(page, text);
    const Move move = page.Handle(Key{KeyKind::kEnter});
    EXPECT_EQ(move, std::string_view(text) == "ops" ? Move::kNext : Move::kStay);
  }
  const Answers& answers = state.answers();
  EXPECT_EQ(answers.name + "," + answers.description + "," + answers.owner + "," + answers.team,
            "a name,why,alice,ops");
}

TEST(ExpiryPageTest, ShowsTheDateOfEachPresetAndOfWhatIsTyped) {
  WizardState state = StateOf();
  ExpiryPage page(state);
  std::string shown = Shown(page.Draw({20, 80}, GlyphsFor(true)));
  for (const char* text : {"1 day", "(*) 7 days", "Wed 2026-11-25 11:06 UTC", "60 days", "the longest"}) {
    EXPECT_NE(shown.find(text), std::string::npos) << text << '\n' << shown;
  }
  EXPECT_EQ(shown.find("90 days"), std::string::npos);
  for (int i = 0; i < 5; ++i) page.Handle(Key{KeyKind::kDown});
  Type(page, "2026-12-24");
  EXPECT_TRUE(state.answers().typed_expiry);
  shown = Shown(page.Draw({20, 80}, GlyphsFor(true)));
  EXPECT_NE(shown.find("Thu 2026-12-24 23:59 UTC"), std::string::npos) << shown;
  page.Handle(Key{KeyKind::kUp});
  EXPECT_FALSE(state.answers().typed_expiry);
}

TEST(ScopesPageTest, IsDrivenByKeysAlone) {
  WizardState state = StateOf();
  ScopesPage page(state);
  static_cast<void>(page.Draw({17, 80}, GlyphsFor(false)));
  Type(page, "/policies");
  EXPECT_TRUE(page.typing());
  page.Handle(Key{KeyKind::kEnter});
  Type(page, "a");
  EXPECT_EQ(state.CountGiven(), 3U);
  Type(page, "d ");
  EXPECT_EQ(state.CountGiven(Action::kDelete), 0U);
  page.Handle(Key{KeyKind::kTab});
  Type(page, " ");
  EXPECT_TRUE(state.answers().bundles[0]);
  EXPECT_EQ(page.Handle(Key{KeyKind::kEnter}), Move::kNext);
  EXPECT_EQ(page.Handle(Key{KeyKind::kEscape}), Move::kBack);
}

TEST(FrameTest, FitsEverySizeThatIsAllowed) {
  WizardState state = StateOf();
  AccessPage access(state);
  DetailsPage details(state);
  ExpiryPage expiry(state);
  ScopesPage scopes(state);
  for (const bool utf8 : {true, false}) {
    for (const Size size : {Size{16, 60}, Size{24, 80}, Size{40, 140}}) {
      for (Page* page : std::initializer_list<Page*>{&access, &details, &expiry, &scopes}) {
        const Frame frame{
            page->title(), state.steps(), state.step(), {std::string(300, 'm'), Look::kBad}, page->hints()};
        const View view =
            Framed(frame, page->Draw(BodyOf(frame, size), GlyphsFor(utf8)), size, GlyphsFor(utf8));
        EXPECT_LE(view.lines.size(), size.rows) << page->title();
        for (const Line& line : view.lines) {
          std::string text;
          for (const Span& span : line) text += span.text;
          const bool message = text.find("mmm") != std::string::npos;  // one word, cut by the screen
          EXPECT_TRUE(message || DisplayWidth(text) <= size.columns) << text;
        }
      }
    }
  }
}

TEST(FrameTest, WhatDoesNotFitIsCutAroundTheFocus) {
  View view;
  for (int i = 0; i < 30; ++i) view.Add("line " + std::to_string(i));
  view.focus = 20;
  view.cursor = Place{20, 3};
  const View part = Fit(view, 10);
  EXPECT_EQ(part.lines.size(), 10U);
  EXPECT_EQ(part.lines[part.focus][0].text, "line 20");
  EXPECT_EQ(part.cursor->row, part.focus);
}

}  // namespace
}  // namespace claviger::cli::wizard
