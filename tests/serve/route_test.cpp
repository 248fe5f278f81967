// Paths and methods of the protocol, and what is none of them.
// SPDX-License-Identifier: Apache-2.0
#include "serve/route.hpp"

#include "serve/model_argument.hpp"
#include "serve/serving.hpp"
#include "support/failure.hpp"

namespace lamina::test {
namespace {

using serve::Resource;
using serve::route_of;

TEST_CASE("the paths of the protocol lead to their resources") {
  CHECK(route_of("GET", "/v2/health/live").resource == Resource::live);
  CHECK(route_of("GET", "/v2/health/ready").resource == Resource::ready);
  CHECK(route_of("GET", "/v2").resource == Resource::server);
  CHECK(route_of("GET", "/v2/").resource == Resource::server);
  CHECK(route_of("HEAD", "/metrics").resource == Resource::metrics);
  CHECK(route_of("GET", "/v2/models/m?x=/y").resource == Resource::model);
  const serve::Route infer = route_of("POST", "/v2/models/m.1/versions/12/infer");
  CHECK(infer.resource == Resource::infer);
  CHECK(infer.model == "m.1");
  CHECK(infer.version == "12");
  CHECK(route_of("GET", "/v2/models/m/ready").version.empty());
  CHECK(route_of("GET", "/v2/models/m/versions/1/ready").resource == Resource::model_ready);
  CHECK(route_of("GET", "/v2/models/m/config").resource == Resource::model_config);
}

TEST_CASE("other paths are not found, and said what there is") {
  for (const char* path :
       {"", "/", "/v1", "/v2/health", "/v2/models", "/v2/models/", "/v2/models//ready", "/v2/models/m/",
        "/v2/models/m/versions/", "/v2/models/m/versions/1/x", "/v2/models/m/x", "/v2/models/m/infer/", "/V2"}) {
    INFO(path);
    CHECK(refusal([&] { (void)route_of("GET", path); }).starts_with("404 path: expected /v2, "));
  }
  const std::string deep = "/" + std::string(10'000, 'x');
  CHECK(refusal([&] { (void)route_of("GET", deep); }).size() < 400);
}

TEST_CASE("a method that a path does not have is refused with those it has") {
  CHECK(refusal([] { (void)route_of("GET", "/v2/models/m/infer"); }) ==
        "405 method: expected POST for '/v2/models/m/infer', got 'GET'");
  CHECK(refusal([] { (void)route_of("POST", "/v2"); }) == "405 method: expected GET, HEAD for '/v2', got 'POST'");
  Serving serving;
  const serve::Reply reply = serving.reply({"DELETE", "/v2/models/m/infer", {}, {}, {}});
  CHECK(reply.status == 405);
  CHECK(reply.headers == std::vector<serve::Header>{{"Allow", "POST"}});
}

TEST_CASE("a MODEL argument has a name and a version where they are said") {
  const auto read = [](const char* text) {
    const serve::ModelArgument model = serve::parse_model_argument(text);
    return model.name + " " + std::to_string(model.version) + " " + model.path;
  };
  CHECK(read("folder/digits.onnx") == "digits 1 folder/digits.onnx");
  CHECK(read("m=a/b.pt") == "m 1 a/b.pt");
  CHECK(read("m:7=a=b.pt") == "m 7 a=b.pt");
  CHECK(read("./a=b/c.pt") == "c 1 ./a=b/c.pt");
  const auto refused = [](const char* text) { return failure([&] { (void)serve::parse_model_argument(text); }); };
  CHECK(refused("m=") == "invalid_argument: MODEL 'm=': expected [NAME[:VERSION]=]PATH");
  CHECK(refused("m:0=x") == "invalid_argument: MODEL 'm:0=x': version: expected a whole number from 1 on, got '0'");
  CHECK(refused("a b.pt").ends_with("got 'a b': say NAME=PATH"));
  CHECK(refused("=x").starts_with("invalid_argument: MODEL '=x': name"));
}

}  // namespace
}  // namespace lamina::test
