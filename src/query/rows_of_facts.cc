#include "query/rows_of_facts.h"

#include <utility>

namespace mailtrail::query {

RowsOfFacts::RowsOfFacts(const Plan& plan, Per per, std::function<void(const Row&)> out)
    : plan_(plan), per_(per), out_(std::move(out)) {}

void RowsOfFacts::offer(const Row& row) {
  if (matches(plan_, row)) out_(row);
}

void RowsOfFacts::on_journey(const model::fact::Journey& journey) {
  Row row;
  row.per = per_;
  row.journey = &journey;
  switch (per_) {
    case Per::kAttempt:
      for (const model::fact::Delivery& delivery : journey.deliveries) {
        row.delivery = &delivery;
        offer(row);
      }
      break;
    case Per::kRecipient:
      for (const model::fact::Recipient& recipient : journey.recipients) {
        row.recipient = &recipient;
        offer(row);
      }
      break;
    case Per::kMessage:
      for (const model::fact::Message& message : journey.messages) {
        row.message = &message;
        offer(row);
      }
      break;
    case Per::kJourney:
      offer(row);
      break;
    case Per::kRejection:
    case Per::kLogin:
    case Per::kEvent:
      break;
  }
}

void RowsOfFacts::on_rejection(const model::fact::Rejection& rejection) {
  if (per_ != Per::kRejection) return;
  Row row;
  row.per = per_;
  row.rejection = &rejection;
  offer(row);
}

void RowsOfFacts::on_login(const model::fact::Login& login) {
  if (per_ != Per::kLogin) return;
  Row row;
  row.per = per_;
  row.login = &login;
  offer(row);
}

}  // namespace mailtrail::query
