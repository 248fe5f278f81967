// JSON of an inference request -> InferRequest, read in one pass: its numbers never become a tree.
// SPDX-License-Identifier: Apache-2.0
#include "serve/infer_json.hpp"

#include "serve/infer_parameters.hpp"
#include "serve/json_scalar.hpp"
#include "serve/reply.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace lamina::serve {
namespace {

constexpr std::size_t kMostNesting = 32;
constexpr std::size_t kMostTensors = 64;  // named in one request
constexpr std::size_t kMostMembers = 64;  // of one object

/// Where the parser is: what the innermost open object or array means.
enum class Place {
  request,
  request_parameters,
  inputs,
  input,
  input_parameters,
  shape,
  data,
  outputs,
  output,
  output_parameters,
  aside,  // unknown to the protocol
};

struct Member {
  Place of;
  std::string_view name;
  Place opens;
  bool array;
};

constexpr Member kMembers[] = {
    {Place::request, "parameters", Place::request_parameters, false},
    {Place::request, "inputs", Place::inputs, true},
    {Place::request, "outputs", Place::outputs, true},
    {Place::input, "parameters", Place::input_parameters, false},
    {Place::input, "shape", Place::shape, true},
    {Place::input, "data", Place::data, true},
    {Place::output, "parameters", Place::output_parameters, false},
};

const Member* member_of(Place of, std::string_view name) {
  const auto* found = std::find_if(std::begin(kMembers), std::end(kMembers),
                                   [&](const Member& member) { return member.of == of && member.name == name; });
  return found == std::end(kMembers) ? nullptr : found;
}

bool is_text_member(Place place, std::string_view name) {
  if (place == Place::request) return name == "id";
  return (place == Place::input || place == Place::output) &&
         (name == "name" || (place == Place::input && name == "datatype"));
}

/// The interface that nlohmann's SAX parser calls.
class Reader {
 public:
  using Json = nlohmann::json;

  Reader(InferRequest& request, std::size_t most_numbers) : request_(request), most_numbers_(most_numbers) {}

  bool null() { return scalar(JsonScalar{}); }
  bool boolean(bool value) { return scalar(JsonScalar{value}); }
  bool number_integer(std::int64_t value) {
    if (at(Place::data)) return tensor().number(data_place_, value), true;
    return scalar(JsonScalar{value});
  }
  bool number_unsigned(std::uint64_t value) {
    if (at(Place::data)) return tensor().number(data_place_, value), true;
    return scalar(JsonScalar{value});
  }
  bool number_float(double value, const std::string& text) {
    if (at(Place::data)) return tensor().number(data_place_, text, value), true;
    return scalar(JsonScalar{value});
  }
  bool string(const std::string& value) { return scalar(JsonScalar{std::string_view(value)}); }
  bool binary(Json::binary_t&) { return false; }  // not in JSON text

  bool start_object(std::size_t) {
    open(false);
    names_.emplace_back();
    return true;
  }
  bool key(const std::string& name) {
    name_ = name;
    std::set<std::string>& names = names_.back();
    if (!names.insert(name).second) refuse(path(), "each member once", in_quotes(name) + " twice");
    if (names.size() > kMostMembers) refuse(path(), "at most " + std::to_string(kMostMembers) + " members", "more");
    return true;
  }
  bool end_object() {
    names_.pop_back();
    places_.pop_back();
    return true;
  }
  bool start_array(std::size_t) {
    open(true);
    return true;
  }
  bool end_array() {
    if (at(Place::data)) tensor().end_array(data_place_);
    places_.pop_back();
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) {
    refuse("request body", "JSON", "something else at byte " + std::to_string(position));
  }

 private:
  [[nodiscard]] bool at(Place place) const { return !places_.empty() && places_.back() == place; }
  TensorData& tensor() { return *request_.inputs.back().data; }

  /// Of what is open, for messages: "inputs[0].shape".
  [[nodiscard]] std::string path() const;
  /// Of the value that comes: "inputs[0].datatype".
  [[nodiscard]] std::string value_path() const;

  void open(bool array);
  [[nodiscard]] Place place_of_opened(bool array);
  void begin(Place place);
  bool scalar(const JsonScalar& value);
  void text_member(std::string_view value);
  void dimension(const JsonScalar& value);

