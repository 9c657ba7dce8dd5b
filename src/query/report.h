// ReportBuilder: facts as they stream by, to a report.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "model/fact_sink.h"
#include "query/report_figures.h"

namespace mailtrail::query {

// Why a recipient was not reached, as the rules that explain replies say it.
struct Reason {
  std::string title;  // what a person reads, `mailbox unknown`; reasons with one title are one group
  std::string shape;  // the reply with what varies folded; wordings of one shape are one example
  std::string actor;  // who must act; empty where that is not known
};

struct ReportOptions {
  TimeZone zone;  // of the days and hours of the volume, and of all times shown
  // Asked for recipients that bounced, expired or are deferred. What it gives MUST follow from the reply, the codes,
  // the relay, the mailer, the status and the outcome, and be the same whatever the recipient's address: answers are
  // kept and used again. Where absent, the status code is the title.
  std::function<Reason(const model::fact::Recipient&)> reason;
  // Folds what varies in the text of a notice. Where absent, fold_notice.
  std::function<std::string(std::string_view)> shape;
  std::size_t bound = 50'000;  // different keys of a list that are counted exactly; 100 to 60,000
  std::size_t rows = 50;       // rows of each list of the report
  bool own_thread = false;     // counts keys on a thread of its own beside the caller's; the report is the same
};

// `text` with its numbers as `N`, network addresses as `IP`, mail addresses as `ADDRESS`, a host before its address as
// `HOST`, long ids as `ID`, the made-up last part of a path as `FILE`; at most 400 bytes of it.
std::string fold_notice(std::string_view text);

// Give it every fact of the tracer, `on_lines` at most once, then `finish` once. Memory is bounded by `bound` (about 50
// MB at 50,000), whatever comes. Facts without a time (0) count, but not in the volume. Not thread-safe.
class ReportBuilder : public model::FactSink {
 public:
  explicit ReportBuilder(ReportOptions options = {});
  ~ReportBuilder() override;
  ReportBuilder(const ReportBuilder&) = delete;
  ReportBuilder& operator=(const ReportBuilder&) = delete;

  void on_journey(const model::fact::Journey& journey) override;
  void on_delivery(const model::fact::Delivery& delivery) override;
  void on_rejection(const model::fact::Rejection& rejection) override;
  void on_login(const model::fact::Login& login) override;
  void on_session(const model::fact::Session& session) override;
  void on_tls(const model::fact::TlsSession& session) override;
  void on_notice(const model::fact::Notice& notice) override;
  void on_policy(const model::fact::Policy& policy) override;
  void on_gap(const model::fact::Gap& gap) override;
  void on_lines(const LineStats& lines);

  Report finish();
  // Memory of its lists, in bytes.
  std::size_t bytes();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mailtrail::query
