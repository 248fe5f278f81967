// Counters of a server and its models -> the text format of Prometheus.
// SPDX-License-Identifier: Apache-2.0
#include "serve/metrics_text.hpp"

#include "serve/process.hpp"

#include <lamina/version.hpp>

#include <array>
#include <charconv>
#include <concepts>
#include <string_view>
#include <utility>
#include <vector>

namespace lamina::serve {
namespace {

class Text {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
    text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  }
  void line(const std::string& labels, auto value, std::string_view suffix = "") {
    text_.append(name_).append(suffix);
    if (!labels.empty()) text_ += '{' + labels + '}';
    char digits[32];
    text_ += ' ';
    text_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    text_ += '\n';
  }
  /// counts[i] are those up to bounds[i]; what is left, beyond all.
  template <class Bounds, class Count>
  void histogram(const std::string& labels, const Bounds& bounds, Count count, double sum) {
    std::uint64_t below = 0;
    std::size_t i = 0;
    for (; i < bounds.size(); ++i) {
      below += count(i);
      char digits[32];
      char* const end = std::to_chars(digits, digits + sizeof digits, bounds[i]).ptr;
      line(labels + ",le=\"" + std::string(digits, end) + "\"", below, "_bucket");
    }
    below += count(i);
    line(labels + ",le=\"+Inf\"", below, "_bucket");
    line(labels, sum, "_sum");
    line(labels, below, "_count");
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::string_view name_;
};

/// The values of one moment: a line each for every model.
struct Seen {
  const Catalog::Entry& entry;
  std::shared_ptr<ServedModel> model;
  BatcherStats stats;
  std::string labels;
};

void write_requests(Text& text, const std::vector<Seen>& models) {
  text.family("lamina_requests_total", "counter", "Inference requests by how they ended.");
  for (const Seen& seen : models) {
    for (std::size_t i = 0; i < kOutcomes.size(); ++i) {
      text.line(seen.labels + ",outcome=\"" + std::string(kOutcomes[i]) + "\"",
                value_of(seen.entry.metrics.requests[i]));
    }
  }
  const auto write = [&](const Histogram ModelMetrics::*which) {
    for (const Seen& seen : models) {
      const Histogram& histogram = seen.entry.metrics.*which;
      const auto count = [&](std::size_t i) { return histogram.count(i); };
      text.histogram(seen.labels, Histogram::kBounds, count, histogram.seconds());
    }
  };
  text.family("lamina_request_duration_seconds", "histogram",
              "From the last byte of a request until its answer is ready; of those answered.");
  write(&ModelMetrics::request);
  text.family("lamina_compute_duration_seconds", "histogram", "Of that, waiting for a run and the run itself.");
  write(&ModelMetrics::compute);
}

void write_batches(Text& text, const std::vector<Seen>& models) {
  std::array<std::uint64_t, std::tuple_size_v<decltype(BatcherStats::runs_of)> - 1> bounds{};
  for (std::size_t i = 0; i < bounds.size(); ++i) bounds[i] = std::uint64_t{1} << i;
  text.family("lamina_batch_rows", "histogram", "Rows of each run, joined from concurrent requests.");
  for (const Seen& seen : models) {
    const auto count = [&](std::size_t i) { return seen.stats.runs_of[i]; };
    text.histogram(seen.labels, bounds, count, static_cast<double>(seen.stats.rows));
  }
  text.family("lamina_queue_rows", "gauge", "Rows that wait for a run.");
  for (const Seen& seen : models) text.line(seen.labels, seen.stats.queued_rows);
  text.family("lamina_runs", "gauge", "Runs that are going on.");
  for (const Seen& seen : models) text.line(seen.labels, seen.stats.running);
}

void write_models(Text& text, const std::vector<Seen>& models) {
  text.family("lamina_model_load_duration_seconds", "gauge", "Reading, verifying and warming the model in use.");
  for (const Seen& seen : models) text.line(seen.labels, seen.model->load_seconds);
  text.family("lamina_model_memory_bytes", "gauge", "Packed weights of the model in use.");
  for (const Seen& seen : models) {
    text.line(seen.labels + ",kind=\"weights\"", seen.model->batcher.plan().weight_bytes());
  }
}

void write_server(Text& text, const ServerMetrics& server) {
  text.family("lamina_http_responses_total", "counter", "Answers of any kind by class of status.");
  for (std::size_t i = 1; i < server.responses.size(); ++i) {
    text.line("class=\"" + std::to_string(i) + "xx\"", value_of(server.responses[i]));
  }
  const auto single = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
    text.family(name, type, help);
    text.line("", value);
  };
  single("lamina_http_connections", "gauge", "Connections that are open.", value_of(server.connections));
  single("lamina_http_accepted_total", "counter", "Connections accepted.", value_of(server.connections_accepted));
  single("lamina_http_refused_total", "counter", "Connections beyond the limit, answered 503.",
         value_of(server.connections_refused));
  single("lamina_http_timeouts_total", "counter", "Connections ended because the client was too slow.",
         value_of(server.timeouts));
  single("lamina_reloads_total", "counter", "Models replaced by a reload.", value_of(server.reloads));
  single("lamina_reload_failures_total", "counter", "Models kept, as the new one was bad.",
         value_of(server.reload_failures));
}

void write_process(Text& text, const ServerMetrics& server) {
  text.family("lamina_build_info", "gauge", "Constant 1.");
  text.line("version=\"" + std::string(version()) + "\"", 1);
  const ProcessUse use = process_use();
  text.family("process_resident_memory_bytes", "gauge", "Resident memory.");
  text.line("", use.resident_bytes);
  text.family("process_open_fds", "gauge", "Open file descriptors.");
  text.line("", use.open_files);
  text.family("process_cpu_seconds_total", "counter", "User and system CPU time.");
  text.line("", use.cpu_seconds);
  text.family("process_start_time_seconds", "gauge", "Start, since the epoch.");
  text.line("", std::chrono::duration<double>(server.start.time_since_epoch()).count());
}

}  // namespace

std::string metrics_text(const Catalog& catalog, const ServerMetrics& server) {
  std::vector<Seen> models;
  for (const std::unique_ptr<Catalog::Entry>& entry : catalog.entries()) {
    std::shared_ptr<ServedModel> model = entry->model();
    const BatcherStats stats = model->batcher.stats();
    models.push_back({*entry, std::move(model), stats,
                      "model=\"" + entry->source().name + "\",version=\"" + entry->version() + "\""});
  }
  Text text;
  write_requests(text, models);
  write_batches(text, models);
  write_models(text, models);
  write_server(text, server);
  write_process(text, server);
  return text.take();
}

}  // namespace lamina::serve
