// Every fact, whole, as a line of text, in the order in which facts are told.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "model/fact_columns.h"
#include "model/fact_sink.h"

namespace mailtrail::trace {

class FactText : public model::FactSink {
 public:
  std::vector<std::string> lines;

  void on_journey(const model::fact::Journey& journey) override {
    begin("journey", journey);
    for (const auto& one : journey.messages) part("message", one);
    for (const auto& one : journey.deliveries) part("delivery", one);
    for (const auto& one : journey.recipients) part("recipient", one);
    for (const auto& one : journey.auth_results) part("auth", one);
    for (const auto& one : journey.verdicts) part("verdict", one);
    (*this)("queue_ids", journey.queue_ids);
    (*this)("hosts", journey.hosts);
  }
  void on_delivery(const model::fact::Delivery& fact) override {
    begin("delivery", fact);
    for (const model::Text text : {fact.host, fact.queue_id, fact.sender, fact.message_id, fact.client_name,
                                   fact.client_ip, fact.sasl_user, fact.subject}) {
      (*this)("of_message", text);
    }
  }
  void on_rejection(const model::fact::Rejection& fact) override { begin("rejection", fact); }
  void on_login(const model::fact::Login& fact) override { begin("login", fact); }
  void on_session(const model::fact::Session& fact) override { begin("session", fact); }
  void on_tls(const model::fact::TlsSession& fact) override { begin("tls", fact); }
  void on_notice(const model::fact::Notice& fact) override { begin("notice", fact); }
  void on_policy(const model::fact::Policy& fact) override { begin("policy", fact); }
  void on_gap(const model::fact::Gap& fact) override { begin("gap", fact); }

  // A column.
  template <class T>
  void operator()(std::string_view name, const T& value, model::fact::Role = model::fact::Role::kPlain) {
    lines.back().append(" ").append(name).append("=");
    write(value);
  }

 private:
  template <class Fact>
  void begin(std::string_view kind, const Fact& fact) {
    lines.emplace_back(kind);
    model::fact::columns(fact, *this);
  }
  template <class Fact>
  void part(std::string_view kind, const Fact& fact) {
    lines.back().append("\n  ").append(kind);
    model::fact::columns(fact, *this);
  }
  template <class T>
  void write(const T& value) {
    std::string& out = lines.back();
    if constexpr (std::is_convertible_v<T, std::string_view>) {
      out.append(std::string_view(value));
    } else if constexpr (std::is_enum_v<T>) {
      out.append(std::to_string(static_cast<int>(value)));
    } else if constexpr (std::is_arithmetic_v<T>) {
      out.append(std::to_string(value));
    } else {
      write_made(value);
    }
  }
  template <class T>
  void write_made(const std::optional<T>& value) {
    if (value) write(*value);
  }
  template <class T>
  void write_made(std::span<const T> list) {
    for (const T& one : list) {
      lines.back().append("|");
      write(one);
    }
  }
  void write_made(const model::LineRef& at) {
    for (const std::uint64_t number : {at.position, at.line, std::uint64_t{at.length}, std::uint64_t{at.source}}) {
      lines.back().append(std::to_string(number)).append(",");
    }
  }
  void write_made(const model::fact::Step& step) {
    write(step.time), write(step.kind), write(step.text), write(step.child_queue_id), write(step.at);
  }
  void write_made(const model::CommandCount& count) { write(count.name), write(count.accepted), write(count.total); }
};

}  // namespace mailtrail::trace
