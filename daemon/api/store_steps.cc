#include "daemon/api/store_steps.h"

#include <future>
#include <memory>
#include <utility>

namespace claviger::api {
namespace {

void QueueStep(store::StoreThread& store, store::WorkKind kind, const std::shared_ptr<StoreSteps>& steps) {
  auto complete = std::make_shared<bool>(false);
  const auto submit = steps->unhurried ? &store::StoreThread::SubmitUnhurried : &store::StoreThread::Submit;
  const Status queued = (store.*submit)(
      kind,
      [steps, complete](store::Tables& tables) -> Status {
        const auto last = steps->step(tables);
        if (!last) return last.error();
        *complete = *last;
        return Ok();
      },
      [&store, kind, steps, complete](const Status& status) {
        if (status && steps->committed) steps->committed();
        if (!status || *complete) return steps->done(status);
        QueueStep(store, kind, steps);
      });
  if (!queued) steps->done(queued);
}

}  // namespace

void RunSteps(store::StoreThread& store, store::WorkKind kind, StoreSteps steps) {
  QueueStep(store, kind, std::make_shared<StoreSteps>(std::move(steps)));
}

Status RunStepsAndWait(store::StoreThread& store, store::WorkKind kind,
                       std::function<Result<bool>(store::Tables&)> step) {
  std::promise<Status> outcome;
  RunSteps(store, kind,
           {std::move(step), {}, [&outcome](const Status& status) { outcome.set_value(status); }});
  return outcome.get_future().get();
}

}  // namespace claviger::api
