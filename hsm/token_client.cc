#include "hsm/token_client.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

#include "base/mutex.h"
#include "hsm/mailbox.h"
#include "hsm/status_board.h"
#include "hsm/token_supervisor.h"

namespace claviger::hsm {
namespace {

// Hands one value from the client's thread to a caller that waits for it.
template <class T>
class Handover {
 public:
  void Put(T value) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    value_.emplace(std::move(value));
    // Under the lock: the waiter, which owns this object, must not go away before the signal is given.
    arrived_.NotifyOne();
  }
  T Take() EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    while (!value_) arrived_.Wait(mutex_);
    return std::move(*value_);
  }

 private:
  Mutex mutex_;
  CondVar arrived_;
  std::optional<T> value_ GUARDED_BY(mutex_);
};

Status CheckRequests(std::span<const MacRequest> requests) {
  const bool fit = std::ranges::all_of(requests, [](const MacRequest& request) {
    return request.input.size() <= kMaxMacInput &&
           static_cast<std::size_t>(request.purpose) < kTokenPurposes.size();
  });
  return fit ? Ok() : Error(ErrorCode::kInvalidArgument, "the input of a token call is too long");
}

constexpr std::size_t kProbeCalls = 200;

}  // namespace

class TokenClient::Impl {
 public:
  Impl(TokenSettings settings, TokenUri uri, std::optional<Installation> installation, StateCallback on_state)
      : board(std::move(on_state)),
        supervisor(std::move(settings), std::move(uri), std::move(installation), mailbox, board) {}

  // Runs `command` on the client's thread and waits for what it returns.
  template <class T, class F>
  T OnThread(F command) {
    Handover<T> outcome;
    mailbox.Post([&outcome, &command] { outcome.Put(command()); });
    return outcome.Take();
  }

  WaitCounter calls;  // before the mailbox, whose calls count in it
  Mailbox mailbox;
  StatusBoard board;
  TokenSupervisor supervisor;
  std::thread thread;
};

TokenClient::TokenClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->thread = std::thread([this] { impl_->supervisor.Run(); });
}

TokenClient::~TokenClient() {
  impl_->mailbox.Stop();
  impl_->thread.join();
}

Result<std::unique_ptr<TokenClient>> TokenClient::Start(TokenSettings settings, StateCallback on_state) {
  auto uri = TokenUri::Parse(settings.uri);
  if (!uri) return uri.error();
  if (!settings.module_path.starts_with('/')) {
    return Error(ErrorCode::kConfiguration, "the path of the PKCS#11 module must be absolute");
  }
  if (access(settings.worker_path.c_str(), X_OK) != 0) {
    return ErrnoError(ErrorCode::kConfiguration, "cannot execute " + settings.worker_path, errno);
  }
  auto installation = LoadInstallation(settings.state_directory);
  if (!installation) return installation.error();
  auto impl = std::make_unique<Impl>(std::move(settings), std::move(*uri), std::move(*installation),
                                     std::move(on_state));
  if (!impl->mailbox.valid())
    return ErrnoError(ErrorCode::kUnavailable, "cannot make an event descriptor", errno);
  return std::unique_ptr<TokenClient>(new TokenClient(std::move(impl)));
}

TokenStatus TokenClient::status() const { return impl_->board.status(); }

const WaitCounter& TokenClient::calls() const { return impl_->calls; }

std::string TokenClient::installation_id() const { return impl_->board.installation_id(); }

Result<std::vector<Mac>> TokenClient::Compute(std::span<const MacRequest> requests) {
  Handover<Result<std::vector<Mac>>> outcome;
  ComputeAsync(std::vector<MacRequest>(requests.begin(), requests.end()),
               [&outcome](Result<std::vector<Mac>> macs) { outcome.Put(std::move(macs)); });
  return outcome.Take();
}

void TokenClient::ComputeAsync(std::vector<MacRequest> requests, const MacCallback& callback) {
  if (const Status checked = CheckRequests(requests); !checked) {
    for (MacRequest& request : requests) Wipe(std::span(request.input));
    return callback(checked.error());
  }
  if (requests.empty()) return callback(std::vector<Mac>());
  const auto batch = std::make_shared<CallBatch>(std::move(requests), callback);
  batch->CountIn(impl_->calls);
  if (const Status submitted = impl_->mailbox.Submit(batch); !submitted) callback(submitted.error());
}

Status TokenClient::Random(std::span<std::uint8_t> out) {
  if (out.empty()) return Ok();
  if (out.size() > kMaxFrameOutput)
    return Error(ErrorCode::kInvalidArgument, "at most 256 random bytes at a time");
  Handover<Status> outcome;
  // One byte says how many; 0 stands for 256.
  CallBatch::Single call{Op::kRandom, {static_cast<std::uint8_t>(out.size() % 256)}, out.size()};
  const auto batch = std::make_shared<CallBatch>(
      std::move(call), [&outcome, out](Result<std::span<const std::uint8_t>> bytes) {
        if (bytes) std::ranges::copy(*bytes, out.begin());
        outcome.Put(bytes ? Ok() : Status(bytes.error()));
      });
  if (Status submitted = impl_->mailbox.Submit(batch); !submitted) return submitted;
  return outcome.Take();
}

void TokenClient::MintAsync(const MintInput& input, const BytesCallback& callback) {
  RequestFrame frame;
  if (const Status encoded = EncodeMint(input, frame); !encoded) return callback(encoded.error());
  const auto payload = frame.payload();
  CallBatch::Single call{Op::kMint, {payload.begin(), payload.end()}, 0};
  const auto batch = std::make_shared<CallBatch>(std::move(call), callback);
  batch->CountIn(impl_->calls);
  if (const Status submitted = impl_->mailbox.Submit(batch); !submitted) callback(submitted.error());
}

Status TokenClient::Unlock(Secret pin) {
  return impl_->OnThread<Status>([this, &pin] { return impl_->supervisor.Unlock(std::move(pin)); });
}

Status TokenClient::Lock() {
  return impl_->OnThread<Status>([this] { return impl_->supervisor.Lock(); });
}

Status TokenClient::Initialise(TokenInitialisation request) {
  return impl_->OnThread<Status>(
      [this, &request] { return impl_->supervisor.Initialise(std::move(request)); });
}

void TokenClient::Ask(std::function<void()> answer) { impl_->mailbox.Post(std::move(answer)); }

Status TokenClient::Adopt(Installation installation) {
  return impl_->OnThread<Status>(
      [this, &installation] { return impl_->supervisor.Adopt(std::move(installation)); });
}

Result<TokenCapabilities> TokenClient::Probe() {
  auto capabilities =
      impl_->OnThread<Result<TokenCapabilities>>([this] { return impl_->supervisor.Probe(); });
  if (!capabilities || capabilities->hmac_microseconds == 0) return capabilities;
  const std::array<MacRequest, 1> request = {
      MacRequest{TokenPurpose::kVerify, std::vector<std::uint8_t>(64)}};
  std::vector<SteadyTime::duration> times;
  times.reserve(kProbeCalls);
  for (std::size_t i = 0; i < kProbeCalls; ++i) {
    const SteadyTime start = SteadyNow();
    if (const auto macs = Compute(request); !macs) return macs.error();
    times.push_back(SteadyNow() - start);
  }
  const auto median = times.begin() + kProbeCalls / 2;
  std::ranges::nth_element(times, median);
  capabilities->call_microseconds = std::chrono::duration<double, std::micro>(*median).count();
  return capabilities;
}

}  // namespace claviger::hsm
