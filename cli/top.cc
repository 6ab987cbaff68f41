#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "base/text.h"
#include "cli/context.h"
#include "cli/style.h"
#include "cli/top_page.h"
#include "cli/top_record.h"
#include "cli/verbs.h"
#include "cli/wizard/interruption.h"
#include "cli/wizard/screen.h"
#include "protocol/error_names.h"

namespace claviger::cli {
namespace {

using wizard::KeyKind;
using wizard::Look;

constexpr std::int64_t kLongestInterval = 3600;  // seconds
constexpr std::int64_t kMostPages = 1'000'000'000;
constexpr std::chrono::milliseconds kPatience{2000};  // with the daemon, so that keys are soon heard again
constexpr wizard::Size kPlainSize = {100, 120};       // where there is no terminal to fit

struct TopOptions {
  std::chrono::seconds interval{1};
  std::string interval_text = "1s";
  std::int64_t pages = 0;  // 0: without end
};

Outcome<TopOptions> ReadOptions(const Context& context) {
  const Invocation& invocation = context.invocation();
  TopOptions options;
  if (const auto text = invocation.Text("interval")) {
    const auto interval = ParseDuration(*text);
    if (!interval || *interval > kLongestInterval) {
      return UsageFailure(
          fmt::format("--interval: \"{}\" is no time from 1s to 1h", EscapeForDisplay(*text)));
    }
    options.interval = std::chrono::seconds(*interval);
    options.interval_text = FormatDuration(*interval);
  }
  const auto count = invocation.Number("count", 1, kMostPages);
  if (!count) return count.error();
  if (*count && invocation.Has("once")) return UsageFailure("--once and --count exclude each other");
  // Without a terminal nobody would see the pages go by.
  const bool one = invocation.Has("once") || (!context.terminal().output && !context.json());
  options.pages = *count ? **count : (one ? 1 : 0);
  return options;
}

// Reads the figures, and remembers those before for the difference.
class Readings {
 public:
  Readings(Context& context, std::string interval) : context_(context) {
    context.daemon().AllowTime(kPatience);
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) == 0) page_.host = EscapeForDisplay(name.data());
    page_.interval = std::move(interval);
  }

  Outcome<void> Read() {
    const auto reply = context_.daemon().Admin("GetStatistics");
    page_.since.reset();
    if (!reply) {
      page_.now.reset();
      page_.problem = fmt::format("no figures: {}; trying again", reply.error().message);
      return reply.error();
    }
    page_.problem.clear();
    page_.now = FiguresOf(reply->parameters);
    if (last_) page_.since = page_.now->Since(*last_);
    last_ = page_.now;
    return {};
  }

  TopPage& page() { return page_; }

 private:
  Context& context_;
  TopPage page_;
  std::optional<Figures> last_;  // of before the connection was lost, too
};

// A daemon that is restarted or overburdened comes back; any other failure stays.
bool Passes(const Failure& failure) {
  return failure.exit_status == protocol::kExitUnreachable || failure.exit_status == protocol::kExitTryLater;
}

Style StyleOf(Look look) {
  switch (look) {
    case Look::kBold:
    case Look::kTitle:
      return Style::kBold;
    case Look::kFaint:
      return Style::kFaint;
    case Look::kGood:
      return Style::kGood;
    case Look::kAttention:
      return Style::kAttention;
    case Look::kBad:
      return Style::kBad;
    default:
      return Style::kPlain;
  }
}

std::string TextOf(const wizard::View& view, bool color) {
  std::string text;
  for (const wizard::Line& line : view.lines) {
    std::string plain;
    for (const wizard::Span& span : line) plain += Styled(span.text, StyleOf(span.look), color);
    if (!color) plain.erase(plain.find_last_not_of(' ') + 1);
    text += plain + "\n";
  }
  return text;
}

