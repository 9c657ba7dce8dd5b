// Searches: any bytes. What is understood has a normal form that means the same, and can be asked of every kind of row.
// SEEDS: search
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "query/plan.h"
#include "query/row.h"
#include "tests/unit/query/sample_journey.h"

namespace {

using namespace mailtrail;
using namespace mailtrail::query;

void check(bool holds) {
  if (!holds) std::abort();
}

Row row_of(Per per, const SampleJourney& sample, const model::fact::Rejection& rejection,
           const model::fact::Login& login, const model::Event& event) {
  Row row;
  row.per = per;
  row.journey = &sample.journey;
  row.delivery = &sample.deliveries[1];
  row.recipient = &sample.recipients[1];
  row.message = &sample.messages[1];
  row.rejection = &rejection;
  row.login = &login;
  row.event = &event;
  return row;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const TimeContext context{*parse_timestamp("2026-11-24T12:00:00+01:00", 0), 60};
  const Result<Plan> plan = parse_search(text, context);
  if (!plan.ok()) {
    check(!plan.error().what.empty());
    check(is_utf8(plan.error().to_string()));
    return 0;
  }
  const std::string normal = to_text(*plan);
  // Quotes and full time stamps make it longer, perhaps too long to be read again.
  if (normal.size() <= kMaxSearchLength) {
    const Result<Plan> again = parse_search(normal, TimeContext{});
    check(again.ok() && *again == *plan && to_text(*again) == normal);
  }
  check(required_text(*plan).value_or("x") != "");

  static const SampleJourney sample;
  static const model::fact::Rejection rejection;
  static const model::fact::Login login;
  static const model::event::Delivery body = sample.deliveries[1].event;
  model::Event event;
  event.kind = model::Kind::kDelivery;
  event.body = &body;
  for (int i = 0; i < 7; ++i) {
    const Row row = row_of(static_cast<Per>(i), sample, rejection, login, event);
    Plan opposite = *plan;
    opposite.since.reset(), opposite.until.reset();
    const bool found = matches(opposite, row);
    // Of what is one thing only, a condition or its opposite holds.
    if (row.per == Per::kMessage || row.per == Per::kJourney) continue;
    Expr inner = opposite.where;
    opposite.where = Expr{Expr::Op::kNot, {}, {std::move(inner)}};
    check(matches(opposite, row) != found);
  }
  return 0;
}
