// The text of nn.Module classes -> Network, or an error at the line that is no straight line.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture_reading.hpp"

using namespace lamina;
using namespace lamina::test;
using Lines = std::vector<std::string>;

namespace {

std::string net(const std::string& forward) {
  return "class Net(nn.Module):\n"
         "    def __init__(self, hidden=4):\n"
         "        super().__init__()\n"
         "        self.fc1 = nn.Linear(3, hidden * 2)\n"
         "        self.act = nn.Tanh()\n"
         "        self.fc2 = nn.Linear(8, 2)\n"
         "    def forward(self, x):\n" +
         forward;
}

Errc refused(const std::string& line) { return error_of(net("        " + line + "\n        return x\n")).code(); }

}  // namespace

TEST_CASE("calls may be nested, chained and in several variables") {
  const Lines expected = {"fc1: Linear(in_features=3, out_features=8, bias=True)", "act: Tanh()",
                          "fc2: Linear(in_features=8, out_features=2, bias=True)", "relu: ReLU()",
                          "softmax: Softmax(dim=1)"};
  for (const char* forward :
       {"        return F.softmax(F.relu(self.fc2(self.act(self.fc1(x)))), dim=1)\n",
        "        h = self.act(self.fc1(x))\n        y = self.fc2(h).relu()\n        return y.softmax(1)\n",
        "        x = self.fc1(x); x = self.act(x)\n        x = torch.relu_(self.fc2(x))\n        return "
        "torch.softmax(x, -1 + 2)"}) {
    INFO(forward);
    CHECK(layers_of(parse(net(forward))) == expected);
  }
}

TEST_CASE("flatten, view and reshape keep the batch") {
  const auto first = [](const std::string& line) {
    return ops_of(parse(net("        " + line + "\n        return self.fc1(x)\n"))).at(0);
  };
  CHECK(first("x = torch.flatten(x, 1)") == "Flatten(start_dim=1, end_dim=-1)");
  CHECK(first("x = x.flatten(start_dim=1)") == "Flatten(start_dim=1, end_dim=-1)");
  CHECK(first("x = x.view(x.size(0), -1)") == "Flatten(start_dim=1, end_dim=-1)");
  CHECK(first("x = x.reshape(x.shape[0], -1)") == "Flatten(start_dim=1, end_dim=-1)");
  CHECK(first("n = len(x)\n        x = x.view(n, -1)") == "Flatten(start_dim=1, end_dim=-1)");
  CHECK(first("x = x.view(-1, 28 * 28)") == "Reshape(target=(784,))");
  CHECK(first("x = torch.reshape(x, (-1, 3))") == "Reshape(target=(3,))");
  CHECK(refused("x = x.view(-1)") == Errc::unsupported_feature);
  CHECK(refused("x = x.view(5, 3)") == Errc::unsupported_feature);
  CHECK(refused("x = x.view(-1, -1)") == Errc::malformed);
  CHECK(refused("x = torch.flatten(x)") == Errc::unsupported_feature);
}

TEST_CASE("a module without weights may be used twice, one with weights may not") {
  const model::Network network =
      parse(net("        x = self.act(self.fc1(x))\n        return self.act(self.fc2(x))\n"));
  REQUIRE(network.layers.size() == 4);
  CHECK(network.layers[3].functional);
  CHECK(network.layers[3].name == "act_1");
  CHECK(model::torch_repr(network) ==
        "Net(\n  (fc1): Linear(in_features=3, out_features=8, bias=True)\n  (act): Tanh()\n"
        "  (fc2): Linear(in_features=8, out_features=2, bias=True)\n)");
  CHECK(refused("x = self.fc2(self.fc2(x))") == Errc::unsupported_feature);
}

TEST_CASE("dropout as a function must say that it is for training") {
  const std::string forward = "        return F.dropout(self.fc1(x), p=0.3, training=self.training)\n";
  CHECK(ops_of(parse(net(forward))).at(1) == "Dropout(p=0.3, inplace=False)");
  CHECK(refused("x = F.dropout(x)") == Errc::unsupported_feature);
  CHECK(refused("x = F.dropout(x, training=True)") == Errc::unsupported_feature);
}

