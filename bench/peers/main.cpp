// Lines on stdin -> a peer prepared, run and timed, one line of answer each: the process of one peer.
// SPDX-License-Identifier: Apache-2.0
//
// Fields are separated by tabs. An answer is "ok", tab, text, or "error", tab, text.
//   version                        the library's version
//   network CHAIN MODEL INPUTS     files; CHAIN or MODEL may be empty
//   prepare ROWS THREADS CALLERS   the name of the fastest way
//   outputs FILE                   runs once, writes y
//   time CALLS WARM                nanoseconds per call, after WARM calls, and how often another program had the CPU;
//                                  with several callers, of all in parallel
#include "aligned.hpp"
#include "peers/peer.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <exception>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace lamina::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// Times that this process lost a CPU which it still wanted.
long interruptions() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_nivcsw;
}

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

double seconds_per_call(const Run& run, int calls) {
  const auto begin = Clock::now();
  for (int i = 0; i < calls; ++i) run();
  return seconds_since(begin) / calls;
}

/// The least of a few rounds of 2 ms: enough to tell ways apart.
double quick_time(const Run& run) {
  run();
  double least = seconds_per_call(run, 1);
  if (least > 0.1) return least;
  const int calls = std::max(1, static_cast<int>(2e-3 / std::max(least, 1e-8)));
  for (int round = 0; round < 5; ++round) least = std::min(least, seconds_per_call(run, calls));
  return least;
}

struct Caller {
  Floats x, y;
  Run run;
};

class Server {
 public:
  explicit Server(std::string variant) : variant_(std::move(variant)) {}

  std::string answer(const std::vector<std::string>& request) {
    const std::string& verb = request.at(0);
    if (verb == "version") return peer_version();
    if (verb == "network") return network(request.at(1), request.at(2), request.at(3));
    if (verb == "prepare") {
      task_.rows = std::stoull(request.at(1));
      task_.threads = std::stoi(request.at(2));
      return prepare(std::stoull(request.at(3)));
    }
    if (verb == "outputs") return outputs(request.at(1));
    if (verb == "time") {
      const long before = interruptions();
      const double seconds = time(std::stoi(request.at(1)), std::stoi(request.at(2)));
      return std::to_string(1e9 * seconds) + " " + std::to_string(interruptions() - before);
    }
    throw std::runtime_error("unknown request " + verb);
  }

 private:
  std::string network(const std::string& chain, const std::string& model, const std::string& inputs) {
    callers_.clear();
    way_.reset();
    task_ = {};
    if (!chain.empty()) task_.chain = read_chain(chain);
    task_.model_file = model;
    std::ifstream file(inputs, std::ios::binary);
    std::size_t sizes[2] = {};  // floats per row, of input and output
    file.read(reinterpret_cast<char*>(sizes), sizeof sizes);
    in_ = sizes[0];
    out_ = sizes[1];
    inputs_ = inputs;
    return "";
  }

  Caller make_caller(const Way& way) const {
    Caller caller{Floats(task_.rows * in_), Floats(task_.rows * out_), {}};
    std::ifstream file(inputs_, std::ios::binary);
    file.seekg(2 * sizeof(std::size_t));
    file.read(reinterpret_cast<char*>(caller.x.data()), static_cast<std::streamsize>(caller.x.size() * sizeof(float)));
    if (!file) throw std::runtime_error(inputs_ + ": too few rows");
    caller.run = way.caller(caller.x.data(), caller.y.data());
    return caller;
  }

  std::string prepare(std::size_t callers) {
    if (task_.chain.layers.empty() && task_.model_file.empty()) throw std::runtime_error("it reads no such model");
    callers_.clear();
    way_.reset();
    double least = 0;
    for (Way& way : peer_ways(task_, variant_)) {
      Caller caller = make_caller(way);
      const double time = quick_time(caller.run);
      if (way_ && time >= least) continue;
      least = time;
      callers_.clear();
      callers_.push_back(std::move(caller));
      way_ = std::move(way);
    }
    if (!way_) throw std::runtime_error("no way to run this");
    while (callers_.size() < callers) callers_.push_back(make_caller(*way_));
    return way_->name;
  }

  std::string outputs(const std::string& path) const {
    const Caller& caller = callers_.at(0);
    caller.run();
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(caller.y.data()),
               static_cast<std::streamsize>(caller.y.size() * sizeof(float)));
    if (!file.flush()) throw std::runtime_error(path + ": could not be written");
    return "";
  }

  double time(int calls, int warm) const {
    if (callers_.size() > 1) return time_callers(calls, warm);
    const Run& run = callers_.at(0).run;
    for (int i = 0; i < warm; ++i) run();
    return seconds_per_call(run, calls);
  }

  /// From the first caller's first call to the last one's last, by their own clocks.
  double time_callers(int calls, int warm) const {
    std::vector<Clock::time_point> begins(callers_.size()), ends(callers_.size());
    std::barrier ready(static_cast<std::ptrdiff_t>(callers_.size()));
    std::vector<std::jthread> threads;
    for (std::size_t c = 0; c < callers_.size(); ++c) {
      threads.emplace_back([&, c] {
        const Run& run = callers_[c].run;
        for (int i = 0; i < warm; ++i) run();
        ready.arrive_and_wait();
        begins[c] = Clock::now();
        for (int i = 0; i < calls; ++i) run();
        ends[c] = Clock::now();
      });
    }
    threads.clear();  // joins
    const auto span = *std::max_element(ends.begin(), ends.end()) - *std::min_element(begins.begin(), begins.end());
    return std::chrono::duration<double>(span).count() / calls / static_cast<double>(callers_.size());
  }

  std::string variant_, inputs_;
  Task task_;
  std::size_t in_ = 0, out_ = 0;
  std::optional<Way> way_;
  std::vector<Caller> callers_;
};

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == '\t') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

/// Answers are one line.
std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace
}  // namespace lamina::bench

int main(int argc, char** argv) {
  lamina::bench::Server server(argc > 1 ? argv[1] : "");
  for (std::string line; std::getline(std::cin, line);) {
    try {
      const std::string answer = server.answer(lamina::bench::split(line));
      std::cout << "ok\t" << lamina::bench::one_line(answer) << std::endl;
    } catch (const std::exception& error) {
      std::cout << "error\t" << lamina::bench::one_line(error.what()) << std::endl;
    }
  }
}