// One page of text, or one line of JSON, after each interval.
Outcome<int> PrintPages(Context& context, const TopOptions& options, Readings& readings) {
  TopPage& page = readings.page();
  page.live = false;
  wizard::Size size = kPlainSize;
  if (context.terminal().output) size.columns = std::max(context.terminal().width, TopPage::kLeastColumns);
  std::int64_t printed = 0;
  SteadyTime next = SteadyNow();
  bool told = false;
  while (!context.output().failed() && (options.pages == 0 || printed < options.pages)) {
    next = std::max(next + options.interval, SteadyNow());
    std::this_thread::sleep_until(next);
    if (const auto read = readings.Read(); !read) {
      if (!Passes(read.error()) || options.pages == 1) return read.error();
      if (!std::exchange(told, true)) context.output().Note(page.problem);
      continue;
    }
    told = false;
    if (context.json()) {
      context.PrintJson(TopRecord(*page.now, *page.since));
    } else {
      if (printed > 0) context.output().Print("\n");
      context.output().Print(TextOf(DrawTop(page, size), context.terminal().color));
    }
    context.output().Flush();
    ++printed;
  }
  return protocol::kExitOk;
}

// The page on a terminal, until someone leaves it.
class LivePage {
 public:
  LivePage(const TopOptions& options, wizard::Screen& screen, Readings& readings)
      : options_(options), screen_(screen), readings_(readings), page_(readings.page()) {}

  Outcome<void> Run() {
    SteadyTime next = SteadyNow() + options_.interval;
    for (std::int64_t drawn = 0; options_.pages == 0 || drawn < options_.pages;) {
      Draw();
      const wizard::Key key = screen_.ReadUntil(next);
      if (key.kind == KeyKind::kInterrupted) break;
      if (key.kind != KeyKind::kNothing) {
        if (!Heed(key)) break;
        continue;
      }
      if (const auto read = readings_.Read(); !read && !Passes(read.error())) return read.error();
      next = std::max(next + options_.interval, SteadyNow());
      ++drawn;
    }
    return {};
  }

 private:
  // False: leave.
  bool Heed(const wizard::Key& key) {
    if (key.kind == KeyKind::kRedraw) return true;
    if (key.Is('q')) return false;
    if (page_.help) {
      page_.help = false;
      return true;
    }
    if (key.Is('v')) page_.sort = BusySort::kVerifications;
    if (key.Is('d')) page_.sort = BusySort::kDenials;
    if (key.Is('n')) page_.sort = BusySort::kName;
    if (key.Is('i')) page_.ids = !page_.ids;
    if (key.Is('?') || key.kind == KeyKind::kHelp) page_.help = true;
    return true;
  }

  void Draw() {
    const wizard::Size size = screen_.size();
    if (size.rows >= TopPage::kLeastRows && size.columns >= TopPage::kLeastColumns) {
      return screen_.Show(DrawTop(page_, size));
    }
    wizard::View view;
    view.AddWrapped(
        fmt::format("This page needs {} columns and {} lines. Make the window larger, or q: quit.",
                    TopPage::kLeastColumns, TopPage::kLeastRows),
        0, std::max<std::size_t>(size.columns, 1));
    screen_.Show(view);
  }

  const TopOptions& options_;
  wizard::Screen& screen_;
  Readings& readings_;
  TopPage& page_;
};

}  // namespace

Outcome<int> RunTop(Context& context) {
  const auto options = ReadOptions(context);
  if (!options) return options.error();
  Readings readings(context, options->interval_text);
  readings.page().more = wizard::GlyphsFor(context.terminal().utf8).more;
  if (const auto read = readings.Read(); !read) return read.error();
  const bool live = context.terminal().input && context.terminal().output && !context.json() &&
                    !context.invocation().Has("once");
  if (!live) return PrintPages(context, *options, readings);

  int signal = 0;
  bool open = false;
  Outcome<void> ended;
  {
    const wizard::Interruption interruption;
    wizard::Screen screen(context.terminal(), interruption);
    open = screen.open();
    if (open) ended = LivePage(*options, screen, readings).Run();
    signal = interruption.caught();
  }
  if (signal != 0) wizard::EndBy(signal);
  if (!open) return PrintPages(context, *options, readings);
  if (!ended) return ended.error();
  return protocol::kExitOk;
}

}  // namespace claviger::cli
