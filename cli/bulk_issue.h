// Issues the keys of a file, many at the same time, so that it can be broken off anywhere and gone on with.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/context.h"
#include "cli/interrupts.h"
#include "cli/issue_file.h"
#include "cli/key_line.h"
#include "cli/key_lines.h"
#include "cli/progress.h"
#include "client/pipeline.h"

namespace claviger::cli {

// Calls under way and keys not yet in the file, together: enough for commits of many, few enough that a run
// that is killed leaves few keys behind that nobody has.
inline constexpr std::size_t kIssueWindow = 64;

// `line` is a number. All texts are safe to show.
struct RefusedLine {
  std::size_t line;
  std::string name;
  std::string message;
};
// A key whose secret reached nobody, and what was done about it.
struct LostKey {
  std::size_t line;
  std::string id;
  bool revoked;
  std::string successor;  // the key that the line has instead; "" if it has none
};

struct IssueReport {
  std::size_t already = 0;  // lines whose keys were there before
  std::size_t issued = 0;
  std::vector<RefusedLine> refused;
  std::vector<LostKey> lost;
  bool interrupted = false;
  std::optional<Failure> stopped;  // what ended it early otherwise
};

// A request id stands for a line, and for how many keys were lost for it. So a key that the daemon has
// issued, but whose reply came to nobody, is found again as "already done": nobody has its secret, it is
// revoked, and the line asks for another key. Thread-compatible; what it is given must outlive it.
class BulkIssue {
 public:
  BulkIssue(Context& context, std::span<const KeyLine> lines, IssueFile& file);

  // Once. Every line must have been read without an error before.
  IssueReport Run();

 private:
  struct Order {
    const KeyLine* line;
    std::string name = {};      // of the key
    std::size_t lost_keys = 0;  // for this line
    std::string found = {};     // the last of them
  };

  bool ending() const { return report_.interrupted || report_.stopped.has_value(); }
  void Stop(const Failure& failure);
  void Refuse(const Order& order, std::string message);

  // Asks for one key for each of `orders_`. Those that had one before are in `found_` then.
  void Pass(const Interrupts& interrupts, Progress& progress);
  bool Connect();
  // After the connection was lost: puts back what waits, to be asked for again. False if that is of no use.
  bool PutBack(const Error& error);
  void Fill();
  void Ask(Order order);
  void Take(client::Answer& answer);
  void TakeRefusal(Order order, const client::Answer& answer);
  void Save();

  // Revokes the keys of `found_`, and orders others.
  void GiveUpFound();
  // Whether the key that was found can be given up, and whether it is still to be revoked for that.
  bool Examine(const Order& order, bool& live);
  void OrderAnother(Order order);
  // Why those that it could not revoke were left alone, by their ids.
  std::map<std::string, std::string> Revoke(std::span<const std::string> ids);
  void RevokeUnsaved();

  Context& context_;
  std::span<const KeyLine> lines_;
  IssueFile& file_;
  KeyLineReader reader_;
  std::optional<client::Pipeline> pipeline_;
  std::deque<Order> orders_;
  std::deque<Order> waiting_;  // in the order of the calls
  std::vector<Order> found_;
  std::map<std::size_t, std::size_t> lost_of_line_;  // indices of `report_.lost` by numbers of lines
  std::vector<LostKey> added_;                       // to the file, since its last Save()
  std::vector<LostKey> unsaved_;  // what a failed Save() was to write, and what came after it
  int lost_connections_ = 0;      // since the last answer
  bool cannot_save_ = false;
  IssueReport report_;
};

}  // namespace claviger::cli
