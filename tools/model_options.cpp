// The flags that say how to read a model -> Model.
// SPDX-License-Identifier: Apache-2.0
#include "model_options.hpp"

#include "command.hpp"

#include <charconv>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

namespace lamina::tools {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// "NAME=VALUE" -> {NAME, VALUE}.
std::pair<std::string, std::string> split_pair(const std::string& flag, const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw UsageError(flag + ": expected NAME=VALUE, got '" + text + "'");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

/// "0=fc1,3=fc2"; a backslash makes the character behind it part of a name.
Pairs parse_map(const std::vector<std::string>& texts) {
  Pairs pairs;
  for (const std::string& text : texts) {
    std::string name, value;
    bool has_value = false;
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (i == text.size() || text[i] == ',') {
        if (name.empty() || value.empty()) throw UsageError("--map: expected LAYER=TENSOR, got '" + text + "'");
        pairs.emplace_back(std::exchange(name, {}), std::exchange(value, {}));
        has_value = false;
      } else if (text[i] == '=' && !has_value) {
        has_value = true;
      } else {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        (has_value ? value : name) += text[i];
      }
    }
  }
  return pairs;
}

Pairs parse_arguments(const std::vector<std::string>& texts) {
  Pairs pairs;
  for (const std::string& text : texts) {
    if (text.front() != '@') pairs.push_back(split_pair("--arg", text));
  }
  return pairs;
}

/// "784", "28x28", "28,28", "(28, 28)" and "[28, 28]".
Shape parse_shape(const std::string& text) {
  Shape shape;
  std::string_view rest = text;
  const auto skip = [&](std::string_view characters) {
    rest.remove_prefix(std::min(rest.find_first_not_of(characters), rest.size()));
  };
  for (skip("([ "); !rest.empty(); skip(",x)] ")) {
    std::int64_t dimension = 0;
    const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), dimension);
    if (failure != std::errc() || dimension <= 0) break;
    shape.push_back(dimension);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  }
  if (shape.empty() || !rest.empty()) {
    throw UsageError("--input-shape: expected sizes of one row such as 784 or 28x28, got '" + text + "'");
  }
  return shape;
}

/// TEXT itself, or what @FILE holds.
std::string text_or_file(const std::string& flag) {
  if (flag.empty() || flag.front() != '@') return flag;
  const std::string path = flag.substr(1);
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(Errc::io, path + ": cannot open");
  const std::uint64_t limit = Limits{}.text_bytes;
  std::string text;
  char chunk[4096];
  while (file.read(chunk, sizeof chunk), file.gcount() > 0) {
    text.append(chunk, static_cast<std::size_t>(file.gcount()));
    if (text.size() > limit) {
      throw Error(Errc::limit_exceeded,
                  path + ": text: expected at most " + std::to_string(limit) + " bytes, got more");
    }
  }
  if (file.bad() || text.empty()) throw Error(Errc::io, path + ": has no text that can be read");
  return text;
}

/// What the only --arg @FILE holds.
std::string configuration(const std::vector<std::string>& texts) {
  std::string text;
  for (const std::string& each : texts) {
    if (each.front() != '@') continue;
    if (!text.empty()) throw UsageError("--arg: expected one @FILE, got '" + each + "' beside another");
    text = text_or_file(each);
  }
  return text;
}

/// With the name of the file that holds the text in front.
Model parse_text(const ModelOptions& options) {
  const ArchitectureOptions how{
      options.keras, parse_arguments(options.arguments), {}, configuration(options.arguments)};
  const std::string text = text_or_file(options.architecture);
  const std::string place = options.architecture.front() == '@' ? options.architecture.substr(1) : "--arch";
  try {
    return parse_architecture(text, how);
  } catch (const Error& error) {
    throw Error(error.code(), place + ": " + error.what(), error.problems(), error.excerpt());
  }
}

Model draw_model(const ModelOptions& options) {
  if (options.architecture.empty()) throw UsageError("MODEL or --arch is needed");
  if (!options.prefix.empty() || !options.map.empty() || options.allow_unused || !options.output_name.empty()) {
    throw UsageError("--prefix, --map, --allow-unused and --output-name are about a MODEL, which is missing");
  }
  Model model = parse_text(options);
  model.randomize(options.seed.value_or(0));
  return model;
}

Model read_model(const ModelOptions& options) {
  LoadOptions how;
  how.architecture = text_or_file(options.architecture);
  how.keras_version = options.keras;
  how.arguments = parse_arguments(options.arguments);
  how.configuration = configuration(options.arguments);
  how.prefix = options.prefix;
  how.map = parse_map(options.map);
  how.allow_unused = options.allow_unused;
  how.output_name = options.output_name;
  how.external_data = options.external_data;
  return load(options.path, how);
}

}  // namespace

void add_model_options(CLI::App& app, ModelOptions& options, ModelFile file) {
  CLI::Option* model = nullptr;
  if (file != ModelFile::several) {
    model = app.add_option("MODEL", options.path, "Model file; its format is recognised by content");
    model->required(file == ModelFile::required);
  }
  const std::string group = "How to read the model";
  app.add_option("--arch", options.architecture,
                 "Architecture: PyTorch's printed form or code, Keras code or JSON, or an nn.Module class")
      ->type_name("TEXT|@FILE")
      ->group(group);
  app.add_option("--input-shape", options.input_shape, "Shape of one row where the model leaves it open: 784, 28x28")
      ->type_name("SHAPE")
      ->group(group);
  app.add_option("--prefix", options.prefix, "Only tensors whose name starts so: actor.")
      ->type_name("TEXT")
      ->group(group);
  app.add_option("--map", options.map, "Layers and the tensors they take: 0=fc1,3=fc2")
      ->allow_extra_args(false)
      ->type_name("LAYER=NAME,...")
      ->group(group);
  app.add_flag("--allow-unused", options.allow_unused, "Tensors that no layer takes become notes")->group(group);
  app.add_option("--output-name", options.output_name, "Which output of an ONNX file that has several")
      ->type_name("N")
      ->group(group);
  app.add_flag("--external-data", options.external_data, "Weights of an ONNX file may lie in files beside it")
      ->group(group);
  app.add_option("--keras", options.keras, "Keras version, for Keras code where 2 and 3 differ")
      ->check(CLI::IsMember({2, 3}))
      ->type_name("2|3")
      ->group(group);
  app.add_option("--arg", options.arguments,
                 "Argument of __init__ of class text, or all from a config.json; may be repeated")
      ->allow_extra_args(false)
      ->check(CLI::Validator([](std::string& text) { return text.empty() ? "expected NAME=VALUE or @FILE" : ""; }, ""))
      ->type_name("NAME=VALUE|@FILE")
      ->group(group);
  if (file != ModelFile::optional) return;
  app.add_option("--seed", options.seed, "Draws the weights where MODEL is left out (default 0)")
      ->type_name("N")
      ->excludes(model)
      ->group(group);
}

Model load_model(const ModelOptions& options) {
  Model model = options.path.empty() ? draw_model(options) : read_model(options);
  if (!options.input_shape.empty()) model.set_input_shape(parse_shape(options.input_shape));
  return model;
}

CompileOptions compile_options(int threads) {
  CompileOptions how;
  how.threads = threads;
  return how;
}

}  // namespace lamina::tools
