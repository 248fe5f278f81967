// Requests without a transport -> replies: routes, limits of time, batching, counting.
// SPDX-License-Identifier: Apache-2.0
#include "serve/service.hpp"

#include "serve/infer_answer.hpp"
#include "serve/infer_request.hpp"
#include "serve/infer_rows.hpp"
#include "serve/metrics_text.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace lamina::serve {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Clock::time_point kNever = Clock::time_point::max();

Outcome outcome_of(Errc code) {
  switch (code) {
    case Errc::unavailable:
      return Outcome::rejected;
    case Errc::deadline_exceeded:
      return Outcome::timeout;
    case Errc::cancelled:
      return Outcome::cancelled;
    default:
      return Outcome::error;
  }
}

Reply json_reply(std::string body) { return {200, "application/json", {}, std::move(body)}; }

/// What went wrong, as a reply; the exception that is being handled.
Reply reply_of_current() {
  try {
    throw;
  } catch (const Refused& refused) {
    return reply_of(refused);
  } catch (const Error& error) {
    return reply_of(error);
  } catch (const std::bad_alloc&) {
    return reply_of(Refused(503, "out of memory", {{"Retry-After", "1"}}));
  } catch (const std::exception& error) {
    return reply_of(Refused(500, error.what()));
  }
}

Outcome outcome_of_current() {
  try {
    throw;
  } catch (const Refused&) {
    return Outcome::invalid;
  } catch (const Error& error) {
    return outcome_of(error.code());
  } catch (...) {
    return Outcome::error;
  }
}

void check_encoding(const Request& request) {
  if (!request.content_encoding || *request.content_encoding == "identity") return;
  throw Refused(415, "Content-Encoding: expected identity, got " + in_quotes(*request.content_encoding),
                {{"Accept-Encoding", "identity"}});
}

/// Somewhat more than a request may have, so that a small excess is refused by its rows, which says more.
std::size_t most_numbers(const Signature& signature) {
  constexpr std::size_t kSmall = std::size_t{1} << 20;
  return std::max(kSmall, signature.max_batch * signature.input_size);
}

/// A deadline that cannot be reached within the clock is none.
Clock::time_point deadline_after(Clock::time_point start, std::optional<std::chrono::microseconds> own,
                                 std::chrono::microseconds fallback) {
  if (!own && fallback.count() == 0) return kNever;
  const std::chrono::microseconds timeout =
      own && fallback.count() != 0 ? std::min(*own, fallback) : own.value_or(fallback);
  return timeout < kNever - start ? start + timeout : kNever;
}

}  // namespace

/// A request while it waits for its run, and what its answer needs.
struct Service::Inference {
  explicit Inference(Catalog::Entry& of) : entry(of), model(of.model()) {}

  void end(const Error* error);
  [[nodiscard]] Reply reply();

  Catalog::Entry& entry;
  const std::shared_ptr<ServedModel> model;
  Respond respond;
  InferRequest request;
  InferRows rows;
  std::vector<float> y;
  Clock::time_point received = Clock::now(), submitted{};
};

/// Called by the Batcher, in the thread of whoever ran the request.
void Service::Inference::end(const Error* error) {
  ModelMetrics& metrics = entry.metrics;
  if (error != nullptr) {
    metrics.count(outcome_of(error->code()));
    return respond(reply_of(*error));
  }
  metrics.compute.record(Clock::now() - submitted);
  Reply answer;
  try {
    answer = reply();
    metrics.request.record(Clock::now() - received);
    metrics.count(Outcome::ok);
  } catch (...) {
    metrics.count(outcome_of_current());
    answer = reply_of_current();
  }
  respond(std::move(answer));
}

Reply Service::Inference::reply() {
  return reply_of(Answer{model->signature, std::move(request.id), rows.rows, y, rows.binary_answer});
}

void Service::handle(const Request& request, Respond respond) {
  Reply reply;
  try {
    const Route route = route_of(request.method, request.target);
    if (route.resource == Resource::infer) return infer(request, route, respond);
    reply = answer(route);
  } catch (...) {
    reply = reply_of_current();
  }
  respond(std::move(reply));
}

Reply Service::answer(const Route& route) const {
  switch (route.resource) {
    case Resource::live:
      return health(true);
    case Resource::ready:
      return health(false);
    case Resource::server:
      return json_reply(server_metadata());
    case Resource::metrics:
      return {200, "text/plain; version=0.0.4; charset=utf-8", {}, metrics_text(catalog_, metrics_)};
    default:
      break;
  }
  const Catalog::Entry& entry = catalog_.find(route.model, route.version);
  const std::shared_ptr<ServedModel> model = entry.model();
  if (route.resource == Resource::model_config) return json_reply(model_config(model->signature));
  if (route.resource == Resource::model) {
    return json_reply(model_metadata(model->signature, catalog_.versions(route.model)));
  }
  return json_reply("{\"name\":\"" + entry.source().name + "\",\"ready\":true}");
}

Reply Service::health(bool only_live) const {
  if (only_live) return json_reply("{\"live\":true}");
  if (!draining_) return json_reply("{\"ready\":true,\"live\":true}");
  return {503, "application/json", {}, R"({"ready":false,"live":true,"error":"the server is shutting down"})"};
}

void Service::infer(const Request& request, const Route& route, Respond& respond) {
  Catalog::Entry& entry = catalog_.find(route.model, route.version);
  const auto inference = std::make_shared<Inference>(entry);
  try {
    check_encoding(request);
    const Signature& signature = inference->model->signature;
    inference->request = parse_infer_request(request.body, request.json_length, most_numbers(signature));
    inference->rows = rows_of(inference->request, signature);
    inference->y.resize(inference->rows.rows * signature.output_size);
    inference->respond = std::move(respond);
    inference->submitted = Clock::now();
    // Where a run is free, it happens in this call: the thread that reads a request computes it.
    inference->model->batcher.submit(
        inference->rows.x, inference->y, [inference](const Error* error) { inference->end(error); },
        {request.gone, deadline_after(inference->received, inference->request.timeout, default_timeout_)});
  } catch (...) {
    if (inference->respond) respond = std::move(inference->respond);
    entry.metrics.count(outcome_of_current());
    throw;
  }
}

void Service::expire() {
  for (const std::unique_ptr<Catalog::Entry>& entry : catalog_.entries()) {
    const std::shared_ptr<ServedModel> model = entry->model();
    model->batcher.expire();
  }
}

}  // namespace lamina::serve