  InferRequest& request_;
  const std::size_t most_numbers_;
  std::vector<Place> places_;
  std::vector<std::set<std::string>> names_;  // of the members of each open object
  std::string name_;                          // of the member whose value comes
  std::string data_place_;
};

std::string Reader::path() const {
  std::string path;
  for (const Place place : places_) {
    if (place == Place::input) path = "inputs[" + std::to_string(request_.inputs.size() - 1) + "]";
    if (place == Place::output) path = "outputs[" + std::to_string(request_.outputs.size() - 1) + "]";
    if (place == Place::inputs) path = "inputs";
    if (place == Place::outputs) path = "outputs";
    for (const Member& member : kMembers) {
      if (member.opens == place && member.of != Place::request) path += "." + std::string(member.name);
    }
    if (place == Place::request_parameters) path = "parameters";
  }
  return path.empty() ? "request body" : path;
}

std::string Reader::value_path() const {
  const Place in = places_.back();
  if (in == Place::inputs || in == Place::outputs || in == Place::shape || in == Place::data) return path();
  return places_.size() == 1 ? name_.substr(0, 100) : path() + "." + name_.substr(0, 100);
}

void Reader::open(bool array) {
  if (places_.size() == kMostNesting) refuse("request body", "at most 32 levels of nesting", "more");
  const Place place = place_of_opened(array);
  places_.push_back(place);
  begin(place);
}

Place Reader::place_of_opened(bool array) {
  const std::string got = array ? "an array" : "an object";
  if (places_.empty()) {
    if (array) refuse("request body", "an object", got);
    return Place::request;
  }
  const Place in = places_.back();
  if (in == Place::aside) return in;
  if (in == Place::data && array) return in;
  if (in == Place::data || in == Place::shape) refuse(path(), "numbers", got);
  if (in == Place::inputs || in == Place::outputs) {
    if (array) refuse(path(), "objects", got);
    return in == Place::inputs ? Place::input : Place::output;
  }
  if (is_text_member(in, name_)) refuse(value_path(), "a string", got);
  const Member* member = member_of(in, name_);
  if (member == nullptr) return Place::aside;
  if (member->array != array) refuse(value_path(), member->array ? "an array" : "an object", got);
  return member->opens;
}

void Reader::begin(Place place) {
  const auto check = [](std::size_t tensors) {
    if (tensors > kMostTensors) refuse("request body", "at most " + std::to_string(kMostTensors) + " tensors", "more");
  };
  if (place == Place::input) {
    request_.inputs.emplace_back();
    check(request_.inputs.size());
  } else if (place == Place::output) {
    request_.outputs.emplace_back();
    check(request_.outputs.size());
  } else if (place == Place::shape) {
    request_.inputs.back().shape.emplace();
  } else if (place == Place::data) {
    if (!request_.inputs.back().data) {
      request_.inputs.back().data.emplace(most_numbers_);
      data_place_ = path();
    }
    tensor().begin_array(data_place_);
  }
}

bool Reader::scalar(const JsonScalar& value) {
  if (places_.empty()) refuse("request body", "an object", to_string(value));
  switch (places_.back()) {
    case Place::data:
      refuse(data_place_, "numbers", to_string(value));
    case Place::shape:
      dimension(value);
      return true;
    case Place::inputs:
    case Place::outputs:
      refuse(path(), "objects", to_string(value));
    case Place::request_parameters:
      request_parameter(request_, name_, value);
      return true;
    case Place::input_parameters:
      input_parameter(request_.inputs.back(), name_, value);
      return true;
    case Place::output_parameters:
      output_parameter(request_.outputs.back(), name_, value);
      return true;
    default:
      break;
  }
  if (is_text_member(places_.back(), name_)) {
    const auto* text = std::get_if<std::string_view>(&value);
    if (text == nullptr) refuse(value_path(), "a string", to_string(value));
    text_member(*text);
  } else if (const Member* member = member_of(places_.back(), name_)) {
    refuse(value_path(), member->array ? "an array" : "an object", to_string(value));
  }
  return true;
}

void Reader::text_member(std::string_view value) {
  if (at(Place::request)) {
    request_.id = value;
  } else if (at(Place::output)) {
    request_.outputs.back().name = value;
  } else {
    (name_ == "name" ? request_.inputs.back().name : request_.inputs.back().datatype) = value;
  }
}

void Reader::dimension(const JsonScalar& value) {
  std::vector<std::int64_t>& shape = *request_.inputs.back().shape;
  const std::optional<std::uint64_t> size = whole_number(value);
  if (!size || *size > std::uint64_t{INT64_MAX}) refuse(path(), "whole numbers from 0 on", to_string(value));
  if (shape.size() > TensorData::kMostDimensions) refuse(path(), "at most 9 dimensions", "more");
  shape.push_back(static_cast<std::int64_t>(*size));
}

}  // namespace

InferRequest read_infer_json(std::string_view json, std::size_t most_numbers) {
  InferRequest request;
  Reader reader(request, most_numbers);
  nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
  return request;
}

}  // namespace lamina::serve
