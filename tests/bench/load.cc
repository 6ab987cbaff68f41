// Load generator for request and reply over a Unix stream socket; see usage below. One thread, as cheap as
// possible: it shares the machine with what it measures.
#include <getopt.h>
#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/ending.h"
#include "tests/bench/framing.h"
#include "tests/bench/load_run.h"
#include "tests/bench/request_set.h"

namespace claviger::bench {
namespace {

constexpr std::size_t kMaxDepth = 1024, kMaxConnections = 4096, kWarmInFlight = 16,
                      kMaxBatchBytes = 160 * 1024;

constexpr const char* kUsage =
    R"(usage: load --socket PATH (--keys FILE --request FILE --expect FILE)... [OPTION...]

Asks in a closed loop and checks every answer; the first wrong one ends it with status 1.
Prints one JSON object: replies, seconds, per_second, p50_us, p99_us, p999_us and worst_us
of a batch, client_us (processor time per reply of this process), wrong.

  --keys FILE       one line per request: a key string, or any word
  --request FILE    the request; {key} is the line, {id} the key id in it
  --expect FILE     how the right reply begins; {id} likewise; after {*}: how it ends
  --reply KIND      how a reply ends: nul (default), bytes:N or http
  --connections N   default: 1
  --depth N         requests per batch, default: 1
  --seconds S       for how long, default: 1
  --once            instead: every request once
  --warm            first every request once, which is not counted
  --blocking        one connection that sleeps in read()
  --cpu N           runs on this processor alone
  --save FILE       writes the replies there
  --seed N          for the order of requests, default: 1
  --in-order        requests in the order of the lines instead
)";

struct Options {
  std::string socket, reply = "nul", save;
  std::vector<RequestGroup> groups;
  std::size_t connections = 1, depth = 1, cpu = 0;
  std::uint64_t seed = 1;
  double seconds = 1;
  bool once = false, warm = false, blocking = false, pinned = false, in_order = false;
};

std::size_t Number(const std::string& name, const char* text, std::size_t least, std::size_t most) {
  const std::string_view digits = text;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number < least || number > most)
    End("--" + name + " takes a number from " + std::to_string(least) + " to " + std::to_string(most));
  return number;
}

RequestGroup& LastGroup(Options& options) {
  if (options.groups.empty()) End("give --keys before --request and --expect");
  return options.groups.back();
}

void Set(Options& options, const std::string& name, const char* value) {
  if (name == "socket") options.socket = value;
  if (name == "keys") options.groups.emplace_back().lines = ReadLines(value);
  if (name == "request") LastGroup(options).request = ReadFile(value);
  if (name == "expect") LastGroup(options).expected = ReadFile(value);
  if (name == "reply") options.reply = value;
  if (name == "connections") options.connections = Number(name, value, 1, kMaxConnections);
  if (name == "depth") options.depth = Number(name, value, 1, kMaxDepth);
  if (name == "seconds") options.seconds = std::atof(value);
  if (name == "once") options.once = true;
  if (name == "warm") options.warm = true;
  if (name == "blocking") options.blocking = true;
  if (name == "in-order") options.in_order = true;
  if (name == "save") options.save = value;
  if (name == "seed") options.seed = Number(name, value, 0, UINT32_MAX);
  if (name == "cpu") {
    options.cpu = Number(name, value, 0, CPU_SETSIZE - 1);
    options.pinned = true;
  }
}

Options Parse(int count, char** arguments) {
  static constexpr option kLong[] = {{"socket", 1, nullptr, 0},
                                     {"keys", 1, nullptr, 0},
                                     {"request", 1, nullptr, 0},
                                     {"expect", 1, nullptr, 0},
                                     {"reply", 1, nullptr, 0},
                                     {"connections", 1, nullptr, 0},
                                     {"depth", 1, nullptr, 0},
                                     {"seconds", 1, nullptr, 0},
                                     {"once", 0, nullptr, 0},
                                     {"warm", 0, nullptr, 0},
                                     {"blocking", 0, nullptr, 0},
                                     {"cpu", 1, nullptr, 0},
                                     {"save", 1, nullptr, 0},
                                     {"seed", 1, nullptr, 0},
                                     {"in-order", 0, nullptr, 0},
                                     {"help", 0, nullptr, 0},
                                     {}};
  Options options;
  int index = 0;
  for (int c; (c = ::getopt_long(count, arguments, "", kLong, &index)) != -1;) {
    const std::string name = c == 0 ? kLong[index].name : "help";
    if (name == "help") {
      std::fputs(kUsage, c == 0 ? stdout : stderr);
      std::exit(c == 0 ? 0 : 2);
    }
    Set(options, name, optarg);
  }
  if (options.socket.empty() || options.groups.empty()) End("give --socket, --keys, --request and --expect");
  for (const RequestGroup& group : options.groups) {
    if (group.request.empty() || group.expected.empty()) End("give --request and --expect for each --keys");
  }
  if (options.blocking && options.connections != 1) End("--blocking is for one connection");
  if (options.seconds <= 0) End("--seconds takes a number above 0");
  return options;
}

void Pin(std::size_t cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (::sched_setaffinity(0, sizeof set, &set) != 0) End("cannot run on the processor of --cpu");
}

double Microseconds(std::vector<std::uint32_t>& sorted, double part) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))] / 1e3;
}

void Print(LoadResult result) {
  std::vector<std::uint32_t>& batches = result.batches_ns;
  std::sort(batches.begin(), batches.end());
  const double replies = static_cast<double>(std::max<std::uint64_t>(result.replies, 1));
  std::printf("{\"replies\": %llu, \"seconds\": %.3f, \"per_second\": %.0f, ",
              static_cast<unsigned long long>(result.replies), result.seconds,
              static_cast<double>(result.replies) / std::max(result.seconds, 1e-9));
  std::printf("\"p50_us\": %.2f, \"p99_us\": %.2f, \"p999_us\": %.2f, \"worst_us\": %.2f, ",
              Microseconds(batches, 0.5), Microseconds(batches, 0.99), Microseconds(batches, 0.999),
              Microseconds(batches, 1));
  std::printf("\"client_us\": %.3f, \"wrong\": 0}\n", result.processor_seconds * 1e6 / replies);
}

void Run(int count, char** arguments) {
  Options options = Parse(count, arguments);
  const std::size_t warm_depth = std::max<std::size_t>(1, kWarmInFlight / options.connections);
  const std::size_t deepest = std::max(options.depth, warm_depth);
  const RequestSet requests(std::move(options.groups), deepest,
                            options.in_order ? std::nullopt : std::optional(options.seed));
  if (requests.longest() * deepest > kMaxBatchBytes)
    End("a batch is larger than a socket takes at once; give a smaller --depth");
  const Framing framing(options.reply);
  if (options.pinned) Pin(options.cpu);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> save(
      options.save.empty() ? nullptr : std::fopen(options.save.c_str(), "we"),
      [](std::FILE* file) { return std::fclose(file); });
  if (!options.save.empty() && !save) End("cannot write " + options.save);
  LoadRun run(options.socket, options.connections, options.blocking, requests, framing, save.get());
  if (options.warm) run.Once(warm_depth);
  Print(options.once ? run.Once(options.depth) : run.For(options.seconds, options.depth, options.seed));
}

}  // namespace
}  // namespace claviger::bench

int main(int count, char** arguments) {
  claviger::bench::Run(count, arguments);
  return 0;
}
