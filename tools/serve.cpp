// lamina serve: models -> an HTTP service that speaks the Open Inference Protocol.
// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "help.hpp"
#include "model_options.hpp"
#include "serve/log.hpp"
#include "serve/model_argument.hpp"
#include "serve/server.hpp"

#include <lamina/data.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lamina::tools {
namespace {

using std::chrono::milliseconds;

struct ServeOptions {
  ModelOptions model;
  std::vector<std::string> models;
  BatcherOptions batching;
  std::uint32_t max_delay = 0;  // microseconds
  std::uint32_t timeout = 0;    // milliseconds
  std::uint32_t body_mib = 64, memory_mib = 1024;
  std::uint32_t read_timeout = 30, idle_timeout = 75, drain_delay = 0, drain_timeout = 30;  // seconds
  serve::ServerOptions server;
};

std::vector<serve::ModelSource> sources_of(const ServeOptions& options) {
  std::vector<serve::ModelSource> sources;
  for (const std::string& argument : options.models) {
    serve::ModelArgument model = serve::parse_model_argument(argument);
    ModelOptions how = options.model;
    how.path = model.path;
    sources.push_back({std::move(model.name), model.version, std::move(model.path), [how] { return load_model(how); }});
  }
  return sources;
}

BatcherOptions batching_of(const ServeOptions& options) {
  BatcherOptions batching = options.batching;
  batching.max_delay = std::chrono::microseconds(options.max_delay);
  if (batching.concurrent_runs == 0) {
    batching.concurrent_runs = static_cast<std::size_t>(system_info().effective_cpus);
  }
  return batching;
}

/// Threads enough for each run that may go on, and one per model to read requests meanwhile.
serve::ServerOptions server_options(const ServeOptions& options, std::size_t runs) {
  serve::ServerOptions server = options.server;
  server.threads = runs + options.models.size();
  server.body_memory = std::uint64_t{options.memory_mib} << 20;
  server.limits.http.body_bytes = std::uint64_t{options.body_mib} << 20;
  server.limits.body_time = std::chrono::seconds(options.read_timeout);
  server.limits.header_time = std::min(server.limits.header_time, server.limits.body_time);
  server.limits.write_time = server.limits.body_time;
  server.limits.idle_time = std::chrono::seconds(options.idle_timeout);
  server.drain_delay = std::chrono::seconds(options.drain_delay);
  server.drain_timeout = std::chrono::seconds(options.drain_timeout);
  return server;
}

void log_models(const serve::Catalog& catalog) {
  for (const auto& entry : catalog.entries()) {
    const std::shared_ptr<serve::ServedModel> model = entry->model();
    serve::log(serve::Level::info, "loaded",
               {{"model", entry->source().name},
                {"version", entry->version()},
                {"path", entry->source().path},
                {"verified", model->verified ? "true" : "false"},
                {"seconds", std::to_string(model->load_seconds)}});
  }
}

ExitStatus run(const ServeOptions& options) {
  const BatcherOptions batching = batching_of(options);
  serve::Catalog catalog(sources_of(options), batching);
  log_models(catalog);
  serve::ServerMetrics metrics;
  serve::Service service(catalog, metrics, milliseconds(options.timeout));
  serve::Server server(catalog, service, metrics, server_options(options, batching.concurrent_runs));
  const std::string port = std::to_string(server.port());
  serve::log(serve::Level::info, "listening", {{"address", options.server.address}, {"port", port}});
  data::TextWriter out("-");
  const bool v6 = options.server.address.find(':') != std::string::npos;
  out.write("http://" + (v6 ? "[" + options.server.address + "]" : options.server.address) + ":" + port + "\n");
  out.finish();
  server.run();
  serve::log(serve::Level::info, "ended");
  return kDone;
}

template <class Number>
void add_number(CLI::App& app, const std::string& flag, Number& value, int least, const char* unit, const char* help) {
  app.add_option(flag, value, help + (" (default " + std::to_string(value) + ")"))
      ->check(whole_number(least))
      ->type_name(unit);
}

void add_batch_options(CLI::App& app, ServeOptions& options) {
  add_number(app, "--max-batch", options.batching.max_batch, 1, "ROWS", "Most rows of a request, and of one run");
  add_number(app, "--max-delay", options.max_delay, 0, "US", "Microseconds that an idle model waits for company");
  add_number(app, "--max-queue", options.batching.max_queue_rows, 0, "ROWS",
             "Rows that may wait, beyond which requests are refused; 0: 16 x --max-batch");
  add_number(app, "--threads", options.batching.concurrent_runs, 0, "T",
             "Runs of a model at a time, a thread each; 0: all effective CPUs");
  add_number(app, "--timeout", options.timeout, 0, "MS", "Milliseconds that a request may take; 0: any time");
}

void add_limit_options(CLI::App& app, ServeOptions& options) {
  add_number(app, "--max-connections", options.server.connections, 1, "N", "Clients at a time");
  add_number(app, "--max-body", options.body_mib, 1, "MIB", "Bytes of a request");
  add_number(app, "--max-memory", options.memory_mib, 1, "MIB", "Bytes of all requests together");
  add_number(app, "--read-timeout", options.read_timeout, 1, "S", "Seconds that a request may take to come");
  add_number(app, "--idle-timeout", options.idle_timeout, 1, "S", "Seconds that a connection may be idle");
  add_number(app, "--drain-delay", options.drain_delay, 0, "S", "Seconds from SIGTERM on, not ready but answering");
  add_number(app, "--drain-timeout", options.drain_timeout, 0, "S", "Seconds then for what is under way");
}

}  // namespace

Action add_serve(CLI::App& app) {
  const auto options = std::make_shared<ServeOptions>();
  options->batching.max_queue_rows = 0;
  app.add_option("MODEL", options->models, "[NAME[:VERSION]=]PATH; NAME is otherwise that of the file")->required();
  app.add_option("--address", options->server.address,
                 "IP address to listen at (default 127.0.0.1: this machine alone)")
      ->type_name("A");
  app.add_option("--port", options->server.port, "0: one that is free; the address is printed (default 8080)")
      ->check(CLI::Range(0, 65535))
      ->type_name("N");
  add_batch_options(app, *options);
  add_limit_options(app, *options);
  app.add_flag("--log-requests", options->server.log_requests, "A line on stderr for each request");
  add_model_options(app, options->model, ModelFile::several);
  app.footer(
      "GET /v2/health/ready, /v2/models/NAME, /metrics; POST /v2/models/NAME/infer.\n"
      "SIGTERM ends it gracefully; SIGHUP loads the models again. See docs/serve.md.");
  return [options] { return run(*options); };
}

}  // namespace lamina::tools
