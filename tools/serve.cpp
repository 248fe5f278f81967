// lamina serve: models -> an HTTP service that speaks the Open Inference Protocol.
// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "help.hpp"
#include "model_options.hpp"
#include "serve/log.hpp"
#include "serve/model_argument.hpp"
#include "serve/server.hpp"

#include <lamina/data.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
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
  if (batching.max_queue_rows != 0 && batching.max_queue_rows < batching.max_batch) {
    throw UsageError("--max-queue: expected at least --max-batch, which is " + std::to_string(batching.max_batch) +
                     ", got " + std::to_string(batching.max_queue_rows));
  }
  if (batching.concurrent_runs == 0) {
    batching.concurrent_runs = static_cast<std::size_t>(system_info().effective_cpus);
  }
  return batching;
}

/// A thread for each run that may go on, one that relieves it of others' requests, and one that reads meanwhile. Idle
/// ones cost nothing.
serve::ServerOptions server_options(const ServeOptions& options, std::size_t runs) {
  serve::ServerOptions server = options.server;
  server.threads = 2 * runs * options.models.size() + 1;
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

/// Until the server has handlers of its own. As PID 1 of a container, a process without a handler gets no signal at
/// all.
void handle_signals_while_loading() {
  std::signal(SIGPIPE, SIG_IGN);  // who reads the log may go away
  std::signal(SIGHUP, SIG_IGN);   // all is being loaded anyway
  for (const int number : {SIGTERM, SIGINT}) std::signal(number, [](int) { std::_Exit(0); });
}

ExitStatus run(const ServeOptions& options) {
  handle_signals_while_loading();
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

struct Flag {
  const char* name;
  const char* unit;
  int least;
  const char* help;
};

template <class Number>
void add_number(CLI::App& app, Number& value, const Flag& flag) {
  app.add_option(flag.name, value, std::string(flag.help) + " (default " + std::to_string(value) + ")")
      ->check(whole_number(flag.least))
      ->type_name(flag.unit);
}

/// Empty, or what is wrong: before any model is loaded.
std::string is_address(const std::string& text) {
  in6_addr address;
  if (inet_pton(AF_INET, text.c_str(), &address) == 1 ||
      inet_pton(AF_INET6, text.substr(0, text.find('%')).c_str(), &address) == 1)
    return "";
  return "expected an IP address such as 127.0.0.1, 0.0.0.0 or ::, got '" + text + "'";
}

void add_batch_options(CLI::App& app, ServeOptions& options) {
  BatcherOptions& batching = options.batching;
  add_number(app, batching.max_batch, {"--max-batch", "ROWS", 1, "Most rows of a request, and of one run"});
  add_number(app, options.max_delay, {"--max-delay", "US", 0, "Microseconds that an idle model waits for company"});
  add_number(app, batching.max_queue_rows,
             {"--max-queue", "ROWS", 0, "Rows that may wait, beyond which requests are refused; 0: 16 x --max-batch"});
  add_number(app, batching.concurrent_runs,
             {"--threads", "T", 0, "Runs of a model at a time, a thread each; 0: all effective CPUs"});
  add_number(app, options.timeout, {"--timeout", "MS", 0, "Milliseconds that a request may take; 0: any time"});
}

void add_limit_options(CLI::App& app, ServeOptions& options) {
  add_number(app, options.server.connections, {"--max-connections", "N", 1, "Clients at a time"});
  add_number(app, options.body_mib, {"--max-body", "MIB", 1, "Bytes of a request"});
  add_number(app, options.memory_mib, {"--max-memory", "MIB", 1, "Bytes of all requests together"});
  add_number(app, options.read_timeout, {"--read-timeout", "S", 1, "Seconds that a request may take to come"});
  add_number(app, options.idle_timeout, {"--idle-timeout", "S", 1, "Seconds that a connection may be idle"});
  add_number(app, options.drain_delay, {"--drain-delay", "S", 0, "Seconds from SIGTERM on, not ready but answering"});
  add_number(app, options.drain_timeout, {"--drain-timeout", "S", 0, "Seconds then for what is under way"});
}

}  // namespace

Action add_serve(CLI::App& app) {
  const auto options = std::make_shared<ServeOptions>();
  options->batching.max_queue_rows = 0;
  app.add_option("MODEL", options->models, "[NAME[:VERSION]=]PATH; NAME is otherwise that of the file")->required();
  app.add_option("--address", options->server.address,
                 "IP address to listen at (default 127.0.0.1: this machine alone)")
      ->check(is_address)
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
