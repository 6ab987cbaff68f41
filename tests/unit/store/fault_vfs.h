// A disk that fails on demand: SQLite's own file layer with errors put in.
#pragma once

namespace claviger::store {

// While one lives, files that SQLite opens can be told to fail. One at a time; before any database is opened.
// The setters may be called from any thread.
class FaultVfs {
 public:
  static constexpr int kAlways = -1;

  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  // The next `times` calls give `code`; kAlways = until Heal.
  void FailSyncs(int code, int times);
  void FailWrites(int code, int times);
  void FailReads(int code, int times);
  void FailOpens(int code, int times);
  void Heal();
};

}  // namespace claviger::store
