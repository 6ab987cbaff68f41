#include "cli/host_checks.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "cli/check_rows.h"
#include "cli/credential_store.h"
#include "cli/installed.h"
#include "cli/unit_checks.h"

namespace claviger::cli {
namespace {

using Rows = boost::json::array;

constexpr std::uint64_t kLowDiskBytes = std::uint64_t{64} * 1024 * 1024;
constexpr std::string_view kRunAsRoot = "run this as root";
constexpr std::string_view kSoftHsmConfig = "/etc/claviger/softhsm2.conf";

struct Examination {
  const Host& host;
  InstalledSettings settings;
  bool softhsm = false;
};

bool IsRoot() { return ::geteuid() == 0; }

// Who may write a file of the configuration decides who may issue what.
boost::json::object WritableRow(const Host& host, std::string_view name, const std::string& path,
                                std::string_view if_absent) {
  const auto status = host.Look(path);
  if (!status) return CheckRow(name, "warning", path + " is not there, or not seen", if_absent);
  if ((status->st_mode & (S_IWGRP | S_IWOTH)) != 0 ||
      (status->st_uid != 0 && status->st_uid != ::geteuid())) {
    return CheckRow(name, "failed", path + " can be changed by others than root",
                    fmt::format("chown root {0} && chmod go-w {0}", path));
  }
  return CheckRow(name, "ok", path);
}

void ExamineConfiguration(const Examination& seen, Rows& rows) {
  rows.push_back(WritableRow(seen.host, "configuration", std::string(kConfigPath),
                             "without it every setting has its default"));
  rows.push_back(WritableRow(seen.host, "scopes directory", seen.settings.scopes_directory,
                             "make it, and put a catalogue there"));
  if (seen.softhsm) {
    rows.push_back(WritableRow(seen.host, "SoftHSM's configuration", std::string(kSoftHsmConfig),
                               "install it again from the package: the token's folder stands in it"));
  }
  if (!seen.host.Read(kConfigPath, kMaxConfigBytes)) return;
  const auto end = seen.host.Run("clavigerd", {"--check", "--config", seen.host.Path(kConfigPath)});
  if (!end) {
    rows.push_back(
        CheckRow("settings", "failed", end.error().message(), "install the package claviger whole"));
  } else if (!end->succeeded()) {
    rows.push_back(
        CheckRow("settings", "failed", end->Complaint(), "mend it, then systemctl reload claviger.service"));
  }
}

void ExamineModule(const Examination& seen, Rows& rows) {
  const std::string& module = seen.settings.module;
  if (seen.host.Has(module)) return rows.push_back(CheckRow("module", "ok", module));
  rows.push_back(CheckRow("module", "failed", module + " is not there",
                          seen.softhsm ? "apt install softhsm2" : "install what the token's maker provides"));
}

// The folder itself can be looked at by anyone.
void ExamineState(const Examination& seen, Rows& rows) {
  constexpr std::string_view kName = "state permissions";
  const std::string& path = seen.settings.store_directory;
  const auto status = seen.host.Look(path);
  if (!status) {
    return rows.push_back(
        CheckRow(kName, "warning", path + " is not there", "claviger.service makes it when it starts"));
  }
  const passwd* user = ::getpwnam("claviger");
  const bool own = user == nullptr || status->st_uid == user->pw_uid;
  if ((status->st_mode & 077) == 0 && own) return rows.push_back(CheckRow(kName, "ok", path + " is private"));
  rows.push_back(CheckRow(kName, "failed",
                          own ? path + " is open to others than the daemon" : path + " is not the daemon's",
                          fmt::format("chown claviger: {0} && chmod 0700 {0}", path)));
}

// SoftHSM that is killed while it writes can leave a token without its contents.
void ExamineTokenFiles(const Examination& seen, Rows& rows) {
  constexpr std::string_view kName = "token files";
  if (!seen.softhsm) return;
  const std::string folder = seen.settings.store_directory + "/tokens";
  if (!IsRoot()) return rows.push_back(CheckRow(kName, "warning", folder + " was not seen", kRunAsRoot));
  const auto tokens = seen.host.Names(folder);
  std::size_t files = 0;
  for (const std::string& token : tokens ? *tokens : std::vector<std::string>()) {
    const auto objects = seen.host.Names(fmt::format("{}/{}", folder, token));
    for (const std::string& object : objects ? *objects : std::vector<std::string>()) {
      if (!object.ends_with(".object")) continue;
      ++files;
      const std::string path = fmt::format("{}/{}/{}", folder, token, object);
      const auto status = seen.host.Look(path);
      if (!status || status->st_size != 0) continue;
      return rows.push_back(CheckRow(kName, "failed", path + " is empty: SoftHSM has lost what was in it",
                                     "stop the service, put the copy of the token back: claviger-setup(7)"));
    }
  }
  if (files == 0) {
    return rows.push_back(CheckRow(kName, "warning", "there is no token in " + folder, "claviger setup"));
  }
  rows.push_back(CheckRow(kName, "ok", fmt::format("{} objects in {}", files, folder)));
}

void ExaminePin(const Examination& seen, Rows& rows) {
  constexpr std::string_view kName = "PIN source";
  const std::string credential = CredentialPath(kPinCredential);
  const std::string& file = seen.settings.pin_file;
  if (!IsRoot()) return rows.push_back(CheckRow(kName, "warning", "was not seen", kRunAsRoot));
  if (seen.host.Has(credential)) {
    const auto status = seen.host.Look(credential);
    if ((status->st_mode & 077) == 0)
      return rows.push_back(CheckRow(kName, "ok", "encrypted in " + credential));
    return rows.push_back(CheckRow(kName, "warning", credential + " can be read by others than root",
                                   "chmod 0600 " + credential));
  }
  if (file.empty()) {
    return rows.push_back(CheckRow(kName, "warning",
                                   fmt::format("none: neither {} nor [token] pin_file", credential),
                                   "claviger setup stores one; without it claviger unlock after each start"));
  }
  const auto status = seen.host.Look(file);
  if (status && (status->st_mode & 077) == 0)
    return rows.push_back(CheckRow(kName, "ok", "the file " + file));
  rows.push_back(CheckRow(kName, "failed",
                          status ? file + " can be read by others than its owner" : file + " is not there",
                          fmt::format("chown claviger {0} && chmod 0400 {0}", file)));
}

void ExamineGroups(const Examination& seen, Rows& rows) {
  for (const std::string_view group : {"claviger-admin", "claviger-verify"}) {
    const std::string name = fmt::format("group {}", group);
    const auto end = seen.host.Run("getent", {"group", std::string(group)});
    if (!end) {
      rows.push_back(CheckRow(name, "warning", end.error().message()));
      continue;
    }
    std::string line = end->text();
    while (line.ends_with('\n')) line.pop_back();
    if (!end->succeeded() || line.empty()) {
      rows.push_back(CheckRow(name, "failed", "this host does not have it", "systemd-sysusers"));
      continue;
    }
    const std::string members = line.substr(line.rfind(':') + 1);
    rows.push_back(CheckRow(name, "ok", members.empty() ? "nobody is in it" : members));
  }
}

void ExamineTime(const Examination& seen, Rows& rows) {
  constexpr std::string_view kName = "time synchronisation";
  if (!seen.host.HasSystemd()) return;
  const auto end = seen.host.Run("timedatectl", {"show", "--property=NTPSynchronized", "--value"});
  if (!end || !end->succeeded()) {
    return rows.push_back(
        CheckRow(kName, "warning", "not known: " + (end ? end->Complaint() : end.error().message())));
  }
  if (end->text().starts_with("yes"))
    return rows.push_back(CheckRow(kName, "ok", "this host's clock is kept right"));
  rows.push_back(CheckRow(kName, "warning", "nothing keeps this host's clock right",
                          "timedatectl set-ntp true: keys end by this clock"));
}

// Two daemons would write to one database. Those of containers have a PID namespace of their own.
void ExamineProcesses(const Examination& seen, Rows& rows) {
  constexpr std::string_view kName = "processes";
  const auto names = seen.host.Names("/proc");
  if (!names) return rows.push_back(CheckRow(kName, "warning", "not seen: " + names.error().message()));
  std::string found;
  std::size_t count = 0;
  for (const std::string& name : *names) {
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto comm = seen.host.Read(fmt::format("/proc/{}/comm", name), 64);
    if (!comm || *comm != "clavigerd\n") continue;
    const auto own = seen.host.Look("/proc/self/ns/pid");
    const auto its = seen.host.Look(fmt::format("/proc/{}/ns/pid", name));
    if (own && its && own->st_ino != its->st_ino) continue;
    found += (found.empty() ? "" : ", ") + name;
    ++count;
  }
  if (count > 1) {
    return rows.push_back(CheckRow(kName, "failed", "more than one clavigerd runs: pid " + found,
                                   "end those that systemctl status claviger.service does not name"));
  }
  rows.push_back(CheckRow(kName, "ok",
                          count == 0 ? "no clavigerd runs, or none is seen" : "one clavigerd, pid " + found));
}

constexpr std::array<void (*)(const Examination&, Rows&), 8> kChecks = {
    ExamineConfiguration, ExamineModule, ExamineState, ExamineTokenFiles,
    ExaminePin,           ExamineGroups, ExamineTime,  ExamineProcesses,
};

}  // namespace

boost::json::array HostChecks(const Host& host) {
  Rows rows;
  auto settings = ReadSettings(host);
  if (!settings) {
    const bool wrong = settings.error().code() == ErrorCode::kConfiguration;
    rows.push_back(CheckRow("configuration", wrong ? "failed" : "warning", settings.error().message(),
                            wrong ? fmt::format("mend it: clavigerd --check --config {}", kConfigPath)
                                  : std::string(kRunAsRoot)));
    settings = ReadSettings(std::string_view());
  }
  Examination seen{host, std::move(*settings)};
  const std::string& module = seen.settings.module;
  seen.softhsm = module.substr(module.rfind('/') + 1).find("softhsm") != std::string::npos;
  for (const auto& check : kChecks) check(seen, rows);
  ExamineUnits(host, rows);
  return rows;
}

boost::json::object DiskCheck(const Host& host) {
  const auto settings = ReadSettings(host);
  const std::string path = settings ? settings->store_directory : "/var/lib/claviger";
  struct statvfs disk {};
  if (::statvfs(host.Path(path).c_str(), &disk) != 0) {
    return CheckRow("disk", "warning", "not seen: " + path, kRunAsRoot);
  }
  const std::uint64_t free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  const std::string finding = fmt::format("{} MiB free", free_bytes / 1024 / 1024);
  if (free_bytes >= kLowDiskBytes) return CheckRow("disk", "ok", finding);
  return CheckRow("disk", "failed", finding, "make room: changes are refused when the disk is full");
}

}  // namespace claviger::cli