TEST_CASE("arguments come from the line, then the caller, then the signature") {
  const auto features = [](const std::string& line, const ArchitectureOptions& options = {}) {
    return ops_of(parse(net("        return self.fc1(x)\n") + line, options)).at(0);
  };
  CHECK(features("") == "Linear(in_features=3, out_features=8, bias=True)");
  CHECK(features("n = Net(hidden=5)") == "Linear(in_features=3, out_features=10, bias=True)");
  CHECK(features("h = 6\nn = Net(h)") == "Linear(in_features=3, out_features=12, bias=True)");
  CHECK(features("", {.arguments = {{"hidden", "7"}}}) == "Linear(in_features=3, out_features=14, bias=True)");
  const Error unused = error_of(net("        return self.fc1(x)\n"), {.arguments = {{"hiden", "7"}}});
  CHECK(unused.code() == Errc::invalid_argument);
  CHECK(says(unused, "'hiden'"));
  CHECK(error_of(net("        return self.fc1(x)\n") + "n = Net(5, 6)").code() == Errc::malformed);
  CHECK(error_of(net("        return self.fc1(x)\n"), {.arguments = {{"hidden", "abc"}}}).code() ==
        Errc::unsupported_feature);
}

TEST_CASE("a Sequential inside, other methods, annotations and unused modules are fine") {
  const model::Network network = parse(R"(
class Net(torch.nn.Module):
    """A network."""

    def __init__(self, a: int = 3, b: Optional[int] = None, act=F.relu) -> None:
        super(Net, self).__init__()
        self.size = a * 2
        self.body = nn.Sequential(nn.Linear(a, self.size), nn.BatchNorm1d(self.size), nn.ReLU(inplace=True))
        self.f = act
        self.spare = nn.Linear(1, 1)

    def predict(self, x):
        if x > 0:
            return [y for y in x]
        return 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # straight
        return self.f(self.body(x.contiguous()))

net = Net()
net.load_state_dict(torch.load("net.pt"))
)");
  CHECK(layers_of(network) ==
        Lines{"body.0: Linear(in_features=3, out_features=6, bias=True)",
              "body.1: BatchNorm1d(6, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
              "body.2: ReLU(inplace=True)", "relu: ReLU()"});
  REQUIRE(network.notes.size() == 1);
  CHECK(network.notes[0].find("'spare'") != std::string::npos);
}

TEST_CASE("anything but a straight line is refused at its place") {
  for (const char* line :
       {"x = x + self.fc1(x)", "if x is None: return x", "for i in x: pass", "print(x)", "x, y = x", "x += 1",
        "y = self.fc1(x)\n        x = self.fc2(x)", "assert x", "self.h = x", "x = x[0]", "x = [x]"}) {
    INFO(line);
    const Error error = error_of(net(std::string("        ") + line + "\n        return x\n"));
    CHECK((error.code() == Errc::unsupported_feature || error.code() == Errc::malformed));
    CHECK(says(error, "line "));
    CHECK_FALSE(error.excerpt().empty());
  }
  CHECK(refused("x = self.fc3(x)") == Errc::malformed);
  CHECK(refused("x = y") == Errc::malformed);
  CHECK(refused("x = F.conv1d(x, 3)") == Errc::unsupported_layer);
  CHECK(refused("x = helper(x)") == Errc::unsupported_layer);
  CHECK(refused("x = self.act(x, 3)") == Errc::unsupported_feature);
  CHECK(error_of(net("        x = self.fc1(x)\n")).code() == Errc::malformed);
  CHECK(error_of("class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n").code() ==
        Errc::malformed);
  CHECK(error_of("class Net(keras.Model):\n    pass\n").code() == Errc::unsupported_feature);
  CHECK(error_of("class Net(nn.Module):\n    def __init__(self):\n        for i in range(3):\n            pass\n")
            .code() == Errc::unsupported_feature);
}
