#include "tests/unit/store/fault_vfs.h"

#include <sqlcipher/sqlite3.h>

#include <atomic>
#include <map>
#include <memory>

namespace claviger::store {
namespace {

struct Fault {
  std::atomic<int> code{SQLITE_OK};
  std::atomic<int> times{0};

  void Set(int new_code, int new_times) {
    code = new_code;
    times = new_times;
  }
  // The code to fail with now, or SQLITE_OK.
  int Take() {
    int left = times.load();
    while (left > 0 && !times.compare_exchange_weak(left, left - 1)) {
    }
    return left == 0 ? SQLITE_OK : code.load();
  }
};

Fault sync_fault, write_fault, read_fault, open_fault;

// The methods of an opened file are replaced by a copy in which some are ours. The copy is found again
// through the file.
struct PatchedMethods {
  sqlite3_io_methods methods;  // first, so that a pointer to it is a pointer to the whole
  const sqlite3_io_methods* real;
};

const sqlite3_io_methods* RealMethods(const sqlite3_file* file) {
  return reinterpret_cast<const PatchedMethods*>(file->pMethods)->real;
}

int Sync(sqlite3_file* file, int flags) {
  const int code = sync_fault.Take();
  return code != SQLITE_OK ? code : RealMethods(file)->xSync(file, flags);
}

int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  const int code = write_fault.Take();
  return code != SQLITE_OK ? code : RealMethods(file)->xWrite(file, data, size, offset);
}

int Read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  const int code = read_fault.Take();
  return code != SQLITE_OK ? code : RealMethods(file)->xRead(file, data, size, offset);
}

sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs fault_vfs;
std::map<const sqlite3_io_methods*, std::unique_ptr<PatchedMethods>> patched;

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  if (const int code = open_fault.Take(); code != SQLITE_OK) return code;
  const int code = real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
  if (file->pMethods == nullptr) return code;
  std::unique_ptr<PatchedMethods>& entry = patched[file->pMethods];
  if (entry == nullptr) {
    entry = std::make_unique<PatchedMethods>(PatchedMethods{*file->pMethods, file->pMethods});
    entry->methods.xSync = Sync;
    entry->methods.xWrite = Write;
    entry->methods.xRead = Read;
  }
  file->pMethods = &entry->methods;
  return code;
}

}  // namespace

FaultVfs::FaultVfs() {
  real_vfs = sqlite3_vfs_find(nullptr);
  fault_vfs = *real_vfs;
  fault_vfs.zName = "fault";
  fault_vfs.pNext = nullptr;
  fault_vfs.xOpen = Open;
  sqlite3_vfs_register(&fault_vfs, 1);
}

FaultVfs::~FaultVfs() {
  Heal();
  sqlite3_vfs_unregister(&fault_vfs);
  sqlite3_vfs_register(real_vfs, 1);
}

void FaultVfs::FailSyncs(int code, int times) { sync_fault.Set(code, times); }
void FaultVfs::FailWrites(int code, int times) { write_fault.Set(code, times); }
void FaultVfs::FailReads(int code, int times) { read_fault.Set(code, times); }
void FaultVfs::FailOpens(int code, int times) { open_fault.Set(code, times); }

void FaultVfs::Heal() {
  for (Fault* fault : {&sync_fault, &write_fault, &read_fault, &open_fault}) fault->Set(SQLITE_OK, 0);
}

}  // namespace claviger::store
