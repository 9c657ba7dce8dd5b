// Facts as text, to the last bit: what two of them are compared by, and what a person reads of one that differs.
#pragma once

#include <string>
#include <vector>

#include "model/fact_sink.h"

namespace mailtrail::conformance {

// Every member of the fact that is not absent, as ` NAME=VALUE`; parts of a journey on lines of their own. Bytes that
// are not printable ASCII are shown as \xNN, numbers with a fraction bit by bit (hexadecimal).
std::string text_of(const model::fact::Journey& journey);
std::string text_of(const model::fact::Delivery& delivery);
std::string text_of(const model::fact::Rejection& rejection);
std::string text_of(const model::fact::Login& login);
std::string text_of(const model::fact::Session& session);
std::string text_of(const model::fact::TlsSession& session);
std::string text_of(const model::fact::Notice& notice);
std::string text_of(const model::fact::Policy& policy);
std::string text_of(const model::fact::Gap& gap);

// The text, printable.
std::string printable(std::string_view text);

// Takes facts and keeps their texts, each kind by itself in the order of telling.
class FactTexts : public model::FactSink {
 public:
  struct Kind {
    std::string name;
    std::vector<std::string> texts;
  };

  void on_journey(const model::fact::Journey& journey) override { add(0, text_of(journey)); }
  void on_delivery(const model::fact::Delivery& delivery) override { add(1, text_of(delivery)); }
  void on_rejection(const model::fact::Rejection& rejection) override { add(2, text_of(rejection)); }
  void on_login(const model::fact::Login& login) override { add(3, text_of(login)); }
  void on_session(const model::fact::Session& session) override { add(4, text_of(session)); }
  void on_tls(const model::fact::TlsSession& session) override { add(5, text_of(session)); }
  void on_notice(const model::fact::Notice& notice) override { add(6, text_of(notice)); }
  void on_policy(const model::fact::Policy& policy) override { add(7, text_of(policy)); }
  void on_gap(const model::fact::Gap& gap) override { add(8, text_of(gap)); }

  const std::vector<Kind>& kinds() const { return kinds_; }
  // All of them, one a line.
  std::string joined() const;

 private:
  void add(std::size_t kind, std::string text) { kinds_[kind].texts.push_back(std::move(text)); }

  std::vector<Kind> kinds_ = {{"journey", {}}, {"delivery", {}}, {"rejection", {}}, {"login", {}}, {"session", {}},
                              {"tls", {}},     {"notice", {}},   {"policy", {}},    {"gap", {}}};
};

}  // namespace mailtrail::conformance
