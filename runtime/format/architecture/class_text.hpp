// The text of an nn.Module class whose forward() is a straight line -> Network.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format/architecture/program.hpp"
#include "format/architecture/torch_layers.hpp"

#include <string>
#include <utility>
#include <vector>

namespace lamina::format::architecture {

/// What __init__ leaves behind.
struct ModuleClass {
  std::string name;
  std::vector<std::pair<std::string, model::Op>> modules;  // self.fc1, in order
  Scope scope;                                             // numbers and the like: "self.hidden"
  std::size_t forward = 0;                                 // position of its '('
};

/// `call` makes the object: PyTorchCustomModel(784, 10). Arguments that it does not give come from the caller's, then
/// from the signature's defaults.
[[nodiscard]] model::Network parse_class(Cursor& cursor, const TorchContext& context, Scope& scope,
                                         const Program& program, const Value& call);

/// Reads the class whose name is at the cursor.
[[nodiscard]] ModuleClass read_module_class(Cursor& cursor, const TorchContext& context, const Scope& globals,
                                            const Value& call);
/// Follows forward() from the class's input to what it returns.
[[nodiscard]] model::Network follow_forward(Cursor& cursor, const TorchContext& context, ModuleClass& module);

struct Parameter {
  std::string name;
  std::size_t at = 0;
  std::size_t fallback = 0;  // position of the default's tokens; 0: none
};
/// `(self, x: Tensor = 3) -> Tensor:`, from the '(' to the body, self left out. Throws for * and **.
[[nodiscard]] std::vector<Parameter> read_signature(Cursor& cursor);

/// The statements of a function: an indented block, or the rest of the line.
class Block {
 public:
  explicit Block(Cursor& cursor);
  /// Moves to the next statement; false at the end. Blank lines, pass and strings are passed over.
  [[nodiscard]] bool next_statement();

 private:
  Cursor& cursor_;
  bool indented_ = false;
};

}  // namespace lamina::format::architecture
