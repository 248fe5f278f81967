// The list of peers as data: executables, where to get them, how to hold them to an instruction set.
// SPDX-License-Identifier: Apache-2.0
#include "roster.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace lamina::bench {
namespace {

struct Peer {
  std::string_view name, executable, source;
  /// NAME=VALUE pairs of the environment that hold it to AVX2 or to SSE4.2; empty: it has no such switch.
  /// "executable=" names a build for that instruction set.
  std::string_view avx2, sse4;
};

constexpr Peer kPeers[] = {
    {"oneDNN", "lamina_peer_onednn", "libdnnl-dev, or -DDNNL_ROOT=", "ONEDNN_MAX_CPU_ISA=AVX2",
     "ONEDNN_MAX_CPU_ISA=SSE41"},
    {"LIBXSMM", "lamina_peer_libxsmm", "libxsmm-dev", "LIBXSMM_TARGET=hsw", "LIBXSMM_TARGET=wsm"},
    {"OpenBLAS", "lamina_peer_openblas", "libopenblas-dev", "OPENBLAS_CORETYPE=Haswell", "OPENBLAS_CORETYPE=Nehalem"},
    {"Eigen", "lamina_peer_eigen", "libeigen3-dev", "executable=lamina_peer_eigen_avx2", ""},
    {"XNNPACK", "lamina_peer_xnnpack", "libxnnpack-dev", "", ""},
    {"libtorch", "lamina_peer_torch", "libtorch-dev",
     "ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 OPENBLAS_CORETYPE=Haswell",
     "ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41 OPENBLAS_CORETYPE=Nehalem"},
    {"ONNX Runtime", "lamina_peer_onnxruntime", "-DONNXRUNTIME_LIBRARY= and -DONNXRUNTIME_INCLUDE=", "", ""},
};

std::filesystem::path folder_of_peers() { return std::filesystem::read_symlink("/proc/self/exe").parent_path(); }

using Environment = std::vector<std::pair<std::string, std::string>>;

/// Every library is told the number of threads, whichever of these it asks.
Environment thread_environment(const Options& options) {
  const std::string threads = std::to_string(options.threads);
  return {{"OMP_NUM_THREADS", threads}, {"OPENBLAS_NUM_THREADS", threads}};
}

Contender start(std::string name, const Launch& launch) {
  Contender contender{std::move(name), "", "", Child(launch)};
  contender.version = contender.child.ask({"version"});
  return contender;
}

bool wanted(const Options& options, std::string_view name) {
  return options.peers.empty() || std::find(options.peers.begin(), options.peers.end(), name) != options.peers.end();
}

void start_peer(const Peer& peer, Launch launch, const Options& options, Roster& roster) {
  const char* isa = std::getenv("LAMINA_ISA");
  const std::string_view set = isa == nullptr ? "" : isa, cap = set == "avx2" ? peer.avx2 : peer.sse4;
  const bool held = set == "avx2" || set == "sse4";
  launch.executable = folder_of_peers() / peer.executable;
  if (held && cap.empty()) {
    roster.left_out.push_back(std::string(peer.name) + ": it cannot be held to " + std::string(set));
    return;
  }
  // oneDNN's guide to benchmarking asks for bound OpenMP threads. Nobody else gets them: libgomp binds the first thread
  // as it is loaded, and threads that are not OpenMP's would inherit its one CPU.
  if (peer.name == "oneDNN" && options.threads > 1 && options.callers == 1) {
    launch.environment.emplace_back("OMP_PROC_BIND", "close");
    launch.environment.emplace_back("OMP_PLACES", "threads");
  }
  std::istringstream pairs{std::string(held ? cap : "")};
  for (std::string pair; pairs >> pair;) {
    const std::size_t equals = pair.find('=');
    const std::string name = pair.substr(0, equals), value = pair.substr(equals + 1);
    if (name == "executable") launch.executable = folder_of_peers() / value;
    launch.environment.emplace_back(name, value);
  }
  if (!std::filesystem::exists(launch.executable)) {
    roster.left_out.push_back(std::string(peer.name) + ": not built; it needs " + std::string(peer.source));
    return;
  }
  try {
    roster.contenders.push_back(start(std::string(peer.name), launch));
    if (peer.name == "ONNX Runtime") roster.contenders.back().reads = ".onnx";
  } catch (const std::exception& error) {
    roster.left_out.push_back(std::string(peer.name) + ": " + error.what());
  }
}

}  // namespace

std::vector<std::string> peer_names() {
  std::vector<std::string> names;
  for (const Peer& peer : kPeers) names.emplace_back(peer.name);
  return names;
}

Roster start_peers(const Options& options, const std::vector<int>& cpus) {
  Launch launch{folder_of_peers() / "lamina_peer_lamina", "dense", cpus, thread_environment(options)};
  Roster roster;
  roster.contenders.push_back(start("lamina", launch));
  launch.argument = "zeros";
  roster.contenders.push_back(start("lamina, zeros skipped", launch));
  for (Contender& lamina : roster.contenders) lamina.reads = "*";
  launch.argument.clear();
  for (const Peer& peer : kPeers) {
    if (wanted(options, peer.name)) start_peer(peer, launch, options, roster);
  }
  return roster;
}

}  // namespace lamina::bench
