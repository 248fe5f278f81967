// PyTorch's constructor code and printed form -> Network.
// SPDX-License-Identifier: Apache-2.0
#include "format/architecture_reading.hpp"

using namespace lamina;
using namespace lamina::test;
using Lines = std::vector<std::string>;

TEST_CASE("prefixes, assignment, comments and keywords do not matter") {
  const model::Network network = parse("Sequential(Linear(3, 4), Tanh())");
  for (const char* text :
       {"torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh())",
        "model: nn.Module = nn.Sequential(nn.Linear(in_features=3, out_features=4), nn.Tanh(),)",
        "# a net\nfrom torch import nn\nn = 4\nm = nn.Sequential(nn.Linear(3, n), nn.Tanh())\nm.eval()",
        "import torch.nn as tnn\nm = tnn.Sequential(\\\n  tnn.Linear(3, 2 * 2), tnn.Tanh())  # end",
        "layers = [nn.Linear(3, 4), nn.Tanh()]\nnet = nn.Sequential(*layers).to(device)",
        "\xEF\xBB\xBF  nn.Sequential(nn.Linear(3, 8 // 2, bias=True, device=None), nn.Tanh())\r\n"}) {
    INFO(text);
    CHECK(parse(text) == network);
  }
}

TEST_CASE("OrderedDict and add_module give the layers their names") {
  const Lines expected = {"fc1: Linear(in_features=3, out_features=4, bias=False)", "act: GELU(approximate='tanh')"};
  CHECK(layers_of(parse("nn.Sequential(OrderedDict([('fc1', nn.Linear(3, 4, False)), (\"act\", nn.GELU('tanh'))]))")) ==
        expected);
  CHECK(layers_of(parse("m = nn.Sequential()\nm.add_module('fc1', nn.Linear(3, 4, bias=False))\n"
                        "m.add_module('act', nn.GELU(approximate='tanh'))\nprint(m)\n")) == expected);
}

TEST_CASE("a Sequential inside another keeps its place") {
  const Lines expected = {"0.0: Linear(in_features=3, out_features=4, bias=True)", "0.1: ReLU()", "1: Sigmoid()"};
  CHECK(layers_of(parse("nn.Sequential(nn.Sequential(nn.Linear(3, 4), nn.ReLU()), nn.Sigmoid())")) == expected);
  CHECK(layers_of(parse("block = nn.Sequential(nn.Linear(3, 4), nn.ReLU())\n"
                        "net = nn.Sequential(block, nn.Sigmoid())\n"
                        "loss = nn.CrossEntropyLoss()\nopt = torch.optim.Adam(net.parameters(), lr=1e-3)\n"
                        "out = net(x)")) == expected);
  CHECK(layers_of(parse("Sequential((0): Sequential((0): Linear(in_features=3, out_features=4, bias=True) (1): ReLU()) "
                        "(1): Sigmoid())")) == expected);
}

TEST_CASE("every printed form of PyTorch's modules is read and printed again") {
  constexpr std::string_view kText = R"(Sequential(
  (0): Linear(in_features=3, out_features=4, bias=False)
  (1): ReLU(inplace=True)
  (2): ReLU6()
  (3): LeakyReLU(negative_slope=0.1, inplace=True)
  (4): RReLU(lower=0.125, upper=0.3333333333333333)
  (5): ELU(alpha=0.3)
  (6): SELU()
  (7): CELU(alpha=2.0)
  (8): GELU(approximate='none')
  (9): Sigmoid()
  (10): Tanh()
  (11): SiLU()
  (12): Mish()
  (13): Softplus(beta=1.0, threshold=20.0)
  (14): Softsign()
  (15): LogSigmoid()
  (16): Hardtanh(min_val=-1.0, max_val=1.0)
  (17): Hardsigmoid()
  (18): Hardswish()
  (19): Hardshrink(0.5)
  (20): Softshrink(0.3)
  (21): Tanhshrink()
  (22): Threshold(threshold=0.1, value=20.0)
  (23): GLU(dim=-1)
  (24): Softmax(dim=None)
  (25): LogSoftmax(dim=-1)
  (26): Softmin(dim=1)
  (27): Softmax2d()
  (28): PReLU(num_parameters=4)
  (29): BatchNorm1d(4, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
  (30): BatchNorm1d(4, eps=0.001, momentum=None, affine=False, track_running_stats=True)
  (31): LayerNorm((2, 4), eps=1e-05, elementwise_affine=False)
  (32): AlphaDropout(p=0.5, inplace=False)
  (33): FeatureAlphaDropout(p=0.5, inplace=True)
  (34): Dropout1d(p=0.1, inplace=False)
  (35): Dropout2d(p=0.1, inplace=False)
  (36): Dropout3d(p=0.1, inplace=False)
  (37): Identity()
  (38): Flatten(start_dim=1, end_dim=-1)
  (block): Sequential(
    (b-c): Tanh()
  )
  (empty): Sequential()
))";
  CHECK(model::torch_repr(parse(kText)) == kText);
}

TEST_CASE("names that lamina prints for what PyTorch lacks are read back") {
  constexpr std::string_view kText = R"(Sequential(
  (0): KerasReLU(max_value=6.0, negative_slope=0.1, threshold=1.0)
  (1): KerasReLU(max_value=inf, negative_slope=0.0, threshold=0.5)
  (2): HardSigmoidLinear(alpha=0.2, beta=0.5)
  (3): Sparsemax(dim=-1)
  (4): Softmax(dim=(-2, -1))
  (5): PReLU(alpha_shape=(3, 1))
  (6): BatchNorm1d(4, eps=0.001, momentum=0.99, scale=False, center=True, track_running_stats=True, axis=-1)
  (7): LayerNorm((4,), eps=0.001, scale=False, center=True)
  (8): Reshape(target=(2, -1))
  (9): Affine(divide=True, shift=(3,), scale=())
  (10): UnitNorm()
  (11): GaussianNoise(p=2.0, inplace=False)
))";
  CHECK(model::torch_repr(parse(kText)) == kText);
}

TEST_CASE("one layer is a network of one layer") {
  CHECK(layers_of(parse("nn.Softmax(dim=1)")) == Lines{"0: Softmax(dim=1)"});
  CHECK(layers_of(parse("Linear(in_features=2, out_features=3, bias=True)")).size() == 1);
}

TEST_CASE("numbers are Python's, and arithmetic on them is done") {
  CHECK(ops_of(parse("h = 1_000\nnn.Sequential(nn.Linear(28 * 28, h // 3 - -(2)), nn.ELU(.5), nn.RReLU(1/8, 1/3))")) ==
        Lines{"Linear(in_features=784, out_features=335, bias=True)", "ELU(alpha=0.5)",
              "RReLU(lower=0.125, upper=0.3333333333333333)"});
  CHECK(error_of("nn.Linear(9223372036854775807 + 1, 2)").code() == Errc::limit_exceeded);
  CHECK(error_of("nn.Linear(99999999999999999999, 2)").code() == Errc::limit_exceeded);
  CHECK(error_of("nn.Linear(3 // 0, 2)").code() == Errc::invalid_argument);
  CHECK(error_of("nn.Linear(3 / 1, 2)").code() == Errc::malformed);
  CHECK(error_of("nn.ELU(1e999)").code() == Errc::malformed);
}
