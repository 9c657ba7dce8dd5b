#include "model/fact_copy.h"

#include <type_traits>
#include <vector>

#include "model/fact_columns.h"

namespace mailtrail::model {
namespace {

// Visits the columns of a fact that is a copy, and puts what each points to into the arena.
struct Keeper {
  Arena& arena;

  void keep(Text& text) const { text = arena.store(text); }
  void keep(Texts& texts) const {
    std::vector<Text> copies;
    for (const Text text : texts) copies.push_back(arena.store(text));
    texts = arena.store(copies);
  }
  void keep(std::span<const LineRef>& lines) const {
    lines = arena.store(std::vector<LineRef>(lines.begin(), lines.end()));
  }
  void keep(std::span<const fact::Step>& steps) const {
    std::vector<fact::Step> copies(steps.begin(), steps.end());
    for (fact::Step& step : copies) keep(step.text), keep(step.child_queue_id);
    steps = arena.store(copies);
  }
  void keep(std::span<const CommandCount>& commands) const {
    std::vector<CommandCount> copies(commands.begin(), commands.end());
    for (CommandCount& command : copies) keep(command.name);
    commands = arena.store(copies);
  }
  // What points to nothing is copied by now.
  template <class T>
  requires(std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, LineRef>) void keep(T&) const {}
  template <class T>
  requires std::is_arithmetic_v<T>
  void keep(std::optional<T>&) const {}

  template <class T>
  void operator()(std::string_view, const T& member, fact::Role = fact::Role::kPlain) const {
    keep(const_cast<T&>(member));
  }
};

template <class Fact>
Fact columns_copied(const Fact& fact, Arena& arena) {
  Fact copy = fact;
  fact::columns(copy, Keeper{arena});
  return copy;
}

template <class Fact>
std::span<const Fact> all_copied(std::span<const Fact> facts, Arena& arena) {
  std::vector<Fact> copies;
  copies.reserve(facts.size());
  for (const Fact& fact : facts) copies.push_back(copy_of(fact, arena));
  return arena.store(copies);
}

}  // namespace

fact::Message copy_of(const fact::Message& message, Arena& arena) {
  return columns_copied(message, arena);
}
fact::Delivery copy_of(const fact::Delivery& delivery, Arena& arena) {
  fact::Delivery copy = columns_copied(delivery, arena);
  for (Text* text : {&copy.host, &copy.queue_id, &copy.sender, &copy.message_id, &copy.client_name, &copy.client_ip,
                     &copy.sasl_user, &copy.subject}) {
    *text = arena.store(*text);
  }
  return copy;
}
fact::Recipient copy_of(const fact::Recipient& recipient, Arena& arena) {
  return columns_copied(recipient, arena);
}
fact::AuthResult copy_of(const fact::AuthResult& result, Arena& arena) {
  return columns_copied(result, arena);
}
fact::Verdict copy_of(const fact::Verdict& verdict, Arena& arena) {
  return columns_copied(verdict, arena);
}
fact::Rejection copy_of(const fact::Rejection& rejection, Arena& arena) {
  return columns_copied(rejection, arena);
}
fact::Login copy_of(const fact::Login& login, Arena& arena) {
  return columns_copied(login, arena);
}
fact::Session copy_of(const fact::Session& session, Arena& arena) {
  return columns_copied(session, arena);
}
fact::TlsSession copy_of(const fact::TlsSession& session, Arena& arena) {
  return columns_copied(session, arena);
}
fact::Notice copy_of(const fact::Notice& notice, Arena& arena) {
  return columns_copied(notice, arena);
}
fact::Policy copy_of(const fact::Policy& policy, Arena& arena) {
  return columns_copied(policy, arena);
}
fact::Gap copy_of(const fact::Gap& gap, Arena& arena) {
  return columns_copied(gap, arena);
}

fact::Journey copy_of(const fact::Journey& journey, Arena& arena) {
  fact::Journey copy = columns_copied(journey, arena);
  copy.messages = all_copied(copy.messages, arena);
  copy.deliveries = all_copied(copy.deliveries, arena);
  copy.recipients = all_copied(copy.recipients, arena);
  copy.auth_results = all_copied(copy.auth_results, arena);
  copy.verdicts = all_copied(copy.verdicts, arena);
  const Keeper keeper{arena};
  keeper.keep(copy.queue_ids);
  keeper.keep(copy.hosts);
  return copy;
}

}  // namespace mailtrail::model
